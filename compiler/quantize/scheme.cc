#include "compiler/quantize/scheme.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quaver::compiler {
namespace {

constexpr double kMostBias = 1073741824.0;             // 2^30
constexpr double kLeastMultiplier = 1 / 1073741824.0;  // 2^-30

float RoundScale(double scale, const SchemeOptions& scheme) {
  return static_cast<float>(scheme.power_of_two_scales ? std::exp2(std::ceil(std::log2(scale)))
                                                       : scale);
}

template <typename T>
T QuantizeTo(float value, const Quantization& quantization) {
  const double q =
      std::round(static_cast<double>(value) / static_cast<double>(quantization.scale[0])) +
      quantization.zero_point[0];
  return static_cast<T>(
      std::clamp<double>(q, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

// max |w| of each channel.
std::vector<double> Magnitudes(const std::vector<float>& weights, std::size_t channels,
                               ChannelAxis axis) {
  std::vector<double> magnitudes(channels, 0);
  const std::size_t inner = weights.size() / channels;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    double& magnitude = magnitudes[axis == ChannelAxis::kFirst ? i / inner : i % channels];
    magnitude = std::max(magnitude, std::abs(static_cast<double>(weights[i])));
  }
  return magnitudes;
}

}  // namespace

Quantization ActivationQuantization(ValueRange range, const SchemeOptions& scheme) {
  range.Include(0.0F);
  const double min = static_cast<double>(range.min);
  const double max = static_cast<double>(range.max);
  if (scheme.symmetric_activations) {
    const double magnitude = std::max(-min, max);
    return {{RoundScale((magnitude > 0 ? magnitude : 1.0) / 127, scheme)}, {0}, 0};
  }
  const float scale = RoundScale((max > min ? max - min : 1.0) / 255, scheme);
  const double nudged = std::round(-128 - min / static_cast<double>(scale));
  return {{scale}, {static_cast<std::int32_t>(std::clamp(nudged, -128.0, 127.0))}, 0};
}

Quantization Int16Quantization(const ValueRange& range, const SchemeOptions& scheme) {
  const double magnitude =
      range.empty() ? 0 : std::max(std::abs(double{range.min}), std::abs(double{range.max}));
  return {{RoundScale((magnitude > 0 ? magnitude : 1.0) / 32767, scheme)}, {0}, 0};
}

std::int8_t QuantizeInt8(float value, const Quantization& quantization) {
  return QuantizeTo<std::int8_t>(value, quantization);
}

std::int16_t QuantizeInt16(float value, const Quantization& quantization) {
  return QuantizeTo<std::int16_t>(value, quantization);
}

void SetWeightScales(std::vector<double> scales, const std::vector<float>& bias, double input_scale,
                     double output_scale, const SchemeOptions& scheme, QuantizedLayer* layer) {
  for (std::size_t c = 0; c < scales.size(); ++c) {
    if (!bias.empty()) {
      scales[c] =
          std::max(scales[c], std::abs(static_cast<double>(bias[c])) / (input_scale * kMostBias));
    }
    scales[c] = std::max(scales[c], kLeastMultiplier * output_scale / input_scale);
  }
  if (!scheme.per_channel_weights) {
    scales.assign(scales.size(), *std::max_element(scales.begin(), scales.end()));
  }
  layer->bias.clear();
  layer->weights_quantization = {};
  layer->bias_quantization = {};
  for (std::size_t c = 0; c < scales.size(); ++c) {
    layer->weights_quantization.scale.push_back(RoundScale(scales[c], scheme));
    layer->weights_quantization.zero_point.push_back(0);
    const double bias_scale =
        input_scale * static_cast<double>(layer->weights_quantization.scale[c]);
    if (bias.empty()) continue;
    layer->bias.push_back(
        static_cast<std::int32_t>(std::round(static_cast<double>(bias[c]) / bias_scale)));
    layer->bias_quantization.scale.push_back(static_cast<float>(bias_scale));
    layer->bias_quantization.zero_point.push_back(0);
  }
}

QuantizedLayer QuantizeLayer(const std::vector<float>& weights, const std::vector<float>& bias,
                             std::size_t channels, ChannelAxis axis, float input_scale,
                             float output_scale, const SchemeOptions& scheme) {
  std::vector<double> scales = Magnitudes(weights, channels, axis);
  for (double& scale : scales) scale /= 127;
  QuantizedLayer layer;
  SetWeightScales(std::move(scales), bias, static_cast<double>(input_scale),
                  static_cast<double>(output_scale), scheme, &layer);
  const std::size_t inner = weights.size() / channels;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::size_t c = axis == ChannelAxis::kFirst ? i / inner : i % channels;
    const double q = std::round(static_cast<double>(weights[i]) /
                                static_cast<double>(layer.weights_quantization.scale[c]));
    layer.weights.push_back(static_cast<std::int8_t>(std::clamp(q, -127.0, 127.0)));
  }
  return layer;
}

}  // namespace quaver::compiler
