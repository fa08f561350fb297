#include "compiler/quantize/batch_norm_means.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <variant>

#include "compiler/execute/element_functions.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler {
namespace {

constexpr double kDeviations = 6;  // beyond which a normal has 2e-9 of its mass
constexpr int kSteps = 600;

/// By channel; empty where they are not known.
using Means = std::vector<double>;

/// What is known of one tensor.
struct Known {
  Means means;
  ChannelNormals normals;  ///< Only where the tensor is what a batch norm wrote.
};

Means MeansOf(const ChannelNormals& normals, const std::function<double(double)>& f) {
  Means means;
  for (std::size_t c = 0; c < normals.mean.size(); ++c) {
    means.push_back(MeanOfNormal(static_cast<double>(normals.mean[c]),
                                 static_cast<double>(normals.deviation[c]), f));
  }
  return means;
}

Means Sum(const Means& a, const Means& b, double sign) {
  if (a.size() != b.size()) return {};
  Means sum = a;
  for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += sign * b[c];
  return sum;
}

/// The means of what an operator without a batch norm of its own writes.
struct MeansVisitor {
  const Graph& graph;
  const Node& node;
  const std::vector<Known>& known;

  [[nodiscard]] const Known& Input(std::size_t i) const {
    return known[static_cast<std::size_t>(node.inputs[i])];
  }
  [[nodiscard]] const std::vector<std::int32_t>& Shape(TensorId id) const {
    return graph.tensor(id).shape;
  }

  Means operator()(const UnaryOp& op) const {
    return MeansOf(Input(0).normals, [&](double x) { return EvaluateUnary(op, x); });
  }
  Means operator()(const BinaryOp& op) const {
    const bool sum = op.kind == BinaryKind::kAdd || op.kind == BinaryKind::kSub;
    if (!sum || op.activation != Activation::kNone ||
        Shape(node.inputs[0]) != Shape(node.inputs[1])) {
      return {};
    }
    return Sum(Input(0).means, Input(1).means, op.kind == BinaryKind::kAdd ? 1 : -1);
  }
  Means operator()(const Pool2DOp& op) const {
    const bool keeps = op.kind == PoolKind::kAverage && op.activation == Activation::kNone;
    return keeps ? Input(0).means : Means{};
  }
  Means operator()(const ReduceOp& op) const {
    const auto last = static_cast<std::int32_t>(Shape(node.inputs[0]).size()) - 1;
    const bool keeps = op.kind == ReduceKind::kMean && !op.axes.empty() && op.axes.back() != last;
    return keeps ? Input(0).means : Means{};
  }
  Means operator()(const ResizeOp&) const { return Input(0).means; }
  // Channels stay last, or pixels are flattened into features, of which each channel's come again
  // and again.
  Means operator()(const ReshapeOp&) const {
    const std::vector<std::int32_t>& from = Shape(node.inputs[0]);
    const Means& means = Input(0).means;
    if (from.empty() || Shape(node.outputs[0]).empty() || means.empty()) return {};
    const std::int32_t features = Shape(node.outputs[0]).back();
    std::int32_t trailing = 1;
    for (auto d = from.rbegin(); d != from.rend() && trailing < features; ++d) trailing *= *d;
    if (trailing != features) return {};
    Means repeated;
    for (std::int32_t i = 0; i < features; ++i) {
      repeated.push_back(means[static_cast<std::size_t>(i) % means.size()]);
    }
    return repeated;
  }
  Means operator()(const ConcatOp& op) const {
    if (op.axis != static_cast<std::int32_t>(Shape(node.outputs[0]).size()) - 1) return {};
    Means all;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Means& part = Input(i).means;
      if (part.empty()) return {};
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }
  template <typename Op>
  Means operator()(const Op&) const {
    return {};
  }
};

Known Write(const Graph& graph, Node node, const std::vector<Known>& known) {
  if (node.normals.empty()) {
    return {std::visit(MeansVisitor{graph, node, known}, node.attributes), {}};
  }
  const Activation* fused = FusedActivationOf(&node);
  const Activation activation = fused != nullptr ? *fused : Activation::kNone;
  const auto f = [activation](double x) {
    auto value = static_cast<float>(x);
    ApplyActivation(activation, &value, 1);
    return static_cast<double>(value);
  };
  return {MeansOf(node.normals, f),
          activation == Activation::kNone ? node.normals : ChannelNormals{}};
}

/// The means of a layer's patches, as CollectPatches lays them out.
std::vector<PatchMoments> PatchesOf(const Graph& graph, const Node& node, const Means& means) {
  const std::vector<std::int32_t>& weights = graph.tensor(node.inputs[1]).shape;
  std::size_t blocks = 1;
  std::size_t depth = 1;
  const auto dim = [&](std::size_t d) { return static_cast<std::size_t>(weights[d]); };
  if (const auto* conv = node.As<Conv2DOp>()) {
    blocks = static_cast<std::size_t>(conv->groups);
    depth = dim(1) * dim(2) * dim(3);
  } else if (node.As<DepthwiseConv2DOp>() != nullptr) {
    blocks = means.size();
    depth = dim(1) * dim(2);
  } else {
    depth = dim(1);
  }
  const std::size_t channels = means.size() / blocks;
  std::vector<PatchMoments> patches(blocks);
  for (std::size_t b = 0; b < blocks; ++b) {
    patches[b].count = 1;
    for (std::size_t k = 0; k < depth; ++k) {
      patches[b].sum.push_back(means[b * channels + k % channels]);
    }
  }
  return patches;
}

}  // namespace

double MeanOfNormal(double mean, double deviation, const std::function<double(double)>& f) {
  double sum = 0;
  double mass = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double z = kDeviations * (2.0 * i / kSteps - 1);
    const double weight = std::exp(-z * z / 2);
    sum += weight * f(mean + deviation * z);
    mass += weight;
  }
  return sum / mass;
}

PatchStatistics PatchesFromBatchNorms(const Graph& graph) {
  std::vector<Known> known(graph.tensors.size());
  PatchStatistics patches;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (WeightsAxis(node)) {
      const Means& means = known[static_cast<std::size_t>(node.inputs[0])].means;
      if (!means.empty()) patches[n] = PatchesOf(graph, node, means);
    }
    if (node.outputs.size() != 1) continue;
    known[static_cast<std::size_t>(node.outputs[0])] = Write(graph, node, known);
  }
  return patches;
}

}  // namespace quaver::compiler
