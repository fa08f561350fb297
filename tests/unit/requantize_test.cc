#include "kernels/requantize.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

namespace quaver::kernels {
namespace {

__extension__ using Int128 = __int128;

// round(value * multiplier * 2^(shift - 31)), ties towards +infinity, by long division.
Int128 SlowModel(std::int32_t value, std::int32_t multiplier, std::int32_t shift) {
  const Int128 divisor = Int128{1} << (31 - shift);
  const Int128 twice = 2 * Int128{value} * multiplier + divisor;  // floor(x + 1/2)
  Int128 quotient = twice / (2 * divisor);
  if (twice % (2 * divisor) < 0) --quotient;
  return quotient;
}

void ExpectEqual(std::int32_t value, std::int32_t multiplier, std::int32_t shift) {
  ASSERT_TRUE(MultiplyByQuantizedMultiplier(value, multiplier, shift) ==
              SlowModel(value, multiplier, shift))
      << value << " * " << multiplier << " << " << shift;
}

const std::vector<std::int32_t> kValues = {INT32_MIN,
                                           INT32_MIN + 1,
                                           -(1 << 30) - 1,
                                           -(1 << 30),
                                           -65537,
                                           -256,
                                           -129,
                                           -128,
                                           -3,
                                           -2,
                                           -1,
                                           0,
                                           1,
                                           2,
                                           3,
                                           127,
                                           128,
                                           255,
                                           256,
                                           65536,
                                           (1 << 30),
                                           (1 << 30) + 1,
                                           INT32_MAX - 1,
                                           INT32_MAX};
const std::vector<std::int32_t> kMultipliers = {
    0, 1, 2, 3, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, 1518500250, INT32_MAX - 1, INT32_MAX};

TEST(MultiplyByQuantizedMultiplier, EqualsTheSlowModelAtEveryEdgeAndShift) {
  for (std::int32_t shift = -31; shift <= 30; ++shift) {
    for (const std::int32_t multiplier : kMultipliers) {
      for (const std::int32_t value : kValues) ExpectEqual(value, multiplier, shift);
    }
  }
}

TEST(MultiplyByQuantizedMultiplier, EqualsTheSlowModelOnRandomValues) {
  std::mt19937 random(1);
  for (int i = 0; i < 300000; ++i) {
    const auto value = static_cast<std::int32_t>(random());
    const auto multiplier = static_cast<std::int32_t>(random() >> 1);
    ExpectEqual(value, multiplier, static_cast<std::int32_t>(random() % 62) - 31);
  }
}

TEST(MultiplyByQuantizedMultiplier, TiesGoUp) {
  // 2^30 * 2^(0 - 31) is one half.
  EXPECT_EQ(MultiplyByQuantizedMultiplier(1, 1 << 30, 0), 1);
  EXPECT_EQ(MultiplyByQuantizedMultiplier(-1, 1 << 30, 0), 0);
  EXPECT_EQ(MultiplyByQuantizedMultiplier(3, 1 << 30, 0), 2);
  EXPECT_EQ(MultiplyByQuantizedMultiplier(-3, 1 << 30, 0), -1);
}

TEST(Requantize, AddsTheZeroPointThenClamps) {
  // 100 * 0.5 + 10
  EXPECT_EQ(Requantize(100, 1 << 30, 0, 10, -128, 127), 60);
  EXPECT_EQ(Requantize(100, 1 << 30, 0, 10, -128, 40), 40);
  EXPECT_EQ(Requantize(-400, 1 << 30, 0, 10, -128, 127), -128);
  EXPECT_EQ(Requantize(-400, 1 << 30, 0, 10, -5, 127), -5);
}

// A result beyond 32 bits must clamp, not wrap.
TEST(Requantize, HugeResultsClamp) {
  EXPECT_EQ(Requantize(INT32_MAX, INT32_MAX, 30, 127, -128, 127), 127);
  EXPECT_EQ(Requantize(INT32_MIN, INT32_MAX, 30, -128, -128, 127), -128);
  EXPECT_EQ(Requantize(4, 1 << 30, 30, 0, -128, 127), 127);
}

}  // namespace
}  // namespace quaver::kernels
