// Add, Sub, Mul, Lut8 and the strided loops under them.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// floor(value * multiplier / 2^(31 - shift) + 1/2)
std::int64_t Scaled(std::int64_t value, std::int64_t multiplier, std::int32_t shift) {
  const std::int64_t unit = std::int64_t{1} << (31 - shift);
  const std::int64_t twice = value * multiplier + unit / 2;
  return twice / unit - (twice % unit < 0 ? 1 : 0);
}

AddParams TypicalAdd() {
  AddParams p{};
  p.left_shift = 20;
  p.zero_point1 = -10, p.zero_point2 = 25;
  p.multiplier1 = 1 << 30, p.shift1 = 0;  // scale1 is the larger: 1/2
  p.multiplier2 = 1500000000, p.shift2 = -2;
  p.output_multiplier = 1700000000, p.output_shift = -18, p.output_zero_point = -4;
  p.clamp_min = -128, p.clamp_max = 127;
  return p;
}

std::int8_t Expected(const AddSubParams& p, std::int32_t q1, std::int32_t q2, std::int32_t sign) {
  const std::int64_t a =
      Scaled(std::int64_t{q1 - p.zero_point1} * (1 << p.left_shift), p.multiplier1, p.shift1);
  const std::int64_t b =
      Scaled(std::int64_t{q2 - p.zero_point2} * (1 << p.left_shift), p.multiplier2, p.shift2);
  const std::int64_t q =
      Scaled(a + sign * b, p.output_multiplier, p.output_shift) + p.output_zero_point;
  return static_cast<std::int8_t>(q < p.clamp_min   ? p.clamp_min
                                  : q > p.clamp_max ? p.clamp_max
                                                    : q);
}

// All 65536 pairs of values.
struct AllPairs {
  AllPairs() {
    for (int a = -128; a < 128; ++a) {
      for (int b = -128; b < 128; ++b) {
        first.push_back(static_cast<std::int8_t>(a));
        second.push_back(static_cast<std::int8_t>(b));
      }
    }
  }
  std::vector<std::int8_t> first, second;
  std::int32_t dims[1] = {65536};
  std::int32_t strides[1] = {1};
};

TEST(AddScalar, EveryPairOfValues) {
  const AllPairs pairs;
  std::vector<std::int8_t> output(65536);
  AddParams p = TypicalAdd();
  p.input1 = pairs.first.data(), p.input2 = pairs.second.data(), p.output = output.data();
  p.dims = pairs.dims, p.strides1 = p.strides2 = pairs.strides, p.rank = 1;
  AddScalar(p, {0, 1000, 0});
  AddScalar(p, {1000, 65536, 0});
  for (std::size_t i = 0; i < output.size(); ++i) {
    ASSERT_EQ(output[i], Expected(p, pairs.first[i], pairs.second[i], 1)) << i;
  }
}

TEST(SubScalar, EveryPairOfValuesInPlace) {
  const AllPairs pairs;
  std::vector<std::int8_t> output = pairs.first;
  SubParams p{};
  static_cast<AddSubParams&>(p) = TypicalAdd();
  p.clamp_min = -100, p.clamp_max = 90;
  p.input1 = output.data(), p.input2 = pairs.second.data(), p.output = output.data();
  p.dims = pairs.dims, p.strides1 = p.strides2 = pairs.strides, p.rank = 1;
  SubScalar(p, {0, 65536, 0});
  for (std::size_t i = 0; i < output.size(); ++i) {
    ASSERT_EQ(output[i], Expected(p, pairs.first[i], pairs.second[i], -1)) << i;
  }
}

// The largest terms that the preconditions allow stay within int32.
TEST(AddScalar, ExtremeParametersClamp) {
  const std::int8_t high = 127, low = -128;
  std::int8_t output = 0;
  const std::int32_t one = 1;
  AddParams p{};
  p.input1 = p.input2 = &high, p.output = &output;
  p.dims = p.strides1 = p.strides2 = &one, p.rank = 1;
  p.left_shift = 22, p.zero_point1 = p.zero_point2 = -128;
  p.multiplier1 = p.multiplier2 = p.output_multiplier = INT32_MAX;
  p.output_shift = 30, p.clamp_min = -128, p.clamp_max = 127;
  AddScalar(p, {0, 1, 0});
  EXPECT_EQ(output, 127);
  p.input1 = p.input2 = &low, p.zero_point1 = p.zero_point2 = 127;
  AddScalar(p, {0, 1, 0});
  EXPECT_EQ(output, -128);
}

