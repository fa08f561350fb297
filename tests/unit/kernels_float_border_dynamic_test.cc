#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/float_border_dynamic.h"

namespace quaver::kernels {
namespace {

struct Row {
  std::vector<std::int8_t> q;
  float scale;
  std::int32_t zero_point;
};

Row Quantize(const std::vector<float>& values) {
  Row row{std::vector<std::int8_t>(values.size()), 0, 99};
  DynamicQuantizeScalar({values.data(), row.q.data(), &row.scale, &row.zero_point,
                         static_cast<std::int32_t>(values.size())},
                        {0, 1, 0});
  return row;
}

TEST(DynamicQuantize, RangeHoldsZeroAndAllSteps) {
  const Row both = Quantize({-1, 0, 1.55F});
  EXPECT_EQ(both.scale, 2.55F / 255);
  EXPECT_EQ(both.zero_point, -28);
  EXPECT_EQ(both.q, (std::vector<std::int8_t>{-128, -28, 127}));
  const Row positive = Quantize({51, 255});
  EXPECT_EQ(positive.scale, 1);
  EXPECT_EQ(positive.zero_point, -128);
  EXPECT_EQ(positive.q, (std::vector<std::int8_t>{-77, 127}));
  const Row negative = Quantize({-51, -255});
  EXPECT_EQ(negative.zero_point, 127);
  EXPECT_EQ(negative.q, (std::vector<std::int8_t>{76, -128}));
}

TEST(DynamicQuantize, EveryFloatHasADefinedResult) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kMax = std::numeric_limits<float>::max();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& values :
       {std::vector<float>{0, 0}, {nan, nan}, {1e-38F, -1e-38F}, {1e-42F, 0}}) {
    const Row row = Quantize(values);
    EXPECT_EQ(row.scale, 1);
    EXPECT_EQ(row.zero_point, 0);
    EXPECT_EQ(row.q, (std::vector<std::int8_t>{0, 0}));
  }
  const Row ends = Quantize({-kInfinity, kInfinity, kMax, -kMax, nan, 0});
  EXPECT_TRUE(std::isfinite(ends.scale));
  EXPECT_EQ(ends.q[0], -128);
  EXPECT_EQ(ends.q[1], 127);
  EXPECT_EQ(ends.q[2], 127);
  EXPECT_EQ(ends.q[3], -128);
  EXPECT_EQ(ends.q[4], ends.zero_point);
  EXPECT_EQ(ends.q[5], ends.zero_point);
  const Row beside = Quantize({nan, 2.55F});
  EXPECT_EQ(beside.scale, 0.01F);
  EXPECT_EQ(beside.q, (std::vector<std::int8_t>{-128, 127}));
}

TEST(DynamicFullyConnected, IsTheFormulaInOneOrder) {
  const std::int8_t input[] = {-128, 127, 3, 5, -7, 100};
  const std::int8_t weights[] = {127, -127, 50, -3, 8, 90};
  const float scales[] = {0.037F, 1.7e-5F};
  const std::int32_t zero_points[] = {-128, 11};
  const float weight_scales[] = {0.0031F, 0.77F};
  const std::int32_t weight_sums[] = {50, 95};
  const float bias[] = {0.1F, -3.3F};
  float output[4] = {};
  DynamicFullyConnectedParams p{input,         scales,      zero_points, weights,
                                weight_scales, weight_sums, bias,        output,
                                -INFINITY,     INFINITY,    3,           2};
  DynamicFullyConnectedScalar(p, {0, 2, 0});
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t c = 0; c < 2; ++c) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        sum += (input[row * 3 + k] - zero_points[row]) * weights[c * 3 + k];
      }
      // volatile: each result is rounded to float32 before the next operation takes it.
      volatile float scale = scales[row] * weight_scales[c];
      volatile float product = static_cast<float>(sum) * scale;
      volatile float expected = product + bias[c];
      EXPECT_EQ(output[row * 2 + c], expected) << row << " " << c;
    }
  }
}

// The bytes that every CPU and compiler gives: a fused product and sum gives others.
TEST(DynamicFullyConnected, BytesAreThoseOfEveryCpu) {
  constexpr std::int32_t kDepth = 37;
  constexpr std::int32_t kChannels = 64;
  std::uint32_t seed = 7;
  const auto next = [&seed] { return (seed = seed * 1664525U + 1013904223U) >> 8; };
  std::vector<float> values;
  for (std::int32_t k = 0; k < kDepth; ++k) {
    values.push_back(static_cast<float>(next()) / 1048576.0F - 7.0F);
  }
  std::vector<std::int8_t> weights;
  std::vector<std::int32_t> sums(kChannels, 0);
  std::vector<float> scales, bias;
  for (std::size_t c = 0; c < kChannels; ++c) {
    for (std::int32_t k = 0; k < kDepth; ++k) {
      weights.push_back(static_cast<std::int8_t>(next() >> 16));
      sums[c] += weights.back();
    }
    scales.push_back(static_cast<float>(next() + 1) / 1073741824.0F);
    bias.push_back(static_cast<float>(next()) / 524288.0F - 16.0F);
  }
  const Row row = Quantize(values);
  std::vector<float> output(kChannels);
  DynamicFullyConnectedScalar(
      {row.q.data(), &row.scale, &row.zero_point, weights.data(), scales.data(), sums.data(),
       bias.data(), output.data(), -INFINITY, INFINITY, kDepth, kChannels},
      {0, 1, 0});
  std::uint32_t digest = 2166136261U;  // FNV-1a
  for (const float value : output) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    digest = (digest ^ bits) * 16777619U;
  }
  EXPECT_EQ(digest, 1227230575U);
}

// A NaN's bits differ between CPUs.
TEST(DynamicFullyConnected, GivesNoNaN) {
  const std::int8_t input[] = {0, 1};
  const std::int8_t weights[] = {1, 1};
  const std::int32_t zero_points[] = {0, 0};
  const std::int32_t sum = 1;
  const float scales[] = {std::numeric_limits<float>::max(), std::nanf("")};
  const float weight_scale = 2;
  const float bias = 3;
  float output[] = {-1, -1};
  DynamicFullyConnectedScalar({input, scales, zero_points, weights, &weight_scale, &sum, &bias,
                               output, -INFINITY, INFINITY, 1, 1},
                              {0, 2, 0});
  EXPECT_EQ(output[0], 0) << "0 times infinity";
  EXPECT_EQ(output[1], 0);
}

TEST(DynamicFullyConnected, ClampsAndDoesNotOverflow) {
  std::vector<std::int8_t> input(kMostDynamicDepth, -128);
  std::vector<std::int8_t> weights(kMostDynamicDepth, -128);
  const float one = 1;
  const float zero = 0;
  const std::int32_t zero_point = 127;
  const std::int32_t sum = -128 * kMostDynamicDepth;
  float output = 0;
  DynamicFullyConnectedParams p{
      input.data(), &one,      &zero_point, weights.data(),    &one, &sum, &zero,
      &output,      -INFINITY, INFINITY,    kMostDynamicDepth, 1};
  DynamicFullyConnectedScalar(p, {0, 1, 0});
  EXPECT_EQ(output, static_cast<float>(255 * 128 * std::int64_t{kMostDynamicDepth}));
  p.clamp_max = 6;
  DynamicFullyConnectedScalar(p, {0, 1, 0});
  EXPECT_EQ(output, 6);
}

}  // namespace
}  // namespace quaver::kernels
