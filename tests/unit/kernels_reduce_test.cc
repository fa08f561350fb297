// Pooling, reductions, softmax, resizing and arg-max.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/fixed_point.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

template <typename Params>
Params Pool3x3(const std::int8_t* input, std::int8_t* output) {
  Params p{};
  p.input = input, p.output = output;
  p.batch = 1, p.input_h = p.input_w = 3, p.channels = 1;
  p.output_h = p.output_w = 2, p.filter_h = p.filter_w = 2;
  p.stride_h = p.stride_w = 2, p.pad_top = 1, p.pad_left = 1;
  p.clamp_min = -128, p.clamp_max = 127;
  return p;
}

// Windows with one padding row and column: {1}, {2 3}, {4 7}, {5 6 8 9}.
TEST(AveragePool2DScalar, PaddingIsNotCountedAndHalvesGoAwayFromZero) {
  const std::int8_t input[] = {1, 2, 3, -4, 5, -6, -7, 8, -9};
  std::int8_t output[4];
  AveragePool2DScalar(Pool3x3<AveragePool2DParams>(input, output), {0, 2, 0});
  EXPECT_EQ(output[0], 1);
  EXPECT_EQ(output[1], 3);   // 2.5
  EXPECT_EQ(output[2], -6);  // -5.5
  EXPECT_EQ(output[3], -1);  // -0.5
}

TEST(AveragePool2DScalar, EveryMeanOfTwo) {
  for (int a = -128; a < 128; ++a) {
    for (int b = -128; b < 128; ++b) {
      const std::int8_t input[] = {static_cast<std::int8_t>(a), static_cast<std::int8_t>(b)};
      std::int8_t output = 0;
      AveragePool2DParams p{};
      p.input = input, p.output = &output;
      p.batch = p.input_h = p.channels = p.output_h = p.output_w = p.filter_h = 1;
      p.stride_h = p.stride_w = 1;
      p.input_w = p.filter_w = 2, p.clamp_min = -128, p.clamp_max = 127;
      AveragePool2DScalar(p, {0, 1, 0});
      ASSERT_EQ(output, std::lround((a + b) / 2.0)) << a << " " << b;
    }
  }
}

TEST(MaxPool2DScalar, PaddingIsNotReadAndClampsHold) {
  const std::int8_t input[] = {-128, 2, 3, -4, 5, -6, -7, 8, -9};
  std::int8_t output[4];
  auto p = Pool3x3<MaxPool2DParams>(input, output);
  MaxPool2DScalar(p, {0, 2, 0});
  EXPECT_EQ(output[0], -128);
  EXPECT_EQ(output[1], 3);
  EXPECT_EQ(output[2], -4);
  EXPECT_EQ(output[3], 8);
  p.clamp_min = 0, p.clamp_max = 6;
  MaxPool2DScalar(p, {1, 2, 0});
  EXPECT_EQ(output[0], -128);  // not in this part of the work
  EXPECT_EQ(output[2], 0);
  EXPECT_EQ(output[3], 6);
}

// [2, 3, 2] over its middle dimension.
struct Cube {
  Cube() {
    std::mt19937 random(4);
    for (std::int8_t& q : input) q = static_cast<std::int8_t>(random());
  }
  template <typename Params>
  Params Reduce() {
    Params p{};
    p.input = input, p.output = output;
    p.kept_dims = kept_dims, p.kept_strides = kept_strides, p.kept_rank = 2;
    p.reduced_dims = reduced_dims, p.reduced_strides = reduced_strides, p.reduced_rank = 1;
    p.output_count = 4, p.reduced_count = 3, p.clamp_min = -128, p.clamp_max = 127;
    return p;
  }
  std::int8_t input[12];
  std::int8_t output[4] = {};
  const std::int32_t kept_dims[2] = {2, 2};
  const std::int32_t kept_strides[2] = {6, 1};
  const std::int32_t reduced_dims[1] = {3};
  const std::int32_t reduced_strides[1] = {2};
};

TEST(ReduceScalar, MaxAndMin) {
  Cube cube;
  for (int part = 0; part < 4; ++part) {
    ReduceMaxScalar(cube.Reduce<ReduceMaxParams>(), {part, part + 1, 0});
  }
  for (int i = 0; i < 4; ++i) {
    const std::int8_t* q = cube.input + i / 2 * 6 + i % 2;
    EXPECT_EQ(cube.output[i], std::max({q[0], q[2], q[4]}));
  }
  ReduceMinScalar(cube.Reduce<ReduceMinParams>(), {0, 4, 0});
  for (int i = 0; i < 4; ++i) {
    const std::int8_t* q = cube.input + i / 2 * 6 + i % 2;
    EXPECT_EQ(cube.output[i], std::min({q[0], q[2], q[4]}));
  }
}

