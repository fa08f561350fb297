// The formulas of the quantization scheme: from ranges and float constants to scales and integers.
#ifndef QUAVER_COMPILER_QUANTIZE_SCHEME_H_
#define QUAVER_COMPILER_QUANTIZE_SCHEME_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/weight_grid.h"

namespace quaver::compiler {

/// The smallest and the largest value that a tensor takes; empty where it was never seen.
struct ValueRange {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();

  [[nodiscard]] bool empty() const { return min > max; }
  void Include(float value) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  void Include(const ValueRange& other) {
    if (other.empty()) return;
    Include(other.min);
    Include(other.max);
  }
};

/// Int8 for the range and zero. Asymmetric: scale = (max - min) / 255, and the zero point is the
/// integer nearest to -128 - min / scale, so that 0 is represented exactly (padding, ReLU); a range
/// of nothing but zero gives scale 1/255 and zero point -128. Symmetric: scale = max |x| / 127 and
/// zero point 0. With power_of_two_scales the scale is raised to the next 2^k.
Quantization ActivationQuantization(ValueRange range, const SchemeOptions& scheme = {});

/// Int16 for the range and zero: scale = max |x| / 32767 (1/32767 where that is 0), zero point 0.
Quantization Int16Quantization(const ValueRange& range, const SchemeOptions& scheme = {});

/// round(value / scale) + zero_point, halves away from zero, limited to the type.
std::int8_t QuantizeInt8(float value, const Quantization& quantization);
std::int16_t QuantizeInt16(float value, const Quantization& quantization);

/// Weights and bias of one layer, channel by channel.
struct QuantizedLayer {
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> bias;
  Quantization weights_quantization;
  Quantization bias_quantization;
  WeightGrid grid;  ///< What the weights were rounded to, and may be rounded to again.
};

/// Where a layer's output channels are among its weights.
enum class ChannelAxis : std::uint8_t { kFirst, kLast };

/// Per output channel c (or with the largest of all where scheme.per_channel_weights is not set):
/// s_w = max |w| / 127, w in [-127, 127]; bias in units of s_in * s_w. s_w is raised where |bias|
/// would exceed 2^30 (a channel of almost no weights) or s_in * s_w / s_out would fall below 2^-30
/// (weights too small to move the output). `bias` may be empty.
QuantizedLayer QuantizeLayer(const std::vector<float>& weights, const std::vector<float>& bias,
                             std::size_t channels, ChannelAxis axis, float input_scale,
                             float output_scale, const SchemeOptions& scheme = {});

/// The scales (one for each channel, raised as QuantizeLayer says) of layer->weights, and the
/// biases that go with them; the weights are left alone.
void SetWeightScales(std::vector<double> scales, const std::vector<float>& bias, double input_scale,
                     double output_scale, const SchemeOptions& scheme, QuantizedLayer* layer);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_SCHEME_H_
