// The one rounding: int32 accumulators to quantized values. Proof and edge cases:
// docs/arithmetic.md.
#ifndef QUAVER_KERNELS_REQUANTIZE_H_
#define QUAVER_KERNELS_REQUANTIZE_H_

#include <cstdint>

namespace quaver::kernels {

/// round(value * multiplier * 2^(shift - 31)), ties towards +infinity, exactly.
/// Preconditions: multiplier in [0, 2^31), shift in [-31, 30]. The product is at most 2^62 in
/// magnitude and the rounding constant at most 2^61, so 64 bits hold everything.
constexpr std::int64_t MultiplyByQuantizedMultiplier(std::int32_t value, std::int32_t multiplier,
                                                     std::int32_t shift) {
  const std::int64_t product = std::int64_t{value} * multiplier;
  const std::int64_t rounding = std::int64_t{1} << (30 - shift);
  return (product + rounding) >> (31 - shift);
}

constexpr std::int32_t Clamp(std::int64_t value, std::int32_t low, std::int32_t high) {
  return value < low ? low : value > high ? high : static_cast<std::int32_t>(value);
}

/// MultiplyByQuantizedMultiplier, + zero_point, clamped.
constexpr std::int32_t RequantizeClamped(std::int32_t value, std::int32_t multiplier,
                                         std::int32_t shift, std::int32_t zero_point,
                                         std::int32_t clamp_min, std::int32_t clamp_max) {
  return Clamp(MultiplyByQuantizedMultiplier(value, multiplier, shift) + zero_point, clamp_min,
               clamp_max);
}

/// The same of clamps in the range of int8.
constexpr std::int8_t Requantize(std::int32_t value, std::int32_t multiplier, std::int32_t shift,
                                 std::int32_t zero_point, std::int32_t clamp_min,
                                 std::int32_t clamp_max) {
  return static_cast<std::int8_t>(
      RequantizeClamped(value, multiplier, shift, zero_point, clamp_min, clamp_max));
}

/// round(value * multiplier * 2^(shift - 15)), ties towards +infinity, exactly, clamped: TensorFlow
/// Lite's reduced multiplier of 64-bit accumulators.
/// Preconditions: |value| < 2^47, multiplier in [0, 2^15), shift in [-31, 7], so the product is
/// below 2^62; clamps in [-32768, 32767].
constexpr std::int16_t RequantizeInt16(std::int64_t value, std::int32_t multiplier,
                                       std::int32_t shift, std::int32_t clamp_min,
                                       std::int32_t clamp_max) {
  const std::int64_t rounding = std::int64_t{1} << (14 - shift);
  return static_cast<std::int16_t>(
      Clamp((value * multiplier + rounding) >> (15 - shift), clamp_min, clamp_max));
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_REQUANTIZE_H_
