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

}  // namespace

void QuantizeFloatScalar(const QuantizeFloatParams& p, const Work& work) {
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    const std::int32_t q = RoundHalfAway(p.input[i] / p.scale) + p.zero_point;
    const std::int32_t low = q < p.clamp_min ? p.clamp_min : q;
    p.output[i] = static_cast<std::uint8_t>(low > p.clamp_max ? p.clamp_max : low);
  }
}

void DequantizeFloatScalar(const DequantizeFloatParams& p, const Work& work) {
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    const std::int32_t q =
        p.is_signed ? static_cast<std::int8_t>(p.input[i]) : std::int32_t{p.input[i]};
    p.output[i] = p.scale * static_cast<float>(q - p.zero_point);
  }
}

}  // namespace quaver::kernels
