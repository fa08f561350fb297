#include "compiler/quantize/sharing.h"

#include <numeric>
#include <optional>

namespace quaver::compiler {
namespace {

bool Same(const Quantization& a, const Quantization& b) {
  return a.scale == b.scale && a.zero_point == b.zero_point;
}

// The quantization that an operator's algorithm gives its output.
std::optional<Quantization> FixedOutput(const Node& node) {
  const Quantization unit{{1.0F / 256}, {-128}, 0};
  if (node.As<SoftmaxOp>() != nullptr) return unit;
  if (const auto* unary = node.As<UnaryOp>()) {
    if (unary->kind == UnaryKind::kSigmoid) return unit;
    if (unary->kind == UnaryKind::kTanh) return Quantization{{1.0F / 128}, {0}, 0};
  }
  return {};
}

// Sets of tensors (union-find); a fixed set is never joined with another.
class Sets {
 public:
  Sets(std::size_t count, const std::vector<ValueRange>& ranges, const SchemeOptions& scheme)
      : parents_(count), ranges_(ranges), fixed_(count), scheme_(scheme) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }

  std::size_t Find(TensorId id) {
    auto set = static_cast<std::size_t>(id);
    while (parents_[set] != set) set = parents_[set] = parents_[parents_[set]];
    return set;
  }
  void Join(TensorId a, TensorId b) {
    const std::size_t from = Find(a);
    const std::size_t to = Find(b);
    if (from == to) return;
    parents_[from] = to;
    ranges_[to].Include(ranges_[from]);
    if (fixed_[from]) fixed_[to] = fixed_[from];
  }
  void Fix(TensorId id, const Quantization& quantization) { fixed_[Find(id)] = quantization; }
  [[nodiscard]] const std::optional<Quantization>& Fixed(TensorId id) { return fixed_[Find(id)]; }
  [[nodiscard]] Quantization Int16Of(TensorId id) {
    return Int16Quantization(ranges_[Find(id)], scheme_);
  }
  [[nodiscard]] Quantization Of(TensorId id) {
    const std::size_t set = Find(id);
    return fixed_[set] ? *fixed_[set] : ActivationQuantization(ranges_[set], scheme_);
  }

 private:
  std::vector<std::size_t> parents_;
  std::vector<ValueRange> ranges_;
  std::vector<std::optional<Quantization>> fixed_;
  const SchemeOptions scheme_;
};

// If every input is fixed alike, so is the output; else the inputs that are not fixed share it.
void ShareConcat(const Graph& graph, std::size_t index, Sets* sets,
                 std::vector<SharedQuantization::Edge>* separate) {
  const Node& node = graph.nodes[index];
  const std::optional<Quantization> first = sets->Fixed(node.inputs[0]);
  bool all_alike = first.has_value();
  for (TensorId id : node.inputs) {
    all_alike = all_alike && sets->Fixed(id) && Same(*sets->Fixed(id), *first);
  }
  if (all_alike) return sets->Fix(node.outputs[0], *first);
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (sets->Fixed(node.inputs[i])) {
      separate->push_back({index, i});
    } else {
      sets->Join(node.inputs[i], node.outputs[0]);
    }
  }
}

// Joins what must share; the inputs of Concats that cannot go to `separate`.
void Share(const Graph& graph, Sets* sets, std::vector<SharedQuantization::Edge>* separate) {
  // In execution order: what is fixed is fixed by an operator before.
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (const auto fixed = FixedOutput(node)) sets->Fix(node.outputs[0], *fixed);
    if (KeepsQuantization(node)) {
      for (TensorId id : node.outputs) sets->Join(id, node.inputs[0]);
    }
    if (node.As<ConcatOp>() != nullptr) ShareConcat(graph, n, sets, separate);
  }
}

}  // namespace

bool KeepsQuantization(const Node& node) {
  if (const auto* reduce = node.As<ReduceOp>()) {
    return reduce->kind == ReduceKind::kMax || reduce->kind == ReduceKind::kMin;
  }
  return node.As<ReshapeOp>() != nullptr || node.As<TransposeOp>() != nullptr ||
         node.As<PadOp>() != nullptr || node.As<StridedSliceOp>() != nullptr ||
         node.As<SplitOp>() != nullptr || node.As<Pool2DOp>() != nullptr ||
         node.As<ResizeOp>() != nullptr || node.As<SpaceToDepthOp>() != nullptr ||
         node.As<DepthToSpaceOp>() != nullptr;
}

SharedQuantization ShareQuantization(const Graph& graph, const std::vector<ValueRange>& ranges,
                                     const SchemeOptions& scheme) {
  Sets sets(graph.tensors.size(), ranges, scheme);
  SharedQuantization result;
  Share(graph, &sets, &result.separate);
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    result.tensors.push_back(sets.Of(static_cast<TensorId>(t)));
  }
  return result;
}

std::vector<Quantization> ShareInt16Quantization(const Graph& graph,
                                                 const std::vector<ValueRange>& ranges,
                                                 const SchemeOptions& scheme) {
  Sets sets(graph.tensors.size(), ranges, scheme);
  std::vector<SharedQuantization::Edge> separate;
  Share(graph, &sets, &separate);
  std::vector<Quantization> result;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    result.push_back(sets.Int16Of(static_cast<TensorId>(t)));
  }
  return result;
}

}  // namespace quaver::compiler
