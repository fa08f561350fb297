#include "compiler/quantize/layers.h"

#include <string>
#include <utility>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "compiler/quantize/weight_form.h"

namespace quaver::compiler {
namespace {

const Tensor& FloatConstant(const Graph& graph, const Node& node, TensorId id,
                            const std::string& what) {
  const Tensor& tensor = graph.tensor(id);
  if (!tensor.constant()) {
    throw Error(NodeString(node) + ": " + what + " " + TensorString(graph, id) +
                " are computed by the graph; only constant ones can be quantized");
  }
  return tensor;
}

}  // namespace

std::optional<ChannelAxis> WeightsAxis(const Node& node) {
  if (node.As<DepthwiseConv2DOp>() != nullptr) return ChannelAxis::kLast;
  if (node.As<Conv2DOp>() != nullptr || node.As<FullyConnectedOp>() != nullptr) {
    return ChannelAxis::kFirst;
  }
  return {};
}

FloatLayer FloatLayerOf(const Graph& graph, std::size_t node_index) {
  const Node& node = graph.nodes[node_index];
  const ChannelAxis axis = *WeightsAxis(node);
  const Tensor& weights = FloatConstant(graph, node, node.inputs[1], "weights");
  FloatLayer layer;
  layer.axis = axis;
  layer.channels = static_cast<std::size_t>(axis == ChannelAxis::kFirst ? weights.shape.front()
                                                                        : weights.shape.back());
  layer.weights = weights.As<float>();
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) {
    layer.bias = FloatConstant(graph, node, node.inputs[2], "bias").As<float>();
  }
  return layer;
}

QuantizedLayers QuantizeLayers(const Graph& graph, const SharedQuantization& shared,
                               const SchemeOptions& scheme, const WeightOptions& weights) {
  QuantizedLayers layers;
  const auto scale = [&](TensorId id) {
    return shared.tensors[static_cast<std::size_t>(id)].scale[0];
  };
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (!WeightsAxis(node)) continue;
    const FloatLayer layer = FloatLayerOf(graph, n);
    layers[n] = QuantizeLayer(layer.weights, layer.bias, layer.channels, layer.axis,
                              scale(node.inputs[0]), scale(node.outputs[0]), scheme);
  }
  if (!weights.any()) return layers;
  const std::vector<std::size_t> selected = SelectLayers(graph, weights);
  std::vector<FloatLayer> originals;
  for (std::size_t n : selected) originals.push_back(FloatLayerOf(graph, n));
  std::vector<std::vector<bool>> pruned(selected.size());
  if (weights.prune > 0) pruned = PruneWeights(originals, weights);
  for (std::size_t i = 0; i < selected.size(); ++i) {
    const Node& node = graph.nodes[selected[i]];
    ApplyWeightForm(originals[i], weights.form, std::move(pruned[i]), scale(node.inputs[0]),
                    scale(node.outputs[0]), scheme, &layers[selected[i]]);
  }
  return layers;
}

}  // namespace quaver::compiler
