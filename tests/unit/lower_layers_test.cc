// Layers with weights, pooling, reductions, softmax, resizing, arg max.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/lower_testing.h"

namespace quaver::compiler {
namespace {

/// The convolution's formula, in integers of 64 bits: sum of (q - zero_point) * w + bias.
std::int64_t Accumulate(const Int8s& input, int zero_point, int height, int width, int channels,
                        int y0, int x0, int kernel, int first_channel, int depth,
                        const std::int8_t* weights, std::size_t weight_stride) {
  std::int64_t sum = 0;
  for (int ky = 0; ky < kernel; ++ky) {
    for (int kx = 0; kx < kernel; ++kx) {
      for (int c = 0; c < depth; ++c, weights += weight_stride) {
        const int y = y0 + ky;
        const int x = x0 + kx;
        if (y < 0 || y >= height || x < 0 || x >= width) continue;  // padding is real 0
        const auto i = static_cast<std::size_t>((y * width + x) * channels + first_channel + c);
        sum += std::int64_t{input[i] - zero_point} * *weights;
      }
    }
  }
  return sum;
}

constexpr int kSize = 5;

TEST(LowerConv2D, EqualsTheFormulaPerChannel) {
  constexpr int kChannels = 3;
  constexpr int kOutputs = 4;
  const std::vector<float> scales = {0.01F, 0.003F, 0.02F, 0.0007F};
  const Int8s weights = RandomInt8(kOutputs * 9 * kChannels, 1);
  const std::vector<std::int32_t> bias = {100, -2000, 30, 0};
  TestGraph test;
  const TensorId input = test.Input({1, kSize, kSize, kChannels}, 0.05F, -7);
  Conv2DOp op;
  op.window.stride_h = op.window.stride_w = 2;
  op.window.padding = {1, 1, 1, 1};
  test.AddOutput(
      op, {input, test.Constant({kOutputs, 3, 3, kChannels}, weights, scales), test.Bias(bias)},
      {1, 3, 3, kOutputs}, 0.1F, 11);
  const Int8s values = RandomInt8(kSize * kSize * kChannels, 2);
  const Int8s outputs = RunInt8(test.graph, values);
  ASSERT_EQ(outputs.size(), 36U);
  for (int i = 0; i < 36; ++i) {
    const int o = i % kOutputs;
    const auto channel = static_cast<std::size_t>(o);
    const std::int64_t acc =
        bias[channel] + Accumulate(values, -7, kSize, kSize, kChannels, i / 12 * 2 - 1,
                                   i / kOutputs % 3 * 2 - 1, 3, 0, kChannels,
                                   &weights[channel * 9 * kChannels], 1);
    ExpectRounded(outputs[static_cast<std::size_t>(i)],
                  static_cast<double>(acc) * double{0.05F} * double{scales[channel]} / double{0.1F},
                  11);
  }
}

TEST(LowerConv2D, GroupsAndPerTensorWeightsAndRelu6) {
  constexpr int kChannels = 4;
  const Int8s weights = RandomInt8(4 * 2, 3);  // [4, 1, 1, 2]: two groups
  TestGraph test;
  const TensorId input = test.Input({1, 2, 2, kChannels}, 0.04F, 3);
  Conv2DOp op;
  op.groups = 2;
  op.activation = Activation::kRelu6;
  test.AddOutput(op, {input, test.Constant({4, 1, 1, 2}, weights, {0.02F}), kNoTensor},
                 {1, 2, 2, 4}, 0.05F, -20);
  const Int8s values = RandomInt8(16, 4);
  const Int8s outputs = RunInt8(test.graph, values);
  ASSERT_EQ(outputs.size(), 16U);
  for (int i = 0; i < 16; ++i) {
    const int o = i % 4;
    const std::int64_t acc = Accumulate(values, 3, 2, 2, kChannels, i / 8, i / 4 % 2, 1, o / 2 * 2,
                                        2, &weights[static_cast<std::size_t>(o) * 2], 1);
    // ReLU6 in output units: from 0 (-20) to 6 / 0.05 = 120 (100).
    ExpectRounded(outputs[static_cast<std::size_t>(i)],
                  static_cast<double>(acc) * double{0.04F} * double{0.02F} / double{0.05F}, -20,
                  -20, 100);
  }
}

TEST(LowerDepthwiseConv2D, EqualsTheFormulaWithAMultiplier) {
  constexpr int kOutputs = 4;  // two per input channel
  const std::vector<float> scales = {0.01F, 0.003F, 0.02F, 0.0007F};
  const Int8s weights = RandomInt8(9 * kOutputs, 5);
  TestGraph test;
  const TensorId input = test.Input({1, kSize, kSize, 2}, 0.05F, 9);
  test.AddOutput(DepthwiseConv2DOp(),
                 {input, test.Constant({1, 3, 3, kOutputs}, weights, scales, 3), kNoTensor},
                 {1, 3, 3, kOutputs}, 0.02F, 0);
  const Int8s values = RandomInt8(kSize * kSize * 2, 6);
  const Int8s outputs = RunInt8(test.graph, values);
  ASSERT_EQ(outputs.size(), 36U);
  for (int i = 0; i < 36; ++i) {
    const int o = i % kOutputs;
    const std::int64_t acc = Accumulate(values, 9, kSize, kSize, 2, i / 12, i / kOutputs % 3, 3,
                                        o / 2, 1, &weights[static_cast<std::size_t>(o)], kOutputs);
    ExpectRounded(outputs[static_cast<std::size_t>(i)],
                  static_cast<double>(acc) * double{0.05F} *
                      double{scales[static_cast<std::size_t>(o)]} / double{0.02F},
                  0);
  }
}

TEST(LowerFullyConnected, RoundsThePerTensorProductOfScalesToFloat) {
  TestGraph test;
  const TensorId input = test.Input({1, 2}, 0.3F, 0);
  test.AddOutput(FullyConnectedOp(), {input, test.Constant({1, 2}, {1, 2}, {0.7F}), kNoTensor},
                 {1, 1}, 0.11F, 0);
  const fb::ModelT model = LowerAndPlan(test.graph);
  const fb::FullyConnectedT& params = *model.operators[0]->params.AsFullyConnected();
  const float product = 0.3F * 0.7F;
  int exponent = 0;
  const double fraction = std::frexp(double{product} / double{0.11F}, &exponent);
  EXPECT_EQ(params.output->multiplier[0], std::lround(fraction * 2147483648.0));
  EXPECT_EQ(params.output->shift[0], exponent);
  // In double the multiplier is another one: this test would see the difference.
  const double exact = std::frexp(double{0.3F} * double{0.7F} / double{0.11F}, &exponent);
  EXPECT_NE(params.output->multiplier[0], std::lround(exact * 2147483648.0));
}

TEST(LowerFullyConnected, FoldsTheZeroPointIntoTheBias) {
  TestGraph test;
  const TensorId input = test.Input({2, 3}, 0.3F, -128);
  test.AddOutput(FullyConnectedOp(),
                 {input, test.Constant({2, 3}, {1, 2, -4, 127, 127, 127}, {0.5F, 0.25F}),
                  test.Bias({10, -10})},
                 {2, 2}, 40.0F, -3);
  const fb::ModelT model = LowerAndPlan(test.graph);
  const fb::FullyConnectedT& params = *model.operators[0]->params.AsFullyConnected();
  EXPECT_EQ(params.bias, (std::vector<std::int32_t>{10 - 128, -10 + 128 * 381}));
  EXPECT_EQ(params.output->multiplier.size(), 2U);
  const Int8s values = {1, 2, 3, -128, 0, 127};
  const Int8s outputs = RunInt8(test.graph, values);
  const double acc[] = {10 + 129 + 2 * 130 - 4 * 131.0, -10 + 127.0 * (129 + 130 + 131),
                        10 + 2 * 128 - 4 * 255.0, -10 + 127.0 * (128 + 255)};
  const float scales[] = {0.5F, 0.25F};
  for (std::size_t i = 0; i < 4; ++i) {
    ExpectRounded(outputs[i], acc[i] * double{0.3F} * double{scales[i % 2]} / 40, -3);
  }
}

TEST(LowerFullyConnected, RefusesAnAccumulatorBeyond32Bits) {
  TestGraph test;
  const TensorId input = test.Input({1, 2}, 0.3F, 0);
  test.AddOutput(FullyConnectedOp(),
                 {input, test.Constant({1, 2}, {127, 127}, {0.7F}), test.Bias({2147483000})},
                 {1, 1}, 0.11F, 0);
  const std::string message = RefusalOf(test.graph);
  EXPECT_NE(message.find("op0"), std::string::npos) << message;
  EXPECT_NE(message.find("channel 0"), std::string::npos) << message;
  EXPECT_NE(message.find("2147515258"), std::string::npos)
      << message;  // 2147483000 + 2 * 127 * 127
}

TEST(LowerConv2D, RefusesWhatTheRuntimeCannotDo) {
  const auto refusal = [](DataType type, std::vector<float> weight_scales, int weight_zero_point) {
    TestGraph test;
    const TensorId input = test.Input({1, 1, 1, 2}, 0.1F, 0, type);
    const TensorId weights = test.Constant({2, 1, 1, 2}, {1, 2, 3, 4}, std::move(weight_scales));
    test.graph.tensor(weights).quantization.zero_point[0] = weight_zero_point;
    test.AddOutput(Conv2DOp(), {input, weights, kNoTensor}, {1, 1, 1, 2}, 0.1F, 0);
    return RefusalOf(test.graph);
  };
  EXPECT_NE(refusal(DataType::kUInt8, {1}, 0).find("expected int8, found uint8"),
            std::string::npos);
  EXPECT_NE(refusal(DataType::kInt8, {1}, 3).find("zero point 3"), std::string::npos);
  EXPECT_NE(refusal(DataType::kInt8, {1, 1, 1}, 0).find("found 3"), std::string::npos);
}

TEST(LowerPool2D, AveragesAndTakesTheLargest) {
  for (PoolKind kind : {PoolKind::kAverage, PoolKind::kMax}) {
    TestGraph test;
    const TensorId input = test.Input({1, 2, 2, 1}, 0.1F, 5);
    Pool2DOp op;
    op.kind = kind;
    op.filter_h = op.filter_w = 2;
    test.AddOutput(op, {input}, {1, 1, 1, 1}, 0.1F, 5);
    // Average: -10 / 4 = -2.5, half away from zero.
    EXPECT_EQ(RunInt8(test.graph, {-128, 127, -10, 1}),
              Int8s{kind == PoolKind::kMax ? std::int8_t{127} : std::int8_t{-3}});
  }
}

TEST(LowerReduce, MeanOfInnerAndOuterDimensions) {
  const Int8s values = RandomInt8(2 * 3 * 4, 7);
  for (const std::vector<std::int32_t>& axes :
       {std::vector<std::int32_t>{1}, {0, 2}, {2}, {0, 1, 2}}) {
    TestGraph test;
    const TensorId input = test.Input({2, 3, 4}, 0.1F, 5);
    ReduceOp op;
    op.axes = axes;
    op.keep_dims = true;
    Shape shape = {2, 3, 4};
    for (std::int32_t axis : axes) shape[static_cast<std::size_t>(axis)] = 1;
    test.AddOutput(op, {input}, shape, 0.05F, -1);
    const Int8s outputs = RunInt8(test.graph, values);
    std::vector<double> sums(outputs.size(), 0);
    for (int i = 0; i < 24; ++i) {
      const int at[] = {i / 12, i / 4 % 3, i % 4};
      int target = 0;
      for (std::size_t d = 0; d < 3; ++d) target = target * shape[d] + at[d] % shape[d];
      sums[static_cast<std::size_t>(target)] += values[static_cast<std::size_t>(i)] - 5;
    }
    const double count = 24.0 / static_cast<double>(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      ExpectRounded(outputs[i], sums[i] / count * double{0.1F} / double{0.05F}, -1);
    }
  }
}

TEST(LowerReduce, SumMaxMin) {
  const Int8s values = {-128, 5, 127, 4, -3, 2};
  const auto run = [&](ReduceKind kind) {
    TestGraph test;
    const TensorId input = test.Input({2, 3}, 0.5F, 1);
    ReduceOp op;
    op.kind = kind;
    op.axes = {1};
    const bool sum = kind == ReduceKind::kSum;
    test.AddOutput(op, {input}, {2}, sum ? 1.0F : 0.5F, sum ? 0 : 1);
    return RunInt8(test.graph, values);
  };
  EXPECT_EQ(run(ReduceKind::kMax), (Int8s{127, 4}));
  EXPECT_EQ(run(ReduceKind::kMin), (Int8s{-128, -3}));
  EXPECT_EQ(run(ReduceKind::kSum), (Int8s{1, 0}));  // 1 / 2 rounds up, 0
}

TEST(LowerSoftmax, IsCloseToSoftmax) {
  constexpr std::size_t kDepth = 10;
  TestGraph test;
  const TensorId input = test.Input({3, kDepth}, 0.1F, 7);
  test.AddOutput(SoftmaxOp(), {input}, {3, kDepth}, 1.0F / 256, -128);
  const Int8s values = RandomInt8(3 * kDepth, 8);
  const Int8s outputs = RunInt8(test.graph, values);
  for (std::size_t row = 0; row < 3; ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < kDepth; ++i) sum += std::exp(0.1 * values[row * kDepth + i]);
    for (std::size_t i = 0; i < kDepth; ++i) {
      const double real = std::exp(0.1 * values[row * kDepth + i]) / sum;
      // Fixed point: 12 integer bits of the sum leave about 2^-19 of relative error, so that a
      // value near a half may round the other way.
      EXPECT_NEAR(outputs[row * kDepth + i], std::round(real * 256) - 128, real > 0.99 ? 1 : 0.5);
    }
  }
}

TEST(LowerSoftmax, TableStartsAtOneAndEndsWhereTfliteDoes) {
  TestGraph test;
  const TensorId input = test.Input({1, 4}, 1.0F, 0);
  test.AddOutput(SoftmaxOp(), {input}, {1, 4}, 1.0F / 256, -128);
  const fb::ModelT model = LowerAndPlan(test.graph);
  const std::vector<std::int32_t>& table = model.operators[0]->params.AsSoftmax()->exp_table;
  // The multiplier is 2^26 = 2^-1 * 2^27; shifted by 27 bits, differences beyond 31 / 2 leave the
  // five integer bits, and TFLite takes them as 0.
  EXPECT_EQ(table.size(), 16U);
  EXPECT_EQ(table[0], 2147483647);
  for (std::size_t d = 1; d < table.size(); ++d) {
    // The expansion of exp drops x^5 / 120 at |x| <= 1/8: 2.6e-7.
    EXPECT_NEAR(table[d] / 2147483648.0, std::exp(-static_cast<double>(d)), 3e-7) << d;
  }
}

TEST(LowerSoftmax, RefusesAnotherOutputScale) {
  TestGraph test;
  const TensorId input = test.Input({1, 4}, 1.0F, 0);
  test.AddOutput(SoftmaxOp(), {input}, {1, 4}, 1.0F / 128, 0);
  EXPECT_NE(RefusalOf(test.graph).find("expected scale 1/256"), std::string::npos);
}

TEST(LowerResize, NearestDoubles) {
  TestGraph test;
  const TensorId input = test.Input({1, 2, 2, 1}, 1.0F, 0);
  test.AddOutput(ResizeOp(), {input}, {1, 4, 4, 1}, 1.0F, 0);
  EXPECT_EQ(RunInt8(test.graph, {1, 2, 3, 4}),
            (Int8s{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}));
}

TEST(LowerResize, BilinearInterpolates) {
  for (const bool half_pixel : {false, true}) {
    TestGraph test;
    const TensorId input = test.Input({1, 1, 2, 1}, 1.0F, 0);
    ResizeOp op;
    op.kind = ResizeKind::kBilinear;
    op.half_pixel_centers = half_pixel;
    test.AddOutput(op, {input}, {1, 1, 4, 1}, 1.0F, 0);
    EXPECT_EQ(RunInt8(test.graph, {0, 100}),
              half_pixel ? (Int8s{0, 25, 75, 100}) : (Int8s{0, 50, 100, 100}));
  }
}

TEST(LowerArgMax, TakesTheFirstOfEqualValues) {
  for (const bool smallest : {false, true}) {
    TestGraph test;
    const TensorId input = test.Input({2, 4}, 1.0F, 0);
    ArgMaxOp op;
    op.axis = 1;
    op.smallest = smallest;
    test.AddOutput(op, {input}, {2}, 0, 0, DataType::kInt32);
    const std::vector<RawBytes> outputs =
        RunLowered(test.graph, {ToBytes({5, -7, 5, -7, 1, 2, 3, 4})});
    ASSERT_EQ(outputs.size(), 1U);
    const RawBytes expected =
        smallest ? RawBytes{1, 0, 0, 0, 0, 0, 0, 0} : RawBytes{0, 0, 0, 0, 3, 0, 0, 0};
    EXPECT_EQ(outputs[0], expected);
  }
}

}  // namespace
}  // namespace quaver::compiler
