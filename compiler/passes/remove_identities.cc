#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler {
namespace {

/// Whether a node moves nothing, given that the shapes of its input and output are equal.
struct IdentityVisitor {
  const Node& node;
  const Tensor& input;

  bool operator()(const ReshapeOp&) const { return true; }
  // Between different types, or scales, the caller has seen that quantization is identical.
  bool operator()(const QuantizeOp&) const { return input.type != DataType::kFloat32; }
  bool operator()(const TransposeOp&) const { return false; }  // see TransposeToReshape
  bool operator()(const ConcatOp&) const { return node.inputs.size() == 1; }
  bool operator()(const SplitOp&) const { return node.outputs.size() == 1; }
  bool operator()(const PadOp& pad) const {
    const auto is_zero = [](std::int32_t amount) { return amount == 0; };
    return std::all_of(pad.before.begin(), pad.before.end(), is_zero) &&
           std::all_of(pad.after.begin(), pad.after.end(), is_zero);
  }
  bool operator()(const StridedSliceOp& slice) const {
    for (std::size_t d = 0; d < slice.begin.size(); ++d) {
      if (input.shape[d] > 1 && slice.stride[d] != 1) return false;
    }
    return true;
  }
  template <typename Op>
  bool operator()(const Op&) const {
    return false;
  }
};

bool IsIdentity(const Graph& graph, const Node& node) {
  const Tensor& input = graph.tensor(node.inputs[0]);
  const Tensor& output = graph.tensor(node.outputs[0]);
  return input.shape == output.shape && IdenticalQuantization(input, output) &&
         std::visit(IdentityVisitor{node, input}, node.attributes);
}

/// A transpose that keeps the order of all dimensions of more than one element moves nothing.
bool TransposeToReshape(const Graph& graph, Node* node) {
  const auto* transpose = node->As<TransposeOp>();
  if (transpose == nullptr) return false;
  const auto& shape = graph.tensor(node->inputs[0]).shape;
  std::int32_t last = -1;
  for (std::int32_t d : transpose->permutation) {
    if (shape[static_cast<std::size_t>(d)] == 1) continue;
    if (d < last) return false;
    last = d;
  }
  node->attributes = ReshapeOp{};
  return true;
}

/// A reshaped constant is a constant.
bool FoldConstantReshape(Graph* graph, std::size_t index) {
  const Node& node = graph->nodes[index];
  if (node.As<ReshapeOp>() == nullptr || !graph->tensor(node.inputs[0]).constant()) return false;
  const Tensor& input = graph->tensor(node.inputs[0]);
  Tensor& output = graph->tensor(node.outputs[0]);
  if (input.quantization.per_channel() || !IdenticalQuantization(input, output)) return false;
  output.data = input.data;
  graph->nodes.erase(graph->nodes.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

/// Reshape(Reshape(x)) is a Reshape of x.
bool MergeReshapes(Graph* graph, Node* node) {
  if (node->As<ReshapeOp>() == nullptr) return false;
  const std::int32_t producer = graph->Producer(node->inputs[0]);
  if (producer < 0) return false;
  const Node& first = graph->nodes[static_cast<std::size_t>(producer)];
  if (first.As<ReshapeOp>() == nullptr ||
      !IdenticalQuantization(graph->tensor(first.inputs[0]), graph->tensor(node->outputs[0]))) {
    return false;
  }
  node->inputs[0] = first.inputs[0];
  return true;
}

bool OnlyOnes(const Tensor& tensor) {
  if (!tensor.constant() || tensor.type != DataType::kFloat32) return false;
  const std::vector<float> values = tensor.As<float>();
  return std::all_of(values.begin(), values.end(), [](float x) { return x == 1; });
}

/// A product with ones repeats a tensor (Expand). Where the reader's other operand has the whole
/// shape, the reader repeats it itself.
bool SkipBroadcast(Graph* graph, Node* node) {
  if (node->As<BinaryOp>() == nullptr) return false;
  bool changed = false;
  for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const std::int32_t producer = graph->Producer(node->inputs[i]);
    const Tensor& other = graph->tensor(node->inputs[1 - i]);
    if (producer < 0 || other.shape != graph->tensor(node->outputs[0]).shape) continue;
    const Node& product = graph->nodes[static_cast<std::size_t>(producer)];
    const auto* op = product.As<BinaryOp>();
    if (op == nullptr || op->kind != BinaryKind::kMul || op->activation != Activation::kNone ||
        !OnlyOnes(graph->tensor(product.inputs[1])) ||
        graph->tensor(product.inputs[0]).type != DataType::kFloat32) {
      continue;
    }
    node->inputs[i] = product.inputs[0];
    changed = true;
  }
  return changed;
}

}  // namespace

bool RemoveIdentities(Graph* graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph->nodes.size();) {
    Node* node = &graph->nodes[i];
    changed |= TransposeToReshape(*graph, node);
    changed |= MergeReshapes(graph, node);
    changed |= SkipBroadcast(graph, node);
    const bool removed =
        FoldConstantReshape(graph, i) || (IsIdentity(*graph, graph->nodes[i]) && Bypass(graph, i));
    changed |= removed;
    if (!removed) ++i;
  }
  return changed;
}

}  // namespace quaver::compiler
