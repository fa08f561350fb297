// How reals become integers at a float border.
#ifndef QUAVER_KERNELS_SCALAR_FLOAT_BORDER_ROUND_H_
#define QUAVER_KERNELS_SCALAR_FLOAT_BORDER_ROUND_H_

#include <cstdint>

namespace quaver::kernels {

// Halves away from zero; NaN is 0; beyond +-65536, which is beyond every clamp, it saturates.
// `value - whole` is exact: both have the same exponent or the difference has fewer bits.
inline std::int32_t RoundHalfAway(float value) {
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

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_SCALAR_FLOAT_BORDER_ROUND_H_
