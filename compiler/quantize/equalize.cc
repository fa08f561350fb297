#include "compiler/quantize/equalize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "compiler/quantize/layers.h"

namespace quaver::compiler {
namespace {

constexpr int kMostRounds = 40;
constexpr double kConverged = 1e-3;  // relative change of every factor
// A channel of zeros has no range: its factor would be infinite.
constexpr double kLeastRange = 1e-12;

Activation ActivationOf(const Node& node) {
  if (const auto* conv = node.As<Conv2DOp>()) return conv->activation;
  if (const auto* depthwise = node.As<DepthwiseConv2DOp>()) return depthwise->activation;
  if (const auto* full = node.As<FullyConnectedOp>()) return full->activation;
  return Activation::kNone;
}

struct Pair {
  std::size_t first, second;
};

// The layer that alone reads the output of layer `first`.
std::optional<std::size_t> OnlyReader(const Graph& graph, std::size_t first) {
  const TensorId output = graph.nodes[first].outputs[0];
  if (graph.IsOutput(output)) return {};
  const std::vector<std::int32_t> readers = graph.Consumers(output);
  if (readers.size() != 1) return {};
  const auto reader = static_cast<std::size_t>(readers[0]);
  if (!WeightsAxis(graph.nodes[reader]) || graph.nodes[reader].inputs[0] != output) return {};
  return reader;
}

bool ConstantLayer(const Graph& graph, std::size_t node) {
  const std::vector<TensorId>& inputs = graph.nodes[node].inputs;
  return std::all_of(inputs.begin() + 1, inputs.end(),
                     [&](TensorId id) { return id == kNoTensor || graph.tensor(id).constant(); });
}

// The input channel that weight i of a layer multiplies.
class InputChannels {
 public:
  InputChannels(const Graph& graph, std::size_t index, std::size_t channels)
      : shape_(graph.tensor(graph.nodes[index].inputs[1]).shape), channels_(channels) {
    const Node& node = graph.nodes[index];
    depthwise_ = node.As<DepthwiseConv2DOp>() != nullptr;
    if (const auto* conv = node.As<Conv2DOp>()) groups_ = static_cast<std::size_t>(conv->groups);
  }
  [[nodiscard]] std::size_t Of(std::size_t i) const {
    const auto last = static_cast<std::size_t>(shape_.back());
    if (depthwise_) return i % last / (last / channels_);
    const std::size_t per_group = channels_ / groups_;
    const auto outputs = static_cast<std::size_t>(shape_.front());
    std::size_t depth = 1;
    for (std::size_t d = 1; d < shape_.size(); ++d) depth *= static_cast<std::size_t>(shape_[d]);
    const std::size_t group = i / depth / (outputs / groups_);
    // A fully connected layer may read several pixels: their channels come again and again.
    return group * per_group + i % last % per_group;
  }

 private:
  std::vector<std::int32_t> shape_;
  std::size_t channels_;
  std::size_t groups_ = 1;
  bool depthwise_ = false;
};

class Equalizer {
 public:
  Equalizer(Graph* graph, const Pair& pair)
      : graph_(*graph),
        pair_(pair),
        first_(FloatLayerOf(*graph, pair.first)),
        second_(FloatLayerOf(*graph, pair.second)),
        channels_(*graph, pair.second, first_.channels) {}

  // Whether the second layer's inputs are the first one's output channels.
  [[nodiscard]] bool Fits() const {
    const Node& second = graph_.nodes[pair_.second];
    const auto last = static_cast<std::size_t>(graph_.tensor(second.inputs[0]).shape.back());
    return last == first_.channels;
  }

  [[nodiscard]] double Spread() const {
    const std::vector<double> ranges = FirstRanges();
    double least = std::numeric_limits<double>::infinity();
    for (double range : ranges) {
      if (range > kLeastRange) least = std::min(least, range);
    }
    return *std::max_element(ranges.begin(), ranges.end()) / least;
  }