TEST(ReduceScalar, MeanWithTheHostsMultiplier) {
  Cube cube;
  auto p = cube.Reduce<ReduceMeanParams>();
  // s_in / s_out = 1: (m, s) = (2^30, 1); N = 3: k = 1, m' = 2^31 / 3, s' = 0.
  p.output_multiplier = static_cast<std::int32_t>((std::int64_t{1} << 31) / 3);
  p.output_shift = 0;
  p.input_zero_point = 17, p.output_zero_point = -20;
  ReduceMeanScalar(p, {0, 4, 0});
  for (int i = 0; i < 4; ++i) {
    const std::int8_t* q = cube.input + i / 2 * 6 + i % 2;
    const double mean = (q[0] + q[2] + q[4] - 3 * 17) / 3.0;
    EXPECT_EQ(cube.output[i], std::max(-128.0, std::floor(mean + 0.5) - 20));
  }
}

TEST(ReduceScalar, MeanOfEverything) {
  const std::int8_t input[] = {10, 20, 40};
  const std::int32_t dims[] = {3}, strides[] = {1};
  std::int8_t output = 0;
  ReduceMeanParams p{};
  p.input = input, p.output = &output;
  p.reduced_dims = dims, p.reduced_strides = strides, p.reduced_rank = 1;
  p.output_count = 1, p.reduced_count = 3, p.clamp_min = -128, p.clamp_max = 127;
  p.output_multiplier = static_cast<std::int32_t>((std::int64_t{1} << 31) / 3);
  ReduceMeanScalar(p, {0, 1, 0});
  EXPECT_EQ(output, 23);
}

// exp(-d / 16) in Q0.31.
std::vector<std::int32_t> ExpTable() {
  std::vector<std::int32_t> table = {INT32_MAX};
  for (int d = 1; d < 200; ++d) {
    table.push_back(static_cast<std::int32_t>(std::exp(-d / 16.0) * 2147483648.0));
  }
  return table;
}

std::vector<std::int8_t> Softmax(std::vector<std::int8_t> row) {
  static const std::vector<std::int32_t> kTable = ExpTable();
  const SoftmaxParams p{row.data(), row.data(), kTable.data(),
                        200,        1,          static_cast<std::int32_t>(row.size())};
  SoftmaxScalar(p, {0, 1, 0});
  return row;
}

TEST(SoftmaxScalar, HandWorkedVectors) {
  EXPECT_EQ(Softmax({5}), (std::vector<std::int8_t>{127}));
  EXPECT_EQ(Softmax({5, 5}), (std::vector<std::int8_t>{0, 0}));
  EXPECT_EQ(Softmax({-7, -7, -7, -7}), (std::vector<std::int8_t>{-64, -64, -64, -64}));
  EXPECT_EQ(Softmax({127, -128}), (std::vector<std::int8_t>{127, -128}));
}

// From 512 equal values on, each is below half a step; the sum may also leave Q12.19.
TEST(SoftmaxScalar, ManyEqualValuesGiveZeroProbability) {
  EXPECT_EQ(Softmax(std::vector<std::int8_t>(511, 3)), std::vector<std::int8_t>(511, -127));
  EXPECT_EQ(Softmax(std::vector<std::int8_t>(512, 3)), std::vector<std::int8_t>(512, -128));
  EXPECT_EQ(Softmax(std::vector<std::int8_t>(9000, 3)), std::vector<std::int8_t>(9000, -128));
}

// The fixed-point result is within one step of the real one: its error is below 2^-15 a factor,
// which can move a value over one rounding boundary only.
TEST(SoftmaxScalar, IsWithinOneStepOfRealSoftmax) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::int8_t> row(1 + random() % 40);
    for (std::int8_t& q : row) q = static_cast<std::int8_t>(random());
    double sum = 0;
    for (const std::int8_t q : row) sum += std::exp(q / 16.0);
    const std::vector<std::int8_t> output = Softmax(row);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double real = std::min(255.0, 256 * std::exp(row[i] / 16.0) / sum);
      ASSERT_NEAR(output[i] + 128, real, 1.0);
    }
  }
}

