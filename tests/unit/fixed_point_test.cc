#include "compiler/lower/fixed_point.h"

#include <gtest/gtest.h>

#include <cmath>

namespace quaver::compiler {
namespace {

constexpr std::int32_t kOneQ30 = std::int32_t{1} << 30;

struct MultiplierCase {
  double real;
  std::int32_t value;
  std::int32_t shift;
};

TEST(QuantizeMultiplier, GivesKnownValues) {
  // By hand from value = round(real / 2^shift * 2^31), value in [2^30, 2^31).
  const MultiplierCase cases[] = {
      {0.0, 0, 0},
      {1.0, kOneQ30, 1},
      {0.5, kOneQ30, 0},
      {0.25, kOneQ30, -1},
      {0.75, 1610612736, 0},
      {1.0 / 3, 1431655765, -1},
      {3.0, 1610612736, 2},
      {1.0 - 1e-12, kOneQ30, 1},              // rounds up to 2^31: one more shift
      {std::ldexp(1.0, -32), kOneQ30, -31},   // the smallest
      {std::ldexp(1.0, -33), 0, 0},           // flushed
      {std::ldexp(1.0, 30), 2147483647, 30},  // beyond the largest shift
      {std::ldexp(1.0, 29), kOneQ30, 30},
  };
  for (const MultiplierCase& c : cases) {
    const Multiplier multiplier = QuantizeMultiplier(c.real);
    EXPECT_EQ(multiplier.value, c.value) << c.real;
    EXPECT_EQ(multiplier.shift, c.shift) << c.real;
  }
}

TEST(RoundingDivideByPowerOfTwo, RoundsHalvesAwayFromZero) {
  EXPECT_EQ(RoundingDivideByPowerOfTwo(5, 1), 3);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(-5, 1), -3);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(4, 3), 1);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(3, 3), 0);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(-4, 3), -1);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(-3, 3), 0);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(-77, 0), -77);
}

// The fixed-point functions are approximations; their exact bytes are proved by the golden models.
// Here: that they are the functions. The expansion of exp drops x^5 / 120 at |x| <= 1/8: 2.6e-7.
constexpr double kTolerance = 3e-7;

TEST(ExpOfNegative, IsCloseToExp) {
  for (int bits : {4, 5}) {
    const double unit = std::ldexp(1.0, bits - 31);
    for (double x = 0; x > -std::ldexp(1.0, bits) + 0.01; x -= 0.0371) {
      const auto raw = static_cast<std::int32_t>(x / unit);
      EXPECT_NEAR(std::ldexp(ExpOfNegative(raw, bits), -31), std::exp(raw * unit), kTolerance) << x;
    }
  }
}

TEST(LogisticQ4, IsCloseToLogistic) {
  const double unit = std::ldexp(1.0, -27);
  for (double x = -15.9; x < 15.9; x += 0.0713) {
    const auto raw = static_cast<std::int32_t>(x / unit);
    EXPECT_NEAR(std::ldexp(LogisticQ4(raw), -31), 1 / (1 + std::exp(-raw * unit)), kTolerance) << x;
  }
  EXPECT_EQ(LogisticQ4(0), kOneQ30);
}

TEST(TanhQ4, IsCloseToTanhAndOdd) {
  const double unit = std::ldexp(1.0, -27);
  for (double x = 0; x < 15.9; x += 0.0713) {
    const auto raw = static_cast<std::int32_t>(x / unit);
    EXPECT_NEAR(std::ldexp(TanhQ4(raw), -31), std::tanh(raw * unit), kTolerance) << x;
    EXPECT_EQ(TanhQ4(-raw), -TanhQ4(raw));
  }
}

TEST(InputRadius, IsTheLargestThatFits) {
  EXPECT_EQ(InputRadius(5, 26), 31);
  EXPECT_EQ(InputRadius(5, 20), 31 * 64);
  EXPECT_EQ(InputRadius(4, 27), 15);
  EXPECT_EQ(InputRadius(4, 28), 7);
}

TEST(RoundingDoublingHighMul16, RoundsAndSaturates) {
  EXPECT_EQ(RoundingDoublingHighMul16(16384, 16384), 8192);
  EXPECT_EQ(RoundingDoublingHighMul16(1, 16384), 1);
  EXPECT_EQ(RoundingDoublingHighMul16(-1, 16384), 0);
  EXPECT_EQ(RoundingDoublingHighMul16(-32768, -32768), 32767);
}

}  // namespace
}  // namespace quaver::compiler
