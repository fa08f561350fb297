#include "compiler/quantize/simulate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quaver::compiler {
namespace {

std::vector<float> RealWeights(const QuantizedLayer& layer, ChannelAxis axis) {
  const std::vector<float>& scales = layer.weights_quantization.scale;
  const std::size_t depth = layer.weights.size() / scales.size();
  std::vector<float> values(layer.weights.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = axis == ChannelAxis::kFirst ? i / depth : i % scales.size();
    values[i] = static_cast<float>(layer.weights[i]) * scales[c];
  }
  return values;
}

std::vector<float> RealBias(const QuantizedLayer& layer) {
  std::vector<float> values;
  for (std::size_t c = 0; c < layer.bias.size(); ++c) {
    values.push_back(static_cast<float>(static_cast<double>(layer.bias[c]) *
                                        static_cast<double>(layer.bias_quantization.scale[c])));
  }
  return values;
}

}  // namespace

Graph WithQuantizedLayers(const Graph& graph, const QuantizedLayers& layers) {
  Graph result = graph;
  for (const auto& [index, layer] : layers) {
    const ChannelAxis axis = *WeightsAxis(graph.nodes[index]);
    // New tensors: the constants may be shared with other nodes.
    const auto set = [&, node = index](std::size_t input, const std::vector<float>& values,
                                       std::vector<std::int32_t> shape) {
      Tensor tensor;
      tensor.name = graph.nodes[node].name + (input == 1 ? "/weights" : "/bias");
      tensor.shape = std::move(shape);
      tensor.data = MakeBytes(values);
      const TensorId id = result.AddTensor(std::move(tensor));
      result.nodes[node].inputs.resize(3, kNoTensor);
      result.nodes[node].inputs[input] = id;
    };
    set(1, RealWeights(layer, axis), graph.tensor(graph.nodes[index].inputs[1]).shape);
    if (layer.bias.empty()) continue;
    set(2, RealBias(layer), {static_cast<std::int32_t>(layer.bias.size())});
  }
  return result;
}

FloatExecutor::Observer RoundActivations(const SharedQuantization& shared,
                                         const std::vector<bool>& rounded) {
  return [&](TensorId id, std::vector<float>& values) {
    const auto t = static_cast<std::size_t>(id);
    if (t >= rounded.size() || !rounded[t]) return;
    const float scale = shared.tensors[t].scale[0];
    const auto zero_point = static_cast<float>(shared.tensors[t].zero_point[0]);
    for (float& value : values) {
      const float q = std::round(value / scale) + zero_point;
      value = scale * (std::clamp(q, -128.0F, 127.0F) - zero_point);
    }
  };
}

}  // namespace quaver::compiler
