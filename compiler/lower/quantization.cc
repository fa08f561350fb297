#include "compiler/lower/quantization.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "compiler/ir/shapes.h"
#include "compiler/lower/program.h"

namespace quaver::compiler {
namespace {

constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

bool GoodScale(float scale) { return std::isfinite(scale) && scale > 0; }

/// Largest |accumulator| of a channel: bias + sum(w * (q - zero_point)) over q in [-128, 127].
std::int64_t WorstAccumulator(std::int64_t bias, const ChannelSums& sums, std::int32_t zero_point) {
  const std::int64_t low = -128 - std::int64_t{zero_point};
  const std::int64_t high = 127 - std::int64_t{zero_point};
  const std::int64_t largest = bias + sums.positive * high + sums.negative * low;
  const std::int64_t smallest = bias + sums.positive * low + sums.negative * high;
  return std::max(std::abs(largest), std::abs(smallest));
}

void RequireInt32(const Node& node, std::size_t channel, std::int64_t worst) {
  if (worst <= kInt32Max) return;
  Refuse(node, "the accumulator of output channel " + std::to_string(channel) + " can reach " +
                   std::to_string(worst) + "; expected at most " + std::to_string(kInt32Max) +
                   ", or 32 bits overflow. Quantize the model again: the scales of this operator's "
                   "input, weights and bias are out of proportion");
}

template <typename T>
std::vector<T> ConstantBias(const Node& node, const Graph& graph, std::int32_t channels,
                            DataType type, const char* advice) {
  if (node.inputs.size() < 3 || node.inputs[2] == kNoTensor) {
    return std::vector<T>(static_cast<std::size_t>(channels), 0);
  }
  const Tensor& tensor = graph.tensor(node.inputs[2]);
  if (!tensor.constant() || tensor.type != type || tensor.elements() != channels) {
    Refuse(node, tensor,
           "expected a constant bias of " + std::to_string(channels) + " " + DataTypeName(type) +
               ", found " + (tensor.constant() ? "" : "computed ") +
               std::to_string(tensor.elements()) + " " + DataTypeName(tensor.type) + advice);
  }
  return tensor.As<T>();
}

}  // namespace

ClampRange TypeRange(DataType type) {
  switch (type) {
    case DataType::kUInt8:
      return {0, 255};
    case DataType::kInt16:
      return {-32768, 32767};
    default:
      return {-128, 127};
  }
}

Affine AffineOf(const Node& node, const Tensor& tensor) {
  const Quantization& quantization = tensor.quantization;
  if (quantization.scale.size() != 1) {
    Refuse(node, tensor,
           "expected one scale and zero point for the whole tensor, found " +
               std::to_string(quantization.scale.size()) +
               " scales; quantize activations per tensor");
  }
  Affine affine;
  affine.scale = quantization.scale[0];
  affine.zero_point = quantization.zero_point.empty() ? 0 : quantization.zero_point[0];
  ClampRange range = TypeRange(tensor.type);
  if (tensor.type == DataType::kInt16) range = {0, 0};
  if (!GoodScale(affine.scale) || affine.zero_point < range.min || affine.zero_point > range.max) {
    Refuse(node, tensor,
           "expected a positive scale and a zero point from " + std::to_string(range.min) + " to " +
               std::to_string(range.max) + ", found scale " + std::to_string(affine.scale) +
               " and zero point " + std::to_string(affine.zero_point) +
               "; the model is damaged or was quantized by a broken tool");
  }
  return affine;
}

Affine Int8AffineOf(const Node& node, const Tensor& tensor) {
  if (tensor.type != DataType::kInt8) {
    const bool is_float = tensor.type == DataType::kFloat32;
    Refuse(
        node, tensor,
        std::string("expected int8, found ") + DataTypeName(tensor.type) +
            (is_float ? "; quantize the model first: quaver quantize"
                      : "; this operator computes in int8 only (uint8 and float32 are for inputs "
                        "and outputs of a model): convert it with int8 quantization"));
  }
  return AffineOf(node, tensor);
}

Affine ActivationAffineOf(const Node& node, const Tensor& tensor, DataType type) {
  if (type != DataType::kInt16) return Int8AffineOf(node, tensor);
  if (tensor.type != DataType::kInt16) {
    Refuse(node, tensor,
           std::string("expected int16 as of the operator's first input, found ") +
               DataTypeName(tensor.type) + "; put a QUANTIZE between them");
  }
  return AffineOf(node, tensor);
}

void RequireSameQuantization(const Node& node, const Tensor& a, const Tensor& b) {
  if (SameQuantization(a, b)) return;
  const auto text = [](const Tensor& tensor) {
    const Quantization& q = tensor.quantization;
    return std::string(DataTypeName(tensor.type)) +
           (q.empty() ? " without quantization"
                      : " with scale " + std::to_string(q.scale[0]) + " and zero point " +
                            std::to_string(q.zero_point.empty() ? 0 : q.zero_point[0]));
  };
  Refuse(node, b,
         "this operator hands values on: expected " + text(a) + " as of tensor '" + a.name +
             "', found " + text(b) + "; quantize both alike");
}

std::int32_t QuantizeReal(float value, const Affine& affine) {
  const float quotient = std::round(value / affine.scale);
  constexpr float kLimit = 1073741824.0F;
  return static_cast<std::int32_t>(std::clamp(quotient, -kLimit, kLimit)) + affine.zero_point;
}

ClampRange ActivationRange(Activation activation, const Affine& output, DataType type) {
  const ClampRange all = TypeRange(type);
  ClampRange range = all;
  const auto low = [&](float value) { return std::max(all.min, QuantizeReal(value, output)); };
  const auto high = [&](float value) { return std::min(all.max, QuantizeReal(value, output)); };
  switch (activation) {
    case Activation::kNone:
      break;
    case Activation::kRelu:
      range.min = low(0);
      break;
    case Activation::kRelu6:
      range = {low(0), high(6)};
      break;
    case Activation::kReluN1To1:
      range = {low(-1), high(1)};
      break;
  }
  return range;
}

Weights WeightsOf(const Node& node, const Tensor& tensor, std::int32_t channels) {
  if (!tensor.constant() || tensor.type != DataType::kInt8) {
    Refuse(node, tensor,
           std::string("expected constant int8 weights, found ") +
               (tensor.constant() ? "" : "computed ") + DataTypeName(tensor.type) +
               "; convert the model with full int8 quantization (float models: quaver quantize)");
  }
  const std::vector<float>& scales = tensor.quantization.scale;
  if (scales.size() != 1 && scales.size() != static_cast<std::size_t>(channels)) {
    Refuse(node, tensor,
           "expected 1 weight scale or one for each of " + std::to_string(channels) +
               " output channels, found " + std::to_string(scales.size()));
  }
  for (std::int32_t zero_point : tensor.quantization.zero_point) {
    if (zero_point != 0) {
      Refuse(node, tensor,
             "expected symmetric weights with zero point 0, found zero point " +
                 std::to_string(zero_point) + "; quantize the weights symmetrically");
    }
  }
  // Channels whose weights are all zero may come with scale 0: their multiplier is 0, as in TFLite.
  if (std::any_of(scales.begin(), scales.end(),
                  [](float scale) { return !std::isfinite(scale) || scale < 0; })) {
    Refuse(node, tensor, "expected weight scales that are finite and not negative");
  }
  return {tensor.As<std::int8_t>(), scales};
}

std::vector<std::int32_t> BiasOf(const Node& node, const Graph& graph, std::int32_t channels) {
  return ConstantBias<std::int32_t>(node, graph, channels, DataType::kInt32,
                                    "; convert the model with int8 quantization");
}

std::vector<std::int64_t> Bias64Of(const Node& node, const Graph& graph, std::int32_t channels) {
  return ConstantBias<std::int64_t>(node, graph, channels, DataType::kInt64,
                                    "; convert the model with 16x8 quantization, whose biases have "
                                    "64 bits");
}

std::unique_ptr<fb::OutputStageT> MakeOutputStage(const Node& node, const Affine& input,
                                                  const Affine& output, Activation activation,
                                                  const std::vector<double>& effective_scales,
                                                  const std::vector<ChannelSums>& sums,
                                                  std::vector<std::int32_t>* bias) {
  auto stage = std::make_unique<fb::OutputStageT>();
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const double scale = effective_scales[effective_scales.size() == 1 ? 0 : c];
    const Multiplier multiplier = QuantizeMultiplier(scale);
    std::int32_t& channel_bias = (*bias)[c];
    RequireInt32(node, c, WorstAccumulator(channel_bias, sums[c], input.zero_point));
    const std::int64_t folded =
        channel_bias - input.zero_point * (sums[c].positive + sums[c].negative);
    channel_bias = static_cast<std::int32_t>(static_cast<std::uint32_t>(folded));
    stage->multiplier.push_back(multiplier.value);
    stage->shift.push_back(static_cast<std::int8_t>(multiplier.shift));
  }
  const ClampRange range = ActivationRange(activation, output);
  stage->zero_point = output.zero_point;
  stage->clamp_min = range.min;
  stage->clamp_max = range.max;
  return stage;
}

