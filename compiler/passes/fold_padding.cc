#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler {
namespace {

/// Pads height and width, and nothing else, with the real value 0.
bool IsZeroPaddingOfImage(const Graph& graph, const Node& node) {
  const auto* pad = node.As<PadOp>();
  if (pad == nullptr || pad->mode != PadMode::kConstant || pad->value != 0) return false;
  return pad->before.size() == 4 && pad->before[0] == 0 && pad->after[0] == 0 &&
         pad->before[3] == 0 && pad->after[3] == 0 &&
         IdenticalQuantization(graph.tensor(node.inputs[0]), graph.tensor(node.outputs[0]));
}

/// Whether no value of `id` is below 0, so that padding with 0 cannot change a maximum.
bool IsNonNegative(Graph* graph, TensorId id) {
  const Tensor& tensor = graph->tensor(id);
  if (tensor.type == DataType::kInt8) return tensor.quantization.zero_point == std::vector{-128};
  if (tensor.type == DataType::kUInt8) return tensor.quantization.zero_point == std::vector{0};
  const std::int32_t producer = graph->Producer(id);
  if (tensor.type != DataType::kFloat32 || producer < 0) return false;
  const Activation* fused = FusedActivationOf(&graph->nodes[static_cast<std::size_t>(producer)]);
  return fused != nullptr && (*fused == Activation::kRelu || *fused == Activation::kRelu6);
}

Padding2D Sum(const Padding2D& inner, const PadOp& pad) {
  return {inner.top + pad.before[1], inner.left + pad.before[2], inner.bottom + pad.after[1],
          inner.right + pad.after[2]};
}

/// The padding of a reader that can take the Pad's over; null if it cannot.
Padding2D* FoldablePadding(Graph* graph, Node* reader, const Node& pad_node) {
  const PadOp& pad = *pad_node.As<PadOp>();
  if (reader->inputs[0] != pad_node.outputs[0]) return nullptr;
  // Convolutions fill their padding with the input's zero point, which is the real value 0.
  if (auto* conv = reader->As<Conv2DOp>()) return &conv->window.padding;
  if (auto* conv = reader->As<DepthwiseConv2DOp>()) return &conv->window.padding;
  // Pooling leaves padding out. For a maximum that is the same where 0 is the least value, as long
  // as each window sees something else than padding.
  auto* pool = reader->As<Pool2DOp>();
  if (pool == nullptr || pool->kind != PoolKind::kMax) return nullptr;
  const Padding2D sum = Sum(pool->window.padding, pad);
  const bool sees_input = sum.top < pool->filter_h && sum.bottom < pool->filter_h &&
                          sum.left < pool->filter_w && sum.right < pool->filter_w;
  const bool folds = sees_input && IsNonNegative(graph, pad_node.inputs[0]);
  return folds ? &pool->window.padding : nullptr;
}

bool FoldPad(Graph* graph, std::size_t index) {
  const Node pad_node = graph->nodes[index];
  if (!IsZeroPaddingOfImage(*graph, pad_node) || graph->IsOutput(pad_node.outputs[0])) return false;
  std::vector<Padding2D*> paddings;
  const std::vector<std::int32_t> readers = graph->Consumers(pad_node.outputs[0]);
  for (std::int32_t reader : readers) {
    Padding2D* padding =
        FoldablePadding(graph, &graph->nodes[static_cast<std::size_t>(reader)], pad_node);
    if (padding == nullptr) return false;
    paddings.push_back(padding);
  }
  for (Padding2D* padding : paddings) *padding = Sum(*padding, *pad_node.As<PadOp>());
  graph->ReplaceUses(pad_node.outputs[0], pad_node.inputs[0]);
  graph->nodes.erase(graph->nodes.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

}  // namespace

bool FoldPadding(Graph* graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph->nodes.size();) {
    if (FoldPad(graph, i)) {
      changed = true;
    } else {
      ++i;
    }
  }
  return changed;
}

}  // namespace quaver::compiler
