#include <limits>

#include "compiler/passes/passes.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler {
namespace {

/// The fused form of a unary operator; kNone if it has none.
Activation AsActivation(const UnaryOp& op) {
  switch (op.kind) {
    case UnaryKind::kRelu:
      return Activation::kRelu;
    case UnaryKind::kRelu6:
      return Activation::kRelu6;
    case UnaryKind::kReluN1To1:
      return Activation::kReluN1To1;
    case UnaryKind::kClip:
      if (op.alpha == 0 && op.beta == 6) return Activation::kRelu6;
      if (op.alpha == -1 && op.beta == 1) return Activation::kReluN1To1;
      if (op.alpha == 0 && op.beta >= std::numeric_limits<float>::max()) return Activation::kRelu;
      return Activation::kNone;
    default:
      return Activation::kNone;
  }
}

bool FuseOne(Graph* graph, std::size_t index) {
  const Node node = graph->nodes[index];
  const auto* unary = node.As<UnaryOp>();
  if (unary == nullptr) return false;
  const Activation activation = AsActivation(*unary);
  Node* producer = SoleProducer(graph, node.inputs[0]);
  if (activation == Activation::kNone || producer == nullptr) return false;
  Activation* fused = FusedActivationOf(producer);
  // ReLU6 after ReLU is ReLU6: so PyTorch writes it.
  const bool free =
      fused != nullptr && (*fused == Activation::kNone ||
                           (*fused == Activation::kRelu && activation == Activation::kRelu6));
  if (!free) return false;
  // A quantized producer rounds to its own scale first: only where the activation keeps it is the
  // clamp all that the activation does.
  const Tensor& before = graph->tensor(node.inputs[0]);
  const Tensor& after = graph->tensor(node.outputs[0]);
  if (!IdenticalQuantization(before, after)) return false;
  *fused = activation;
  producer->outputs[0] = node.outputs[0];
  graph->nodes.erase(graph->nodes.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

}  // namespace

bool FuseActivations(Graph* graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph->nodes.size();) {
    if (FuseOne(graph, i)) {
      changed = true;
    } else {
      ++i;
    }
  }
  return changed;
}

}  // namespace quaver::compiler