TEST(FixedPoint, DivisionRoundsHalvesAwayFromZeroAndMultiplicationUp) {
  EXPECT_EQ(RoundingDivideByPowerOfTwo(6, 2), 2);    // 1.5
  EXPECT_EQ(RoundingDivideByPowerOfTwo(-6, 2), -2);  // -1.5
  EXPECT_EQ(RoundingDivideByPowerOfTwo(-5, 2), -1);  // -1.25
  EXPECT_EQ(RoundingDivideByPowerOfTwo(INT32_MAX, 31), 1);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(INT32_MAX, 32), 0);
  EXPECT_EQ(RoundingDivideByPowerOfTwo(INT32_MIN, 31), -1);
  EXPECT_EQ(SaturatingRoundingDoublingHighMul(INT32_MIN, INT32_MIN), INT32_MAX);
  EXPECT_EQ(SaturatingRoundingDoublingHighMul(1 << 30, 1), 1);   // 0.5
  EXPECT_EQ(SaturatingRoundingDoublingHighMul(1 << 30, -1), 0);  // -0.5
  EXPECT_EQ(SaturatingShiftLeft(1 << 30, 1), INT32_MAX);
  EXPECT_EQ(SaturatingShiftLeft(-(1 << 30), 1), INT32_MIN);
}

// Newton-Raphson in Q2.29 keeps about 28 bits.
TEST(FixedPoint, ReciprocalIsCloseOverItsRange) {
  for (std::int64_t x = 0; x <= INT32_MAX; x += 999983) {
    const double real = 2147483648.0 / (1.0 + static_cast<double>(x) / 2147483648.0);
    EXPECT_NEAR(OneOverOnePlusX(static_cast<std::int32_t>(x)), real, 16.0);
  }
}

TEST(ResizeNearestScalar, TakesThePixelsOfItsTables) {
  const std::int8_t input[] = {1, 2, 3, 4, 5, 6, 7, 8};  // [1, 2, 2, 2]
  const std::int32_t y[] = {0, 1, 1}, x[] = {1, 0, 0, 1};
  std::int8_t output[24];
  const ResizeNearestParams p{input, output, y, x, 1, 2, 2, 3, 4, 2};
  ResizeNearestScalar(p, {0, 3, 0});
  const std::int8_t expected[] = {3, 4, 1, 2, 1, 2, 3, 4, 7, 8, 5, 6,
                                  5, 6, 7, 8, 7, 8, 5, 6, 5, 6, 7, 8};
  for (int i = 0; i < 24; ++i) EXPECT_EQ(output[i], expected[i]) << i;
}

TEST(ResizeBilinearScalar, HalvesGoUp) {
  const std::int8_t input[] = {-3, -2, 4, 5};  // [1, 2, 2, 1]
  const std::int32_t i0[] = {0, 0, 1}, i1[] = {0, 1, 1}, weight[] = {0, 512, 1024};
  std::int8_t output[9];
  const ResizeBilinearParams p{input, output, i0, i1, weight, i0, i1, weight, 1, 2, 2, 3, 3, 1};
  ResizeBilinearScalar(p, {0, 1, 0});
  ResizeBilinearScalar(p, {1, 3, 0});
  const std::int8_t expected[] = {-3, -2, -2, 1, 1, 2, 4, 5, 5};  // -2.5, 0.5, 1, 1.5, 4.5
  for (int i = 0; i < 9; ++i) EXPECT_EQ(output[i], expected[i]) << i;
}

TEST(ResizeBilinearScalar, ExtremesStayInRange) {
  const std::int8_t input[] = {-128, -128, 127, 127};
  const std::int32_t i0[] = {0}, i1[] = {1}, weight[] = {1023};
  std::int8_t output[1];
  const ResizeBilinearParams p{input, output, i0, i1, weight, i0, i1, weight, 1, 2, 2, 1, 1, 1};
  ResizeBilinearScalar(p, {0, 1, 0});
  EXPECT_EQ(output[0], 127);  // 127 - 255 / 1024
}

TEST(ArgMaxScalar, TheFirstOfEqualValuesWins) {
  const std::int8_t input[] = {3, -1, 7, 5, 7, -1,  // [2, 3, 2]
                               0, 0,  0, 0, 0, -128};
  std::int32_t output[4];
  ArgMaxParams p{input, output, 2, 3, 2, 4, false};
  ArgMaxScalar(p, {0, 2, 0});
  EXPECT_EQ(output[0], 1);
  EXPECT_EQ(output[1], 1);
  EXPECT_EQ(output[2], 0);
  EXPECT_EQ(output[3], 0);
  std::int64_t wide[4];
  p.output = wide, p.output_element_bytes = 8, p.smallest = true;
  ArgMaxScalar(p, {0, 1, 0});
  ArgMaxScalar(p, {1, 2, 0});
  EXPECT_EQ(wide[0], 0);
  EXPECT_EQ(wide[1], 0);
  EXPECT_EQ(wide[2], 0);
  EXPECT_EQ(wide[3], 2);
}

}  // namespace
}  // namespace quaver::kernels
