#include "compiler/import/qdq/resolve.h"

#include <algorithm>

#include "compiler/import/qdq/steps.h"
#include "compiler/passes/passes.h"

namespace quaver::compiler {
namespace {

struct SelectsVisitor {
  bool operator()(const ReshapeOp&) const { return true; }
  bool operator()(const TransposeOp&) const { return true; }
  bool operator()(const PadOp& op) const { return op.mode != PadMode::kConstant || op.value == 0; }
  bool operator()(const ConcatOp&) const { return true; }
  bool operator()(const SplitOp&) const { return true; }
  bool operator()(const StridedSliceOp&) const { return true; }
  bool operator()(const SpaceToDepthOp&) const { return true; }
  bool operator()(const DepthToSpaceOp&) const { return true; }
  bool operator()(const ResizeOp& op) const { return op.kind == ResizeKind::kNearest; }
  bool operator()(const Pool2DOp& op) const { return op.kind == PoolKind::kMax; }
  bool operator()(const ReduceOp& op) const {
    return op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin;
  }
  bool operator()(const UnaryOp& op) const {
    return op.kind == UnaryKind::kRelu || op.kind == UnaryKind::kRelu6 ||
           op.kind == UnaryKind::kReluN1To1 || op.kind == UnaryKind::kClip;
  }
  template <typename Op>
  bool operator()(const Op&) const {
    return false;
  }
};

bool HasQuantization(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    return node.As<QuantizeOp>() != nullptr || node.As<DequantizeOp>() != nullptr;
  });
}

void ForgetGrids(Graph* graph) {
  for (Tensor& tensor : graph->tensors) {
    if (tensor.type == DataType::kFloat32) tensor.quantization = {};
  }
}

}  // namespace

bool SelectsValues(const Attributes& attributes) {
  return std::visit(SelectsVisitor{}, attributes);
}

void ResolveQuantization(Graph* graph) {
  if (HasQuantization(*graph)) {
    FoldBatchNorm(graph);
    FuseActivations(graph);
    qdq::ShiftToSigned(graph);
    qdq::MergeQuantizes(graph);
    qdq::HoistQuantizes(graph);
    qdq::MakeInteger(graph);
  }
  ForgetGrids(graph);
}

}  // namespace quaver::compiler
