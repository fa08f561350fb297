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

/// A batch norm of an image that no layer precedes, as the depthwise convolution of 1 x 1 that it
/// is: its factors are exact, each the 127 of a scale of its own.
void ReplaceBatchNorms(Graph* graph) {
  for (std::size_t i = 0; i < graph->nodes.size(); ++i) {
    const Node node = graph->nodes[i];
    if (node.As<BatchNormOp>() == nullptr || graph->tensor(node.inputs[0]).shape.size() != 4) {
      continue;
    }
    const std::int32_t producer = graph->Producer(node.inputs[0]);
    if (producer < 0 ||
        graph->nodes[static_cast<std::size_t>(producer)].As<DequantizeOp>() == nullptr) {
      continue;
    }
    const std::int32_t channels = graph->tensor(node.inputs[0]).shape[3];
    const auto count = static_cast<std::size_t>(channels);
    Tensor ones;
    ones.name = node.name + "/weights";
    ones.shape = {1, 1, 1, channels};
    ones.data = MakeBytes(std::vector<float>(count, 1));
    ones.quantization = {std::vector<float>(count, 1.0F / 127), std::vector<std::int32_t>(count, 0),
                         3};
    Tensor result = graph->tensor(node.outputs[0]);
    result.name += "/ones";
    const TensorId weights = graph->AddTensor(std::move(ones));
    const TensorId product = graph->AddTensor(std::move(result));
    graph->nodes[i].inputs[0] = product;
    graph->nodes.insert(
        graph->nodes.begin() + static_cast<std::ptrdiff_t>(i),
        {node.name, DepthwiseConv2DOp{}, {node.inputs[0], weights, kNoTensor}, {product}});
    ++i;
  }
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
    ReplaceBatchNorms(graph);
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
