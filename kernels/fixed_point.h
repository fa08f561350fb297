// gemmlowp's fixed-point arithmetic, as far as TensorFlow Lite's softmax uses it. Values are raw
// int32; "Qm.n" has m integer bits and n fraction bits.
// Source: gemmlowp fixedpoint/fixedpoint.h (the scalar definitions).
#ifndef QUAVER_KERNELS_FIXED_POINT_H_
#define QUAVER_KERNELS_FIXED_POINT_H_

#include <cstdint>

namespace quaver::kernels {

/// round(a * b / 2^31), halves up (as SQRDMULH); the one overflow, INT32_MIN^2, saturates.
constexpr std::int32_t SaturatingRoundingDoublingHighMul(std::int32_t a, std::int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  return static_cast<std::int32_t>((product + nudge) / (std::int64_t{1} << 31));
}

/// round(value / 2^exponent), halves away from zero. Exponent in [0, 62].
constexpr std::int32_t RoundingDivideByPowerOfTwo(std::int32_t value, std::int32_t exponent) {
  const std::int64_t mask = (std::int64_t{1} << exponent) - 1;
  const std::int64_t remainder = value & mask;
  const std::int64_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  const std::int64_t floor = std::int64_t{value} >> exponent;
  return static_cast<std::int32_t>(floor + (remainder > threshold ? 1 : 0));
}

/// value * 2^exponent, saturated. Exponent in [0, 31].
constexpr std::int32_t SaturatingShiftLeft(std::int32_t value, std::int32_t exponent) {
  const std::int64_t wide = std::int64_t{value} * (std::int64_t{1} << exponent);
  return wide > INT32_MAX   ? INT32_MAX
         : wide < INT32_MIN ? INT32_MIN
                            : static_cast<std::int32_t>(wide);
}

/// 1 / (1 + x) in Q0.31 for x in [0, 1) in Q0.31, by three Newton-Raphson steps on
/// d = (1 + x) / 2, which is in [1/2, 1): y += y * (1 - d * y), from y = 48/17 - 32/17 * d.
constexpr std::int32_t OneOverOnePlusX(std::int32_t x) {
  constexpr std::int32_t k48Over17 = 1515870810;  // Q2.29
  constexpr std::int32_t k32Over17 = 1010580540;  // Q2.29
  constexpr std::int32_t kOne = 1 << 29;          // Q2.29
  // One is INT32_MAX in Q0.31; the sum is positive, so its half rounds up.
  const auto d = static_cast<std::int32_t>((std::int64_t{x} + INT32_MAX + 1) / 2);
  std::int32_t y = k48Over17 + SaturatingRoundingDoublingHighMul(d, -k32Over17);
  for (int i = 0; i < 3; ++i) {
    const std::int32_t error = kOne - SaturatingRoundingDoublingHighMul(d, y);
    // Q2.29 times Q2.29 is Q4.27; two bits to the left make it Q2.29 again.
    y += SaturatingShiftLeft(SaturatingRoundingDoublingHighMul(y, error), 2);
  }
  // y = 1/d = 2 / (1 + x): read as Q1.30 it is the half of that, and one bit to the left is Q0.31.
  return SaturatingShiftLeft(y, 1);
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_FIXED_POINT_H_
