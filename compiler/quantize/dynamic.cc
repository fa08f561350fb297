#include "compiler/quantize/dynamic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/layers.h"
#include "compiler/quantize/scheme.h"
#include "kernels/float_border_dynamic.h"

namespace quaver::compiler {
namespace {

bool IsLinear(const Node& node) { return node.As<FullyConnectedOp>() != nullptr; }

void CheckSupported(const Graph& graph, const Node& node) {
  for (const auto& ids : {node.inputs, node.outputs}) {
    for (TensorId id : ids) {
      if (id == kNoTensor) continue;
      const DataType type = graph.tensor(id).type;
      if (type == DataType::kFloat32 || node.As<ReshapeOp>() != nullptr) continue;
      throw Error(NodeString(node) + ", " + TensorString(graph, id) +
                  ": expected float32; a quantized model needs only: quaver convert");
    }
  }
  if (IsLinear(node)) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    if (weights.shape[1] <= kernels::kMostDynamicDepth) return;
    throw Error(NodeString(node) + ": expected at most " +
                std::to_string(kernels::kMostDynamicDepth) + " weights for each output, found " +
                std::to_string(weights.shape[1]) +
                "; give sample inputs instead: quaver quantize --data SAMPLES");
  }
  if (node.As<ReshapeOp>() != nullptr) return;
  std::string text = NodeString(node) +
                     ": cannot be quantized dynamically; only fully connected layers (with ReLU or "
                     "ReLU6) and reshapes can. Give sample inputs instead: quaver quantize --data "
                     "SAMPLES";
  if (node.As<SoftmaxOp>() != nullptr) {
    text += "; or leave it out: the largest output is the same without it";
  }
  throw Error(text);
}

// Whether all weights are integers, to within rounding, in units of max |w| / 127: a dynamic-range
// .tflite holds them so, with one scale for all. Float weights of a training never are.
bool OnOneGrid(const std::vector<float>& weights) {
  constexpr double kClose = 1e-3;
  double most = 0;
  for (float weight : weights) most = std::max(most, std::abs(static_cast<double>(weight)));
  return most > 0 && std::all_of(weights.begin(), weights.end(), [&](float weight) {
           const double q = static_cast<double>(weight) * 127 / most;
           return std::abs(q - std::round(q)) < kClose;
         });
}

}  // namespace

Graph QuantizeDynamically(const Graph& graph) {
  Graph result = graph;
  RunPasses(&result);
  for (const Node& node : result.nodes) CheckSupported(result, node);
  if (std::none_of(result.nodes.begin(), result.nodes.end(), IsLinear)) {
    throw Error("the network has no fully connected layer: nothing can be quantized dynamically");
  }
  for (std::size_t n = 0; n < result.nodes.size(); ++n) {
    if (!IsLinear(result.nodes[n])) continue;
    const FloatLayer layer = FloatLayerOf(result, n);
    // A copy: adding a tensor moves the graph's.
    Tensor weights = result.tensor(result.nodes[n].inputs[1]);
    SchemeOptions scheme;
    scheme.per_channel_weights = !OnOneGrid(layer.weights);
    const QuantizedLayer quantized =
        QuantizeLayer(layer.weights, {}, layer.channels, layer.axis, 1, 1, scheme);
    weights.type = DataType::kInt8;
    weights.data = MakeBytes(quantized.weights);
    weights.quantization = quantized.weights_quantization;
    result.nodes[n].inputs[1] = result.AddTensor(std::move(weights));
  }
  result.RemoveDead();
  Validate(result);
  return result;
}

}  // namespace quaver::compiler
