// The scalar operators with weights, against vectors worked out by hand and against an
// independent formulation: an explicitly padded copy of the input, 64-bit sums, and a rounding
// by floor division.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

std::vector<std::int8_t> RandomBytes(std::size_t count, std::mt19937& random) {
  std::vector<std::int8_t> bytes(count);
  for (std::int8_t& byte : bytes) byte = static_cast<std::int8_t>(random());
  return bytes;
}

// Owns an output stage with a multiplier near `scale` * 2^-shift for each channel.
struct Stage {
  Stage(std::int32_t channels, std::mt19937& random) {
    for (std::int32_t c = 0; c < channels; ++c) {
      bias.push_back(static_cast<std::int32_t>(random() % 2001) - 1000);
      multiplier.push_back(static_cast<std::int32_t>((1U << 30) + random() % (1U << 30)));
      shift.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 8) - 12));
    }
  }
  [[nodiscard]] OutputStage View() const {
    return {bias.data(), multiplier.data(), shift.data(), zero_point, clamp_min, clamp_max};
  }
  [[nodiscard]] std::int8_t Apply(std::size_t c, std::int64_t sum) const {
    const std::int64_t product = (sum + bias[c]) * multiplier[c];
    const std::int64_t unit = std::int64_t{1} << (31 - shift[c]);
    std::int64_t q = (product + unit / 2) / unit;
    if ((product + unit / 2) % unit < 0) --q;
    q += zero_point;
    if (q < clamp_min) q = clamp_min;
    if (q > clamp_max) q = clamp_max;
    return static_cast<std::int8_t>(q);
  }
  std::vector<std::int32_t> bias;
  std::vector<std::int32_t> multiplier;
  std::vector<std::int8_t> shift;
  std::int32_t zero_point = -3;
  std::int32_t clamp_min = -120;
  std::int32_t clamp_max = 117;
};

struct ConvCase {
  std::int32_t batch, h, w, c, oc, kh, kw, stride, dilation, pad_top, pad_left, pad_end, groups;
};

// [batch, h, w, c] with borders of `value`.
struct Padded {
  Padded(const std::vector<std::int8_t>& input, const ConvCase& s, std::int8_t value)
      : h(s.pad_top + s.h + s.pad_end), w(s.pad_left + s.w + s.pad_end), c(s.c) {
    data.assign(static_cast<std::size_t>(s.batch * h * w * c), value);
    for (std::int32_t b = 0; b < s.batch; ++b) {
      for (std::int32_t y = 0; y < s.h; ++y) {
        for (std::int32_t x = 0; x < s.w * c; ++x) {
          data[Index(b, y + s.pad_top, s.pad_left, x)] =
              input[static_cast<std::size_t>(((b * s.h) + y) * s.w * c + x)];
        }
      }
    }
  }
  [[nodiscard]] std::size_t Index(std::int32_t b, std::int32_t y, std::int32_t x,
                                  std::int32_t channel) const {
    return static_cast<std::size_t>(((b * h + y) * w + x) * c + channel);
  }
  std::int32_t h, w, c;
  std::vector<std::int8_t> data;
};

std::int32_t OutputExtent(std::int32_t padded, std::int32_t kernel, std::int32_t dilation,
                          std::int32_t stride) {
  return (padded - (kernel - 1) * dilation - 1) / stride + 1;
}

class ConvTest : public testing::TestWithParam<ConvCase> {};

