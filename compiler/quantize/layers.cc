#include "compiler/quantize/layers.h"

#include <string>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"

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
                               const SchemeOptions& scheme) {
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
  return layers;
}

}  // namespace quaver::compiler
