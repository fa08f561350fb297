#include "compiler/quantize/precision.h"

#include <algorithm>
#include <variant>

#include "compiler/quantize/layers.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {
namespace {

/// Whether the runtime computes it in int16 as well (docs/operators.md). Concat does, but takes
/// parts of fixed 8-bit scales, so it stays int8.
struct HasInt16Form {
  bool operator()(const Conv2DOp&) const { return true; }
  bool operator()(const DepthwiseConv2DOp&) const { return true; }
  bool operator()(const FullyConnectedOp&) const { return true; }
  bool operator()(const Pool2DOp&) const { return true; }
  bool operator()(const BinaryOp& op) const {
    return op.kind == BinaryKind::kAdd || op.kind == BinaryKind::kSub ||
           op.kind == BinaryKind::kMul;
  }
  bool operator()(const UnaryOp& op) const {
    return op.kind == UnaryKind::kRelu || op.kind == UnaryKind::kRelu6 ||
           op.kind == UnaryKind::kReluN1To1 || op.kind == UnaryKind::kClip ||
           (op.kind == UnaryKind::kLeakyRelu && op.alpha >= 0);
  }
  bool operator()(const ReduceOp& op) const {
    return op.kind == ReduceKind::kMean || op.kind == ReduceKind::kSum;
  }
  bool operator()(const PadOp& op) const { return op.value == 0; }
  bool operator()(const ReshapeOp&) const { return true; }
  bool operator()(const TransposeOp&) const { return true; }
  bool operator()(const SplitOp&) const { return true; }
  bool operator()(const StridedSliceOp&) const { return true; }
  bool operator()(const SpaceToDepthOp&) const { return true; }
  bool operator()(const DepthToSpaceOp&) const { return true; }
  template <typename Op>
  bool operator()(const Op&) const {
    return false;
  }
};

class Planner {
 public:
  explicit Planner(const Graph& graph) : graph_(graph), result_(Int8Precision(graph)) {}

  Precision Plan(const std::set<std::size_t>& layers) {
    for (std::size_t layer : layers) {
      Widen(graph_.nodes[layer].inputs[0]);
      Widen(graph_.nodes[layer].outputs[0]);
    }
    while (ShareTypes()) {
    }
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      result_.nodes[n] = std::visit(HasInt16Form(), node.attributes) &&
                         (AnyWide(node.inputs) || AnyWide(node.outputs));
    }
    return std::move(result_);
  }

 private:
  /// Makes a tensor int16, if an operator with an int16 form makes it. Returns whether it was not.
  bool Widen(TensorId id) {
    if (id == kNoTensor || IsWide(id) || graph_.IsOutput(id)) return false;
    const std::int32_t producer = graph_.Producer(id);
    if (producer < 0) return false;
    const Node& node = graph_.nodes[static_cast<std::size_t>(producer)];
    if (!std::visit(HasInt16Form(), node.attributes)) return false;
    result_.tensors[static_cast<std::size_t>(id)] = true;
    return true;
  }

  /// What hands values on has one type on both sides. Returns whether that made a tensor int16.
  bool ShareTypes() {
    bool changed = false;
    for (const Node& node : graph_.nodes) {
      if (!KeepsQuantization(node) || !std::visit(HasInt16Form(), node.attributes)) continue;
      if (!IsWide(node.inputs[0]) && !AnyWide(node.outputs)) continue;
      changed |= Widen(node.inputs[0]);
      for (TensorId id : node.outputs) changed |= Widen(id);
    }
    return changed;
  }

  [[nodiscard]] bool IsWide(TensorId id) const {
    return id != kNoTensor && result_.tensors[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] bool AnyWide(const std::vector<TensorId>& ids) const {
    return std::any_of(ids.begin(), ids.end(), [this](TensorId id) { return IsWide(id); });
  }

  const Graph& graph_;
  Precision result_;
};

}  // namespace

Precision Int8Precision(const Graph& graph) {
  return {std::vector<bool>(graph.tensors.size(), false),
          std::vector<bool>(graph.nodes.size(), false)};
}

Precision PrecisionFor(const Graph& graph, const std::set<std::size_t>& layers) {
  return Planner(graph).Plan(layers);
}

LayerMacs CountMacs(const Graph& graph, const Precision& precision) {
  LayerMacs macs;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    const auto axis = WeightsAxis(node);
    if (!axis) continue;
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const std::int64_t channels =
        *axis == ChannelAxis::kFirst ? weights.shape.front() : weights.shape.back();
    const auto count = static_cast<std::uint64_t>(graph.tensor(node.outputs[0]).elements() *
                                                  (weights.elements() / channels));
    macs.all += count;
    if (precision.nodes[n]) macs.int16 += count;
  }
  return macs;
}

}  // namespace quaver::compiler
