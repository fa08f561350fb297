// Channels of a convolution that are the same number whatever the input is: training that drives a
// channel to zero leaves tiny weights, whose scale is 2^-20 of the others', under a bias of nearly
// 32 bits. Vector kernels choose the arithmetic of their output stage for many channels together,
// and that one would make it slow for all.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/lower/fixed_point.h"
#include "compiler/lower/quantization.h"
#include "compiler/passes/passes.h"

namespace quaver::compiler {
namespace {

/// An integer convolution with a scale for each channel, taken apart.
struct Layer {
  Affine input, output;
  ClampRange range;
  bool channels_last;
  std::vector<std::int8_t> weights;
  std::vector<float> scales;
  std::vector<std::int32_t> bias;

  [[nodiscard]] std::size_t channels() const { return scales.size(); }

  template <typename F>
  void ForEachWeight(std::size_t channel, F f) {
    const std::size_t depth = weights.size() / channels();
    for (std::size_t i = 0; i < depth; ++i) {
      f(weights[channels_last ? i * channels() + channel : channel * depth + i]);
    }
  }

  /// The output of an accumulator, as MakeOutputStage and the kernels compute it.
  [[nodiscard]] std::int64_t Output(std::int64_t accumulator, float scale) const {
    const Multiplier multiplier =
        QuantizeMultiplier(double{input.scale} * double{scale} / double{output.scale});
    const std::int64_t value =
        Multiply(static_cast<std::int32_t>(accumulator), multiplier) + output.zero_point;
    return std::clamp<std::int64_t>(value, range.min, range.max);
  }

  /// The output that a channel has for all inputs, if there is one: sums lie between those of the
  /// inputs -128 and 127 that suit the signs of the weights, and outputs grow with them.
  std::optional<std::int64_t> ConstantOutput(std::size_t channel) {
    std::int64_t least = bias[channel];
    std::int64_t most = bias[channel];
    ForEachWeight(channel, [&](std::int8_t weight) {
      const std::int64_t low = weight * (std::int64_t{-128} - input.zero_point);
      const std::int64_t high = weight * (std::int64_t{127} - input.zero_point);
      least += std::min(low, high);
      most += std::max(low, high);
    });
    if (least < INT32_MIN || most > INT32_MAX) return std::nullopt;
    const std::int64_t value = Output(least, scales[channel]);
    return value == Output(most, scales[channel]) ? std::optional(value) : std::nullopt;
  }

  /// Makes a channel its bias alone, with the scale of another one. Returns whether that changed
  /// anything; it does not where `value` would become another.
  bool Replace(std::size_t channel, std::int64_t value, float scale) {
    const double real = double{input.scale} * double{scale} / double{output.scale};
    const double exact = static_cast<double>(value - output.zero_point) / real;
    constexpr double kMost = 1 << 30;
    if (!(exact > -kMost && exact < kMost)) return false;
    const auto rounded = static_cast<std::int32_t>(std::round(exact));
    if (Output(rounded, scale) != value) return false;
    bool changed = scales[channel] != scale || bias[channel] != rounded;
    ForEachWeight(channel, [&](std::int8_t& weight) {
      changed |= weight != 0;
      weight = 0;
    });
    scales[channel] = scale;
    bias[channel] = rounded;
    return changed;
  }

  bool Simplify() {
    std::vector<std::optional<std::int64_t>> values(channels());
    for (std::size_t c = 0; c < channels(); ++c) values[c] = ConstantOutput(c);
    // The scale of the channel before, or of the first one that is not constant.
    const auto first = std::find(values.begin(), values.end(), std::nullopt);
    if (first == values.end()) return false;
    float scale = scales[static_cast<std::size_t>(first - values.begin())];
    bool changed = false;
    for (std::size_t c = 0; c < channels(); ++c) {
      if (values[c]) {
        changed |= Replace(c, *values[c], scale);
      } else {
        scale = scales[c];
      }
    }
    return changed;
  }
};

bool IsScale(float scale) { return std::isfinite(scale) && scale >= 0; }

bool IsInt8Activation(const Tensor& tensor) {
  const Quantization& q = tensor.quantization;
  return tensor.type == DataType::kInt8 && q.scale.size() == 1 && IsScale(q.scale[0]) &&
         q.scale[0] > 0 && q.zero_point.size() == 1 && q.zero_point[0] >= -128 &&
         q.zero_point[0] <= 127;
}

bool IsInt8WithScales(const Tensor& weights) {
  const std::vector<float>& scales = weights.quantization.scale;
  return weights.constant() && weights.type == DataType::kInt8 && scales.size() > 1 &&
         std::all_of(scales.begin(), scales.end(), IsScale);
}

bool IsBias(const Tensor& tensor, std::size_t channels) {
  return tensor.constant() && tensor.type == DataType::kInt32 &&
         tensor.elements() == static_cast<std::int64_t>(channels);
}

Affine AffineOf(const Tensor& tensor) {
  return {tensor.quantization.scale[0], tensor.quantization.zero_point[0]};
}

bool SimplifyNode(Graph* graph, Node* node, Activation activation, bool channels_last) {
  if (node->inputs.size() < 3 || node->inputs[2] == kNoTensor) return false;
  const Tensor& input = graph->tensor(node->inputs[0]);
  const Tensor& output = graph->tensor(node->outputs[0]);
  Tensor weights = graph->tensor(node->inputs[1]);
  Tensor bias = graph->tensor(node->inputs[2]);
  if (!IsInt8Activation(input) || !IsInt8Activation(output) || !IsInt8WithScales(weights) ||
      !IsBias(bias, weights.quantization.scale.size())) {
    return false;
  }
  Layer layer{AffineOf(input),
              AffineOf(output),
              ActivationRange(activation, AffineOf(output)),
              channels_last,
              weights.As<std::int8_t>(),
              weights.quantization.scale,
              bias.As<std::int32_t>()};
  if (!layer.Simplify()) return false;
  weights.data = MakeBytes(layer.weights);
  weights.quantization.scale = layer.scales;
  bias.data = MakeBytes(layer.bias);
  if (bias.quantization.scale.size() == layer.channels()) {
    for (std::size_t c = 0; c < layer.channels(); ++c) {
      bias.quantization.scale[c] = layer.input.scale * layer.scales[c];
    }
  }
  node->inputs[1] = graph->AddTensor(std::move(weights));
  node->inputs[2] = graph->AddTensor(std::move(bias));
  return true;
}

}  // namespace

bool SimplifyConstantChannels(Graph* graph) {
  bool changed = false;
  for (Node& node : graph->nodes) {
    if (const auto* conv = node.As<Conv2DOp>()) {
      changed |= SimplifyNode(graph, &node, conv->activation, false);
    } else if (const auto* depthwise = node.As<DepthwiseConv2DOp>()) {
      changed |= SimplifyNode(graph, &node, depthwise->activation, true);
    }
  }
  return changed;
}

}  // namespace quaver::compiler
