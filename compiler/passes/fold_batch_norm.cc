#include <algorithm>
#include <cmath>
#include <optional>

#include "compiler/passes/passes.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler {
namespace {

/// y = factor[c] * x + offset[c].
struct Affine {
  std::vector<double> factor, offset;
};

/// factor = scale / sqrt(variance + epsilon), offset = bias - mean * factor.
Affine AffineOf(const Graph& graph, const Node& node) {
  const auto scale = graph.tensor(node.inputs[1]).As<float>();
  const auto bias = graph.tensor(node.inputs[2]).As<float>();
  const auto mean = graph.tensor(node.inputs[3]).As<float>();
  const auto variance = graph.tensor(node.inputs[4]).As<float>();
  const double epsilon = node.As<BatchNormOp>()->epsilon;
  Affine affine;
  for (std::size_t c = 0; c < scale.size(); ++c) {
    const double factor = scale[c] / std::sqrt(variance[c] + epsilon);
    affine.factor.push_back(factor);
    affine.offset.push_back(bias[c] - mean[c] * factor);
  }
  return affine;
}

/// Of a product, sum or difference with a float constant of one element, or one per channel.
std::optional<Affine> AffineOfBinary(const Graph& graph, const Node& node) {
  const auto* binary = node.As<BinaryOp>();
  if (binary == nullptr) return {};
  const bool first = graph.tensor(node.inputs[0]).constant();
  const Tensor& constant = graph.tensor(node.inputs[first ? 0 : 1]);
  const std::vector<std::int32_t>& shape = graph.tensor(node.outputs[0]).shape;
  if (!constant.constant() || constant.type != DataType::kFloat32 || shape.empty() ||
      shape != graph.tensor(node.inputs[first ? 1 : 0]).shape) {
    return {};
  }
  const auto channels = static_cast<std::size_t>(shape.back());
  const std::vector<float> values = constant.As<float>();
  const bool per_channel = values.size() == channels && constant.shape.back() == shape.back();
  if (values.size() != 1 && !per_channel) return {};
  Affine affine{std::vector<double>(channels, 1), std::vector<double>(channels, 0)};
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = values[per_channel ? c : 0];
    if (binary->kind == BinaryKind::kMul) {
      affine.factor[c] = value;
    } else if (binary->kind == BinaryKind::kAdd) {
      affine.offset[c] = value;
    } else if (binary->kind == BinaryKind::kSub) {
      affine.offset[c] = first ? value : -value;
      affine.factor[c] = first ? -1 : 1;
    } else {
      return {};
    }
  }
  return affine;
}

TensorId AddConstant(Graph* graph, const std::string& name, std::vector<std::int32_t> shape,
                     const std::vector<float>& values) {
  Tensor tensor;
  tensor.name = name;
  tensor.shape = std::move(shape);
  tensor.data = MakeBytes(values);
  return graph->AddTensor(std::move(tensor));
}

std::vector<float> ToFloat(const std::vector<double>& values) {
  std::vector<float> result;
  result.reserve(values.size());
  for (double value : values) result.push_back(static_cast<float>(value));
  return result;
}

bool IsConstant(const Graph& graph, TensorId id) {
  return id != kNoTensor && graph.tensor(id).constant();
}

/// A float layer with constant weights and no activation between it and the batch norm.
bool CanTake(const Graph& graph, Node* layer) {
  const bool has_weights = layer->As<Conv2DOp>() != nullptr ||
                           layer->As<DepthwiseConv2DOp>() != nullptr ||
                           layer->As<FullyConnectedOp>() != nullptr;
  if (!has_weights || *FusedActivationOf(layer) != Activation::kNone) return false;
  const bool has_bias = layer->inputs.size() > 2 && layer->inputs[2] != kNoTensor;
  return graph.tensor(layer->inputs[1]).type == DataType::kFloat32 &&
         IsConstant(graph, layer->inputs[1]) && (!has_bias || IsConstant(graph, layer->inputs[2]));
}

/// The weights times the factor of their output channel: the last dimension of a depthwise
/// convolution's, the first of the others.
std::vector<float> ScaledWeights(const Tensor& weights, bool channels_last,
                                 const std::vector<double>& factor) {
  std::vector<float> values = weights.As<float>();
  const std::size_t inner = values.size() / factor.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = channels_last ? i % factor.size() : i / inner;
    values[i] = static_cast<float>(values[i] * factor[channel]);
  }
  return values;
}

/// Weights on a grid are on one whose scales have the same factors; the sign is the weights'.
Quantization ScaledGrid(const Quantization& grid, bool channels_last,
                        const std::vector<double>& factor) {
  if (grid.empty()) return {};
  Quantization result{{}, std::vector<std::int32_t>(factor.size(), 0), channels_last ? 3 : 0};
  for (std::size_t c = 0; c < factor.size(); ++c) {
    const double by = factor[c] == 0 ? 1 : std::abs(factor[c]);
    result.scale.push_back(static_cast<float>(grid.scale[grid.per_channel() ? c : 0] * by));
  }
  return result;
}

