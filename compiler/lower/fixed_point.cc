#include "compiler/lower/fixed_point.h"

#include <cmath>
#include <limits>

#include "kernels/requantize.h"

namespace quaver::compiler {
namespace {

using kernels::SaturatingRoundingDoublingHighMul;
using kernels::SaturatingShiftLeft;

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

/// exp(a) in Q0.31 for a in [-1/4, 0) in Q0.31: a Taylor expansion around -1/8,
/// exp(-1/8) * (1 + x + x^2/2 + x^3/6 + x^4/24) with x = a + 1/8.
std::int32_t ExpOnQuarter(std::int32_t a) {
  constexpr std::int32_t kExpOfMinusEighth = 1895147668;
  constexpr std::int32_t kThird = 715827883;
  const std::int32_t x = a + (std::int32_t{1} << 28);
  const std::int32_t x2 = SaturatingRoundingDoublingHighMul(x, x);
  const std::int32_t x3 = SaturatingRoundingDoublingHighMul(x2, x);
  const std::int32_t x4 = SaturatingRoundingDoublingHighMul(x2, x2);
  const std::int32_t x4_over_4 = RoundingDivideByPowerOfTwo(x4, 2);
  const std::int32_t tail =
      RoundingDivideByPowerOfTwo(SaturatingRoundingDoublingHighMul(x4_over_4 + x3, kThird) + x2, 1);
  return kExpOfMinusEighth + SaturatingRoundingDoublingHighMul(kExpOfMinusEighth, x + tail);
}

/// About 1 / d in Q2.29 for d = (1 + a) / 2 in [1/2, 1], a in Q0.31: Newton-Raphson from
/// 48/17 - 32/17 * d, three steps.
std::int32_t ReciprocalOfHalfSum(std::int32_t a) {
  constexpr std::int32_t k48Over17 = 1515870810;
  constexpr std::int32_t kMinus32Over17 = -1010580540;
  constexpr std::int32_t kOneQ2 = std::int32_t{1} << 29;
  const auto half_denominator = static_cast<std::int32_t>((std::int64_t{a} + kMax + 1) / 2);
  std::int32_t x = k48Over17 + SaturatingRoundingDoublingHighMul(half_denominator, kMinus32Over17);
  for (int i = 0; i < 3; ++i) {
    const std::int32_t error = kOneQ2 - SaturatingRoundingDoublingHighMul(half_denominator, x);
    x += SaturatingShiftLeft(SaturatingRoundingDoublingHighMul(x, error), 2);
  }
  return x;
}

}  // namespace

Multiplier QuantizeMultiplier(double real) {
  if (real == 0) return {};
  if (!(real < static_cast<double>(std::int64_t{1} << 30))) return {kMax, 30};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  auto value = static_cast<std::int64_t>(std::round(fraction * (std::int64_t{1} << 31)));
  if (value == std::int64_t{1} << 31) {
    value /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  if (shift > 30) return {kMax, 30};  // 2^30 by rounding
  return {static_cast<std::int32_t>(value), shift};
}

std::int16_t ReducedMultiplier(Multiplier multiplier) {
  if (multiplier.value >= kMax - (1 << 15)) return std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>((multiplier.value + (1 << 15)) >> 16);
}

std::int64_t Multiply(std::int32_t x, Multiplier multiplier) {
  return kernels::MultiplyByQuantizedMultiplier(x, multiplier.value, multiplier.shift);
}

std::int32_t ExpOfNegative(std::int32_t a, int integer_bits) {
  if (a == 0) return kMax;
  const int fractional_bits = 31 - integer_bits;
  // a = part - remainder, part in [-1/4, 0), remainder a multiple of 1/4.
  const std::int32_t quarter = std::int32_t{1} << (fractional_bits - 2);
  const std::int32_t part = (a & (quarter - 1)) - quarter;
  const std::int32_t remainder = part - a;
  std::int32_t result = ExpOnQuarter(SaturatingShiftLeft(part, integer_bits));
  // exp(-2^i) in Q0.31 for i = -2 .. 4: one factor for each bit of the remainder.
  constexpr std::int32_t kExpOfMinusPower[] = {1672461947, 1302514674, 790015084, 290630308,
                                               39332535,   720401,     242};
  for (int i = -2; i < integer_bits; ++i) {
    if ((remainder & (std::int32_t{1} << (fractional_bits + i))) != 0) {
      result = SaturatingRoundingDoublingHighMul(result, kExpOfMinusPower[i + 2]);
    }
  }
  return result;
}

std::int32_t LogisticQ4(std::int32_t a) {
  if (a == 0) return std::int32_t{1} << 30;
  const std::int32_t exp = ExpOfNegative(a > 0 ? -a : a, 4);
  // 1 / (1 + exp) is half the reciprocal of (1 + exp) / 2: the same bits, read as Q1.30.
  const std::int32_t positive = SaturatingShiftLeft(ReciprocalOfHalfSum(exp), 1);
  return a > 0 ? positive : kMax - positive;
}

std::int32_t TanhQ4(std::int32_t a) {
  if (a == 0) return 0;
  // (1 - e) / (1 + e) = 2 / (1 + e) - 1 with e = exp(-2|a|): the bits of a, read as Q5.26.
  const std::int32_t exp = ExpOfNegative(a > 0 ? -a : a, 5);
  const std::int32_t positive =
      SaturatingShiftLeft(ReciprocalOfHalfSum(exp) - (std::int32_t{1} << 29), 2);
  return a > 0 ? positive : -positive;
}

std::int32_t InputRadius(int integer_bits, int left_shift) {
  const double largest = ((1 << integer_bits) - 1) *
                         static_cast<double>(std::int64_t{1} << (31 - integer_bits)) /
                         static_cast<double>(std::int64_t{1} << left_shift);
  return static_cast<std::int32_t>(std::floor(largest));
}

std::int16_t RoundingDoublingHighMul16(std::int16_t a, std::int16_t b) {
  constexpr std::int16_t kMin16 = std::numeric_limits<std::int16_t>::min();
  if (a == kMin16 && b == kMin16) return std::numeric_limits<std::int16_t>::max();
  const std::int32_t product = std::int32_t{a} * b;
  const std::int32_t nudge = product >= 0 ? (1 << 14) : 1 - (1 << 14);
  return static_cast<std::int16_t>((product + nudge) / (1 << 15));
}

}  // namespace quaver::compiler