TEST_P(ConvTest, Conv2DEqualsTheNaiveFormulation) {
  const ConvCase s = GetParam();
  std::mt19937 random(7);
  const std::int32_t depth = s.c / s.groups;
  const auto input = RandomBytes(static_cast<std::size_t>(s.batch * s.h * s.w * s.c), random);
  const auto weights = RandomBytes(static_cast<std::size_t>(s.oc * s.kh * s.kw * depth), random);
  const Stage stage(s.oc, random);
  const Padded padded(input, s, 5);
  Conv2DParams p{};
  p.input = input.data();
  p.weights = weights.data();
  p.stage = stage.View();
  p.batch = s.batch, p.input_h = s.h, p.input_w = s.w, p.input_c = s.c, p.output_c = s.oc;
  p.output_h = OutputExtent(padded.h, s.kh, s.dilation, s.stride);
  p.output_w = OutputExtent(padded.w, s.kw, s.dilation, s.stride);
  p.kernel_h = s.kh, p.kernel_w = s.kw, p.stride_h = p.stride_w = s.stride;
  p.dilation_h = p.dilation_w = s.dilation, p.pad_top = s.pad_top, p.pad_left = s.pad_left;
  p.groups = s.groups, p.pad_value = 5;
  std::vector<std::int8_t> expected;
  for (std::int32_t b = 0; b < s.batch; ++b) {
    for (std::int32_t y = 0; y < p.output_h; ++y) {
      for (std::int32_t x = 0; x < p.output_w; ++x) {
        for (std::int32_t o = 0; o < s.oc; ++o) {
          std::int64_t sum = 0;
          for (std::int32_t tap = 0; tap < s.kh * s.kw; ++tap) {
            for (std::int32_t i = 0; i < depth; ++i) {
              const std::int32_t group = o / (s.oc / s.groups);
              const std::size_t at =
                  padded.Index(b, y * s.stride + tap / s.kw * s.dilation,
                               x * s.stride + tap % s.kw * s.dilation, group * depth + i);
              sum += padded.data[at] *
                     weights[static_cast<std::size_t>((o * s.kh * s.kw + tap) * depth + i)];
            }
          }
          expected.push_back(stage.Apply(static_cast<std::size_t>(o), sum));
        }
      }
    }
  }
  std::vector<std::int8_t> output(expected.size());
  p.output = output.data();
  const std::int32_t rows = p.batch * p.output_h;
  Conv2DScalar(p, {0, rows / 2, 0});
  Conv2DScalar(p, {rows / 2, rows, 0});
  EXPECT_EQ(output, expected);
}