/// What a batch norm's outputs are distributed like.
ChannelNormals NormalsOf(const Graph& graph, const Node& batch_norm) {
  ChannelNormals normals{graph.tensor(batch_norm.inputs[2]).As<float>(),
                         graph.tensor(batch_norm.inputs[1]).As<float>()};
  for (float& deviation : normals.deviation) deviation = std::abs(deviation);
  return normals;
}

/// Of factor * x + offset.
ChannelNormals Scaled(ChannelNormals normals, const Affine& affine) {
  for (std::size_t c = 0; c < normals.mean.size(); ++c) {
    normals.mean[c] = static_cast<float>(normals.mean[c] * affine.factor[c] + affine.offset[c]);
    normals.deviation[c] = static_cast<float>(normals.deviation[c] * std::abs(affine.factor[c]));
  }
  return normals;
}

void FoldIntoLayer(Graph* graph, Node* layer, const Affine& affine) {
  // A copy: adding tensors moves the graph's.
  const Tensor weights = graph->tensor(layer->inputs[1]);
  std::vector<double> bias = affine.offset;
  if (layer->inputs.size() > 2 && layer->inputs[2] != kNoTensor) {
    const auto old = graph->tensor(layer->inputs[2]).As<float>();
    for (std::size_t c = 0; c < bias.size(); ++c) bias[c] += old[c] * affine.factor[c];
  }
  const bool channels_last = layer->As<DepthwiseConv2DOp>() != nullptr;
  layer->inputs.resize(3, kNoTensor);
  layer->inputs[1] = AddConstant(graph, weights.name, weights.shape,
                                 ScaledWeights(weights, channels_last, affine.factor));
  graph->tensor(layer->inputs[1]).quantization =
      ScaledGrid(weights.quantization, channels_last, affine.factor);
  layer->inputs[2] = AddConstant(graph, layer->name + "/bias",
                                 {static_cast<std::int32_t>(bias.size())}, ToFloat(bias));
}

void MakeMulAdd(Graph* graph, std::size_t index, const Affine& affine) {
  const Node node = graph->nodes[index];
  const std::vector<std::int32_t> channels = {static_cast<std::int32_t>(affine.factor.size())};
  const TensorId factor =
      AddConstant(graph, node.name + "/factor", channels, ToFloat(affine.factor));
  const TensorId offset =
      AddConstant(graph, node.name + "/offset", channels, ToFloat(affine.offset));
  Tensor product;
  product.name = node.name + "/product";
  product.shape = graph->tensor(node.outputs[0]).shape;
  const TensorId scaled = graph->AddTensor(std::move(product));
  graph->nodes[index] = {node.name + "/mul",
                         BinaryOp{BinaryKind::kMul, Activation::kNone},
                         {node.inputs[0], factor},
                         {scaled}};
  graph->nodes.insert(graph->nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                      {node.name + "/add",
                       BinaryOp{BinaryKind::kAdd, Activation::kNone},
                       {scaled, offset},
                       node.outputs,
                       NormalsOf(*graph, node)});
}

std::optional<Affine> AffineOfBatchNorm(const Graph& graph, const Node& node) {
  if (node.As<BatchNormOp>() == nullptr) return {};
  const bool constant = std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                                    [&graph](TensorId id) { return IsConstant(graph, id); });
  if (!constant) return {};
  return AffineOf(graph, node);
}

bool FoldNode(Graph* graph, std::size_t index) {
  const Node node = graph->nodes[index];
  const auto* binary = node.As<BinaryOp>();
  const auto affine =
      binary != nullptr ? AffineOfBinary(*graph, node) : AffineOfBatchNorm(*graph, node);
  if (!affine) return false;
  const bool second = binary != nullptr && graph->tensor(node.inputs[0]).constant();
  Node* layer = SoleProducer(graph, node.inputs[second ? 1 : 0]);
  if (layer == nullptr || !CanTake(*graph, layer)) {
    if (binary == nullptr) MakeMulAdd(graph, index, *affine);
    return binary == nullptr;
  }
  FoldIntoLayer(graph, layer, *affine);
  layer->normals = binary != nullptr ? Scaled(layer->normals, *affine) : NormalsOf(*graph, node);
  if (binary != nullptr) *FusedActivationOf(layer) = binary->activation;
  layer->outputs[0] = node.outputs[0];
  graph->nodes.erase(graph->nodes.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

}  // namespace

bool FoldBatchNorm(Graph* graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph->nodes.size();) {
    const bool folded = FoldNode(graph, i);
    changed |= folded;
    if (!folded) ++i;
  }
  return changed;
}

}  // namespace quaver::compiler
