#include "compiler/passes/rewrite.h"

#include <algorithm>

namespace quaver::compiler {

bool IdenticalQuantization(const Tensor& a, const Tensor& b) {
  return a.type == b.type && a.quantization.scale == b.quantization.scale &&
         a.quantization.zero_point == b.quantization.zero_point &&
         (!a.quantization.per_channel() || a.quantization.axis == b.quantization.axis);
}

Node* SoleProducer(Graph* graph, TensorId id) {
  const std::int32_t producer = graph->Producer(id);
  if (producer < 0 || graph->IsOutput(id) || graph->Consumers(id).size() != 1) return nullptr;
  return &graph->nodes[static_cast<std::size_t>(producer)];
}

Activation* FusedActivationOf(Node* node) {
  if (auto* conv = node->As<Conv2DOp>()) return &conv->activation;
  if (auto* conv = node->As<DepthwiseConv2DOp>()) return &conv->activation;
  if (auto* layer = node->As<FullyConnectedOp>()) return &layer->activation;
  if (auto* pool = node->As<Pool2DOp>()) return &pool->activation;
  auto* binary = node->As<BinaryOp>();
  // The maximum and the minimum of two tensors have no clamp of their own.
  if (binary == nullptr || binary->kind == BinaryKind::kMaximum ||
      binary->kind == BinaryKind::kMinimum) {
    return nullptr;
  }
  return &binary->activation;
}

bool Bypass(Graph* graph, std::size_t node) {
  const TensorId in = graph->nodes[node].inputs[0];
  const TensorId out = graph->nodes[node].outputs[0];
  if (graph->IsOutput(out)) {
    const std::int32_t producer = graph->Producer(in);
    if (producer < 0 || graph->IsOutput(in)) return false;
    auto& written = graph->nodes[static_cast<std::size_t>(producer)].outputs;
    std::replace(written.begin(), written.end(), in, out);
    graph->ReplaceUses(in, out);
  } else {
    graph->ReplaceUses(out, in);
  }
  graph->nodes.erase(graph->nodes.begin() + static_cast<std::ptrdiff_t>(node));
  return true;
}

}  // namespace quaver::compiler
