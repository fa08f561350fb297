#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "compiler/passes/passes.h"

namespace quaver::compiler {
namespace {

/// [1, KH, KW, O] to [O, KH, KW, 1], elements of `size` bytes.
std::vector<std::uint8_t> ChannelsFirst(const Tensor& weights, std::size_t size) {
  const auto channels = static_cast<std::size_t>(weights.shape[3]);
  const std::vector<std::uint8_t>& from = *weights.data;
  const std::size_t taps = from.size() / (channels * size);
  std::vector<std::uint8_t> to(from.size());
  for (std::size_t i = 0; i < channels * taps; ++i) {
    const std::size_t source = (i % taps * channels + i / taps) * size;
    for (std::size_t b = 0; b < size; ++b) to[i * size + b] = from[source + b];
  }
  return to;
}

Tensor AsConvWeights(const Tensor& depthwise) {
  Tensor weights = depthwise;
  const std::vector<std::int32_t>& shape = depthwise.shape;
  weights.shape = {shape[3], shape[1], shape[2], 1};
  weights.quantization.axis = 0;
  weights.data = std::make_shared<const std::vector<std::uint8_t>>(
      ChannelsFirst(depthwise, DataTypeBytes(depthwise.type)));
  return weights;
}

}  // namespace

bool DepthwiseToConv(Graph* graph) {
  bool changed = false;
  for (Node& node : graph->nodes) {
    const auto* depthwise = node.As<DepthwiseConv2DOp>();
    if (depthwise == nullptr || graph->tensor(node.inputs[0]).shape[3] != 1 ||
        !graph->tensor(node.inputs[1]).constant()) {
      continue;
    }
    node.inputs[1] = graph->AddTensor(AsConvWeights(graph->tensor(node.inputs[1])));
    node.attributes = Conv2DOp{depthwise->window, 1, depthwise->activation};
    changed = true;
  }
  return changed;
}

}  // namespace quaver::compiler