std::unique_ptr<fb::OutputStageT> MakeOutputStageInt16(const Node& node, const Affine& output,
                                                       Activation activation,
                                                       const std::vector<double>& effective_scales,
                                                       const std::vector<std::int64_t>& bias) {
  constexpr std::int64_t kMostBias = std::int64_t{1} << 46;
  constexpr std::int32_t kMostShift = 7;
  auto stage = std::make_unique<fb::OutputStageT>();
  for (std::size_t c = 0; c < bias.size(); ++c) {
    const double scale = effective_scales[effective_scales.size() == 1 ? 0 : c];
    const Multiplier multiplier = QuantizeMultiplier(scale);
    if (bias[c] < -kMostBias || bias[c] >= kMostBias || multiplier.shift > kMostShift) {
      Refuse(node,
             "output channel " + std::to_string(c) + " has bias " + std::to_string(bias[c]) +
                 " and multiplier " + std::to_string(scale) +
                 "; expected a bias below 2^46 and a multiplier below 2^7. Quantize the model "
                 "again: the scales of this operator's input, weights and output are out of "
                 "proportion");
    }
    stage->multiplier.push_back(ReducedMultiplier(multiplier));
    stage->shift.push_back(static_cast<std::int8_t>(multiplier.shift));
  }
  const ClampRange range = ActivationRange(activation, output, DataType::kInt16);
  stage->clamp_min = range.min;
  stage->clamp_max = range.max;
  return stage;
}

void RequireDepth(const Node& node, std::int64_t depth) {
  constexpr std::int64_t kLimit = std::int64_t{1} << 17;
  if (depth < kLimit) return;
  Refuse(node, "each output sums " + std::to_string(depth) + " products; expected fewer than " +
                   std::to_string(kLimit) + ", or 32 bits can overflow. Split the operator");
}

}  // namespace quaver::compiler
