#include "kernels/float_border.h"

namespace quaver::kernels {
namespace {

// Halves away from zero; NaN is 0; beyond +-65536, which is beyond every clamp, it saturates.
// `value - whole` is exact: both have the same exponent or the difference has fewer bits.
std::int32_t RoundHalfAway(float value) {
  constexpr float kLimit = 65536.0F;
  if (!(value == value)) return 0;
  if (value >= kLimit) return 65536;
  if (value <= -kLimit) return -65536;
  const auto whole = static_cast<std::int32_t>(value);
  const float fraction = value - static_cast<float>(whole);
  if (fraction >= 0.5F) return whole + 1;
  if (fraction <= -0.5F) return whole - 1;
  return whole;
}

template <typename T>
void Quantize(const QuantizeFloatParams& p, const Work& work) {
  T* output = static_cast<T*>(p.output);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    const std::int32_t q = RoundHalfAway(p.input[i] / p.scale) + p.zero_point;
    const std::int32_t low = q < p.clamp_min ? p.clamp_min : q;
    output[i] = static_cast<T>(low > p.clamp_max ? p.clamp_max : low);
  }
}

template <typename T>
void Dequantize(const DequantizeFloatParams& p, const Work& work) {
  const T* input = static_cast<const T*>(p.input);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    p.output[i] = p.scale * static_cast<float>(std::int32_t{input[i]} - p.zero_point);
  }
}

}  // namespace

void QuantizeFloatScalar(const QuantizeFloatParams& params, const Work& work) {
  if (params.is_wide) return Quantize<std::int16_t>(params, work);
  Quantize<std::uint8_t>(params, work);
}

void DequantizeFloatScalar(const DequantizeFloatParams& params, const Work& work) {
  if (params.is_wide) return Dequantize<std::int16_t>(params, work);
  if (params.is_signed) return Dequantize<std::int8_t>(params, work);
  Dequantize<std::uint8_t>(params, work);
}

}  // namespace quaver::kernels
