#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>

#include "kernels/float_border.h"

namespace quaver::kernels {
namespace {

std::int32_t Quantize(float x, float scale, std::int32_t zero_point) {
  std::uint8_t q = 0;
  QuantizeFloatScalar({&x, &q, scale, zero_point, -128, 127}, {0, 1, 0});
  return static_cast<std::int8_t>(q);
}

TEST(QuantizeFloat, HalvesGoAwayFromZero) {
  EXPECT_EQ(Quantize(2.5F, 1.0F, 0), 3);
  EXPECT_EQ(Quantize(-2.5F, 1.0F, 0), -3);
  EXPECT_EQ(Quantize(2.4999998F, 1.0F, 0), 2);
  EXPECT_EQ(Quantize(0.49999997F, 1.0F, 0), 0);  // adding one half first would give 1
  EXPECT_EQ(Quantize(-0.49999997F, 1.0F, 0), 0);
  EXPECT_EQ(Quantize(1.25F, 0.5F, -10), -7);
}

TEST(QuantizeFloat, EveryFloatHasADefinedResult) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Quantize(std::numeric_limits<float>::quiet_NaN(), 0.1F, -5), -5);
  EXPECT_EQ(Quantize(kInfinity, 0.1F, -5), 127);
  EXPECT_EQ(Quantize(-kInfinity, 0.1F, -5), -128);
  EXPECT_EQ(Quantize(std::numeric_limits<float>::max(), 1e-38F, -5), 127);
  EXPECT_EQ(Quantize(-1e30F, 0.1F, 5), -128);
  EXPECT_EQ(Quantize(std::numeric_limits<float>::denorm_min(), 0.1F, 5), 5);
  EXPECT_EQ(Quantize(-0.0F, 0.1F, 5), 5);
}

TEST(QuantizeFloat, EqualsTheLibrarysRound) {
  std::mt19937 random(6);
  std::uniform_real_distribution<float> values(-40.0F, 40.0F);
  for (int i = 0; i < 100000; ++i) {
    const float x = values(random);
    const float scale = std::abs(values(random)) / 64.0F + 1e-3F;
    float q = std::round(x / scale) + 7.0F;
    q = std::fmin(std::fmax(q, -128.0F), 127.0F);
    ASSERT_EQ(Quantize(x, scale, 7), static_cast<std::int32_t>(q)) << x << " / " << scale;
  }
}

TEST(QuantizeFloat, UnsignedOutput) {
  const float x[] = {-1.0F, 0.0F, 100.0F, 200.0F};
  std::uint8_t q[4];
  QuantizeFloatScalar({x, q, 1.0F, 128, 0, 255}, {0, 4, 0});
  EXPECT_EQ(q[0], 127);
  EXPECT_EQ(q[1], 128);
  EXPECT_EQ(q[2], 228);
  EXPECT_EQ(q[3], 255);
}

TEST(DequantizeFloat, SignedAndUnsigned) {
  const std::uint8_t q[] = {0, 127, 128, 255};
  float x[4];
  DequantizeFloatScalar({q, x, 0.1F, 3, true}, {0, 4, 0});
  EXPECT_EQ(x[0], 0.1F * -3.0F);
  EXPECT_EQ(x[1], 0.1F * 124.0F);
  EXPECT_EQ(x[2], 0.1F * -131.0F);
  EXPECT_EQ(x[3], 0.1F * -4.0F);
  DequantizeFloatScalar({q, x, 0.1F, 3, false}, {2, 4, 0});
  EXPECT_EQ(x[1], 0.1F * 124.0F);
  EXPECT_EQ(x[2], 0.1F * 125.0F);
  EXPECT_EQ(x[3], 0.1F * 252.0F);
}

// TensorFlow Lite multiplies in double and rounds to float; the product of 24 and 9 bits is exact
// in double, so one multiplication in float is the same.
TEST(DequantizeFloat, OneRoundingIsThatOfTheExactProduct) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t bits = (random() & 0x0FFFFFFFU) | 0x30000000U;
    float scale = 0;
    std::memcpy(&scale, &bits, sizeof scale);
    const auto q = static_cast<std::uint8_t>(random());
    float x = 0;
    DequantizeFloatScalar({&q, &x, scale, -77, true}, {0, 1, 0});
    const double exact = double{scale} * (static_cast<std::int8_t>(q) + 77);
    ASSERT_EQ(x, static_cast<float>(exact));
  }
}

}  // namespace
}  // namespace quaver::kernels