  // Returns the largest relative change.
  double Apply() {
    const std::vector<double> r1 = FirstRanges();
    std::vector<double> r2(first_.channels, 0);
    for (std::size_t i = 0; i < second_.weights.size(); ++i) {
      double& range = r2[channels_.Of(i)];
      range = std::max(range, std::abs(static_cast<double>(second_.weights[i])));
    }
    std::vector<float> factors(first_.channels, 1.0F);
    double change = 0;
    for (std::size_t c = 0; c < factors.size(); ++c) {
      if (r1[c] <= kLeastRange || r2[c] <= kLeastRange) continue;
      factors[c] = static_cast<float>(std::sqrt(r1[c] / r2[c]));
      change = std::max(change, std::abs(static_cast<double>(factors[c]) - 1));
    }
    for (std::size_t c = 0; c < first_.channels; ++c) {
      for (std::size_t k = 0; k < first_.depth(); ++k) {
        first_.weights[first_.Index(c, k)] /= factors[c];
      }
      if (!first_.bias.empty()) first_.bias[c] /= factors[c];
    }
    ChannelNormals& normals = graph_.nodes[pair_.first].normals;
    for (std::size_t c = 0; c < normals.mean.size(); ++c) {
      normals.mean[c] /= factors[c];
      normals.deviation[c] /= factors[c];
    }
    for (std::size_t i = 0; i < second_.weights.size(); ++i) {
      second_.weights[i] *= factors[channels_.Of(i)];
    }
    Replace(pair_.first, 1, first_.weights);
    if (!first_.bias.empty()) Replace(pair_.first, 2, first_.bias);
    Replace(pair_.second, 1, second_.weights);
    return change;
  }

 private:
  [[nodiscard]] std::vector<double> FirstRanges() const {
    std::vector<double> ranges(first_.channels, 0);
    for (std::size_t c = 0; c < first_.channels; ++c) {
      for (std::size_t k = 0; k < first_.depth(); ++k) {
        ranges[c] =
            std::max(ranges[c], std::abs(static_cast<double>(first_.weights[first_.Index(c, k)])));
      }
    }
    return ranges;
  }

  // A tensor of its own: the constant may be shared with other nodes.
  void Replace(std::size_t node, std::size_t input, const std::vector<float>& values) {
    Tensor tensor = graph_.tensor(graph_.nodes[node].inputs[input]);
    tensor.data = MakeBytes(values);
    graph_.nodes[node].inputs[input] = graph_.AddTensor(std::move(tensor));
  }

  Graph& graph_;
  const Pair pair_;
  FloatLayer first_, second_;
  const InputChannels channels_;
};

}  // namespace

std::vector<Equalization> EqualizeLayers(Graph* graph) {
  std::vector<Pair> pairs;
  std::vector<Equalization> result;
  std::vector<std::size_t> result_of;  // by pair
  for (std::size_t n = 0; n < graph->nodes.size(); ++n) {
    if (!WeightsAxis(graph->nodes[n]) || !ConstantLayer(*graph, n)) continue;
    const auto reader = OnlyReader(*graph, n);
    if (!reader || !ConstantLayer(*graph, *reader)) continue;
    Equalization entry{graph->nodes[n].name, graph->nodes[*reader].name, 1, 1, ""};
    const Activation activation = ActivationOf(graph->nodes[n]);
    const Equalizer equalizer(graph, {n, *reader});
    entry.before = entry.after = equalizer.Spread();
    if (activation != Activation::kNone && activation != Activation::kRelu) {
      entry.reason = std::string(ActivationName(activation)) +
                     " between them clips at a fixed value, which scaling would move";
    } else if (!equalizer.Fits()) {
      entry.reason = "the second layer's inputs are not the first one's output channels";
    } else {
      pairs.push_back({n, *reader});
      result_of.push_back(result.size());
    }
    result.push_back(std::move(entry));
  }
  double change = 1;
  for (int round = 0; round < kMostRounds && change > kConverged; ++round) {
    change = 0;
    for (const Pair& pair : pairs) change = std::max(change, Equalizer(graph, pair).Apply());
    graph->RemoveDead();
  }
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    result[result_of[p]].after = Equalizer(graph, pairs[p]).Spread();
  }
  return result;
}

}  // namespace quaver::compiler