TEST_P(ConvTest, DepthwiseEqualsTheNaiveFormulation) {
  const ConvCase s = GetParam();
  std::mt19937 random(8);
  const std::int32_t multiplier = 1 + s.oc % 3;
  const std::int32_t oc = s.c * multiplier;
  const auto input = RandomBytes(static_cast<std::size_t>(s.batch * s.h * s.w * s.c), random);
  const auto weights = RandomBytes(static_cast<std::size_t>(s.kh * s.kw * oc), random);
  const Stage stage(oc, random);
  const Padded padded(input, s, -9);
  DepthwiseConv2DParams p{};
  p.input = input.data();
  p.weights = weights.data();
  p.stage = stage.View();
  p.batch = s.batch, p.input_h = s.h, p.input_w = s.w, p.input_c = s.c, p.output_c = oc;
  p.output_h = OutputExtent(padded.h, s.kh, s.dilation, s.stride);
  p.output_w = OutputExtent(padded.w, s.kw, s.dilation, s.stride);
  p.kernel_h = s.kh, p.kernel_w = s.kw, p.stride_h = p.stride_w = s.stride;
  p.dilation_h = p.dilation_w = s.dilation, p.pad_top = s.pad_top, p.pad_left = s.pad_left;
  p.pad_value = -9;
  std::vector<std::int8_t> expected;
  for (std::int32_t b = 0; b < s.batch; ++b) {
    for (std::int32_t y = 0; y < p.output_h; ++y) {
      for (std::int32_t x = 0; x < p.output_w; ++x) {
        for (std::int32_t o = 0; o < oc; ++o) {
          std::int64_t sum = 0;
          for (std::int32_t tap = 0; tap < s.kh * s.kw; ++tap) {
            const std::size_t at =
                padded.Index(b, y * s.stride + tap / s.kw * s.dilation,
                             x * s.stride + tap % s.kw * s.dilation, o / multiplier);
            sum += padded.data[at] * weights[static_cast<std::size_t>(tap * oc + o)];
          }
          expected.push_back(stage.Apply(static_cast<std::size_t>(o), sum));
        }
      }
    }
  }
  std::vector<std::int8_t> output(expected.size());
  p.output = output.data();
  const std::int32_t rows = p.batch * p.output_h;
  DepthwiseConv2DScalar(p, {0, rows / 2, 0});
  DepthwiseConv2DScalar(p, {rows / 2, rows, 0});
  EXPECT_EQ(output, expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ConvTest,
                         testing::Values(ConvCase{1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1},
                                         ConvCase{2, 5, 4, 3, 7, 3, 2, 1, 1, 1, 1, 1, 1},
                                         ConvCase{1, 7, 6, 4, 8, 3, 3, 2, 1, 0, 1, 1, 4},
                                         ConvCase{1, 9, 9, 6, 4, 3, 3, 1, 2, 2, 2, 2, 2},
                                         ConvCase{3, 6, 5, 2, 6, 5, 4, 3, 1, 4, 3, 4, 1},
                                         ConvCase{1, 2, 2, 5, 5, 3, 3, 1, 3, 6, 6, 6, 5}));

TEST(Conv2DScalar, AHandWorkedVector) {
  // 2x2 input [[1 2] [3 4]], 2x2 kernel [[1 -1] [2 -128]], one output: 1 - 2 + 6 - 512 = -507;
  // bias 7: -500; times 1/4: -125; zero point 1: -124.
  const std::int8_t input[] = {1, 2, 3, 4};
  const std::int8_t weights[] = {1, -1, 2, -128};
  const std::int32_t bias = 7;
  const std::int32_t multiplier = 1 << 30;
  const std::int8_t shift = -1;
  std::int8_t output = 0;
  Conv2DParams p{};
  p.input = input, p.weights = weights, p.output = &output;
  p.stage = {&bias, &multiplier, &shift, 1, -128, 127};
  p.batch = p.output_h = p.output_w = p.input_c = p.output_c = p.groups = 1;
  p.input_h = p.input_w = p.kernel_h = p.kernel_w = 2;
  p.stride_h = p.stride_w = p.dilation_h = p.dilation_w = 1;
  Conv2DScalar(p, {0, 1, 0});
  EXPECT_EQ(output, -124);
}

TEST(FullyConnectedScalar, EqualsTheNaiveFormulation) {
  std::mt19937 random(9);
  constexpr std::int32_t kRows = 3, kDepth = 37, kOutputs = 11;
  const auto input = RandomBytes(kRows * kDepth, random);
  const auto weights = RandomBytes(kOutputs * kDepth, random);
  const Stage stage(kOutputs, random);
  std::vector<std::int8_t> expected;
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t o = 0; o < kOutputs; ++o) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < kDepth; ++i) {
        sum += input[r * kDepth + i] * weights[o * kDepth + i];
      }
      expected.push_back(stage.Apply(o, sum));
    }
  }
  std::vector<std::int8_t> output(expected.size());
  const FullyConnectedParams p{input.data(), weights.data(), output.data(), nullptr,
                               stage.View(), kRows,          kDepth,        kOutputs};
  FullyConnectedScalar(p, {0, 4, 0});
  FullyConnectedScalar(p, {4, kOutputs, 0});
  EXPECT_EQ(output, expected);
}

// The folded bias may lie beyond int32; only the final accumulator must fit.
TEST(FullyConnectedScalar, TheBiasIsAddedModulo2To32) {
  const std::vector<std::int8_t> input(1000, 127);
  const std::vector<std::int8_t> weights(1000, 127);
  const std::int32_t sum = 1000 * 127 * 127;
  const std::int32_t bias = INT32_MAX;  // INT32_MAX + sum is INT32_MIN + sum - 1 modulo 2^32
  const std::int32_t multiplier = 1 << 30;
  const std::int8_t shift = -24;
  std::int8_t output = 0;
  const FullyConnectedParams p{input.data(),
                               weights.data(),
                               &output,
                               nullptr,
                               {&bias, &multiplier, &shift, 0, -128, 127},
                               1,
                               1000,
                               1};
  FullyConnectedScalar(p, {0, 1, 0});
  // -2131354649 / 2^25 = -63.52
  EXPECT_EQ(std::int64_t{INT32_MIN} + sum - 1, -2131354649);
  EXPECT_EQ(output, -64);
}

}  // namespace
}  // namespace quaver::kernels