TEST(MulScalar, EveryPairOfValues) {
  const AllPairs pairs;
  std::vector<std::int8_t> output(65536);
  MulParams p{};
  p.input1 = pairs.first.data(), p.input2 = pairs.second.data(), p.output = output.data();
  p.dims = pairs.dims, p.strides1 = p.strides2 = pairs.strides, p.rank = 1;
  p.zero_point1 = 3, p.zero_point2 = -128, p.output_multiplier = 1234567890, p.output_shift = -7;
  p.output_zero_point = 11, p.clamp_min = -128, p.clamp_max = 100;
  MulScalar(p, {0, 65536, 0});
  for (std::size_t i = 0; i < output.size(); ++i) {
    const std::int64_t product = (pairs.first[i] - 3) * (pairs.second[i] + 128);
    std::int64_t q = Scaled(product, 1234567890, -7) + 11;
    q = q < -128 ? -128 : q > 100 ? 100 : q;
    ASSERT_EQ(output[i], q) << i;
  }
}

// Six dimensions, each input broadcast along some of them; units are elements of dims[0].
TEST(MulScalar, BroadcastsOverSixDimensions) {
  const std::int32_t dims[] = {2, 3, 2, 2, 3, 4};
  const std::int32_t strides1[] = {24, 8, 0, 4, 0, 1};  // [2, 3, 1, 2, 1, 4]
  const std::int32_t strides2[] = {0, 12, 6, 0, 2, 0};  // as [3, 2, 3] with gaps of 2
  std::mt19937 random(3);
  std::vector<std::int8_t> a(48), b(36), output(288), expected;
  for (auto& v : a) v = static_cast<std::int8_t>(random());
  for (auto& v : b) v = static_cast<std::int8_t>(random());
  MulParams p{};
  p.input1 = a.data(), p.input2 = b.data(), p.output = output.data();
  p.dims = dims, p.strides1 = strides1, p.strides2 = strides2, p.rank = 6;
  p.output_multiplier = 1 << 30, p.output_shift = -6, p.clamp_min = -128, p.clamp_max = 127;
  for (int i = 0; i < 288; ++i) {
    const int i5 = i % 4, i4 = i / 4 % 3, i3 = i / 12 % 2, i2 = i / 24 % 2, i1 = i / 48 % 3;
    const int i0 = i / 144;
    const auto at1 = static_cast<std::size_t>(i0 * 24 + i1 * 8 + i3 * 4 + i5);
    const auto at2 = static_cast<std::size_t>(i1 * 12 + i2 * 6 + i4 * 2);
    const std::int64_t q = Scaled(a[at1] * b[at2], 1 << 30, -6);
    expected.push_back(static_cast<std::int8_t>(q < -128 ? -128 : q > 127 ? 127 : q));
  }
  MulScalar(p, {1, 2, 0});
  MulScalar(p, {0, 1, 0});
  EXPECT_EQ(output, expected);
}

TEST(Lut8Scalar, LooksUpEveryByteInPlaceAndOnlyItsRange) {
  std::uint8_t table[256];
  std::uint8_t data[256];
  for (int i = 0; i < 256; ++i) {
    table[i] = static_cast<std::uint8_t>(255 - i);
    data[i] = static_cast<std::uint8_t>(i);
  }
  const Lut8Params p{data, data, table, 256};
  Lut8Scalar(p, {10, 256, 0});
  for (int i = 0; i < 256; ++i) EXPECT_EQ(data[i], i < 10 ? i : 255 - i);
}

TEST(StridedCopyScalar, TransposesRuns) {
  // [2, 3] runs of 2 bytes to [3, 2].
  const std::uint8_t source[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::uint8_t target[12] = {};
  const std::int32_t dims[] = {2, 3};
  const std::int32_t source_strides[] = {6, 2};
  const std::int32_t target_strides[] = {2, 4};
  const StridedCopyParams p{source, target, dims, source_strides, target_strides, 2, 2};
  StridedCopyScalar(p, {1, 2, 0});
  StridedCopyScalar(p, {0, 1, 0});
  const std::uint8_t expected[] = {1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12};
  for (int i = 0; i < 12; ++i) EXPECT_EQ(target[i], expected[i]) << i;
}

TEST(StridedCopyScalar, ReversesWithNegativeStridesAndRepeatsWithZero) {
  const std::uint8_t source[] = {1, 2, 3};
  std::uint8_t target[6] = {};
  const std::int32_t dims[] = {2, 3};
  const std::int32_t source_strides[] = {0, -1};
  const std::int32_t target_strides[] = {3, 1};
  const StridedCopyParams p{source + 2, target, dims, source_strides, target_strides, 2, 1};
  StridedCopyScalar(p, {0, 2, 0});
  const std::uint8_t expected[] = {3, 2, 1, 3, 2, 1};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(target[i], expected[i]) << i;
}

TEST(StridedCopyScalar, RankZeroIsOneRun) {
  const std::uint8_t source[] = {1, 2, 3};
  std::uint8_t target[4] = {9, 9, 9, 9};
  const StridedCopyParams p{source, target, nullptr, nullptr, nullptr, 0, 3};
  StridedCopyScalar(p, {0, 1, 0});
  EXPECT_EQ(target[0], 1);
  EXPECT_EQ(target[2], 3);
  EXPECT_EQ(target[3], 9);
}

}  // namespace
}  // namespace quaver::kernels
