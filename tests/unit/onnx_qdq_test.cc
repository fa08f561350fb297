// QDQ models (QuantizeLinear and DequantizeLinear) as integer programs, against what the float
// graph with its roundings says. All inputs lie on their grid, so that one operator makes one
// rounding: the result must be the nearest integer.
#include <algorithm>
#include <functional>

#include "tests/unit/graph_builder.h"
#include "tests/unit/onnx_compiled.h"
#include "tests/unit/qdq_builder.h"

namespace quaver::compiler {
namespace {

Array OnGrid(std::vector<std::int64_t> dims, std::uint32_t seed, const Grid& grid) {
  Array array = Noise(std::move(dims), seed);
  const double middle = (grid.Lowest() + grid.Highest()) / 2;
  const double half = (grid.Highest() - grid.Lowest()) / 2;
  for (float& v : array.values) v = grid.Nearest(static_cast<float>(middle + half * double{v}));
  return array;
}

std::vector<std::int32_t> Levels(std::size_t count, std::uint32_t seed, std::int32_t low,
                                 std::int32_t high) {
  std::vector<std::int32_t> levels;
  for (float v : Noise({static_cast<std::int64_t>(count)}, seed).values) {
    levels.push_back(low + static_cast<std::int32_t>((v + 1) / 2 * static_cast<float>(high - low)));
  }
  return levels;
}

/// Each value is on the grid, and the nearest to `exact` that the grid has. A tie may go either
/// way: the grid's formula rounds it to even, the runtime up.
void ExpectRounded(const Array& found, const std::vector<double>& exact, const Grid& grid) {
  ASSERT_EQ(found.values.size(), exact.size());
  std::size_t inside = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double limited = std::clamp(exact[i], grid.Lowest(), grid.Highest());
    ASSERT_NEAR(found.values[i], limited, double{grid.scale} * 0.50001) << "element " << i;
    inside += limited == exact[i] ? 1 : 0;
  }
  EXPECT_GT(inside, exact.size() / 2) << "a test that mostly saturates says little";
}

struct LayerCase {
  std::string name;
  Grid input, output;
  bool per_channel, rounded_weights, bias_int32, depthwise;
};

class QdqConv : public ::testing::TestWithParam<LayerCase> {};

TEST_P(QdqConv, IsTheNearestInteger) {
  const LayerCase& c = GetParam();
  const std::int64_t channels = 4;
  const std::int64_t outputs = c.depthwise ? 4 : 6;
  const std::int64_t depth = c.depthwise ? 1 : channels;
  const Array x = OnGrid({1, channels, 6, 5}, 1, c.input);
  const Grid symmetric{0.01F, 0, TensorProto::INT8};
  std::vector<float> scales = {0.01F};
  if (c.per_channel) {
    for (std::int64_t o = 1; o < outputs; ++o) scales.push_back(0.01F / static_cast<float>(o + 1));
  }
  const auto scale = [&](std::int64_t o) {
    return scales[scales.size() == 1 ? 0 : static_cast<std::size_t>(o)];
  };
  const std::vector<std::int64_t> dims = {outputs, depth, 3, 3};
  const auto levels = Levels(static_cast<std::size_t>(outputs * depth * 9), 2, -127, 127);
  Array weights{dims, {}};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    weights.values.push_back(static_cast<float>(levels[i]) *
                             scale(static_cast<std::int64_t>(i) / (depth * 9)));
  }
  const auto bias_levels = Levels(static_cast<std::size_t>(outputs), 3, -9000, 9000);

  QdqBuilder builder;
  builder.Input("x", x.dims);
  builder.Qdq("x", c.input);
  if (c.rounded_weights) {
    builder.Rounded("w", weights, scales, symmetric);
  } else {
    builder.Dequantized("w", dims, levels, scales, symmetric);
  }
  std::vector<float> bias_scales;
  std::vector<float> bias;
  for (std::int64_t o = 0; o < outputs; ++o) {
    bias_scales.push_back(c.input.scale * scale(o));
    bias.push_back(bias_scales.back() *
                   static_cast<float>(bias_levels[static_cast<std::size_t>(o)]));
  }
  if (c.bias_int32) {
    builder.Dequantized("b", {outputs}, bias_levels, bias_scales, {1, 0, TensorProto::INT32});
  } else {
    builder.Floats("b_dq", {{outputs}, bias});
  }
  builder.Node("Conv", {"x_dq", "w_dq", "b_dq"}, "y");
  builder.With("pads", std::vector<std::int64_t>{1, 1, 1, 1});
  builder.With("group", c.depthwise ? channels : 1);
  builder.Node("Relu", {"y"}, "z");
  builder.Qdq("z", c.output).Output("z_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph),
            std::string("Quantize ") + (c.depthwise ? "Depthwise" : "") + "Conv2D Dequantize");
  const Tensor& integers = graph.tensor(graph.nodes[1].inputs[1]);
  EXPECT_EQ(integers.type, DataType::kInt8);
  EXPECT_EQ(integers.quantization.scale.size() > 1,
            c.per_channel || integers.quantization.per_channel());

  std::vector<double> exact;
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t p = 0; p < 30; ++p) {
      double sum = bias[static_cast<std::size_t>(o)];
      for (std::int64_t i = 0; i < depth; ++i) {
        for (std::int64_t k = 0; k < 9; ++k) {
          const std::int64_t h = p / 5 + k / 3 - 1;
          const std::int64_t w = p % 5 + k % 3 - 1;
          if (h < 0 || w < 0 || h >= 6 || w >= 5) continue;
          sum +=
              double{x.at(0, c.depthwise ? o : i, h, w)} * double{weights.at(o, i, k / 3, k % 3)};
        }
      }
      exact.push_back(std::max(sum, 0.0));
    }
  }
  ExpectRounded(RunCompiled(graph, {x})[0], exact, c.output);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, QdqConv,
    ::testing::Values(
        LayerCase{"u8_per_channel", {0.02F, 121}, {0.03F, 0}, true, false, true, false},
        LayerCase{"s8_per_tensor",
                  {0.02F, -7, TensorProto::INT8},
                  {0.03F, -128, TensorProto::INT8},
                  false,
                  false,
                  false,
                  false},
        LayerCase{"weights_rounded_here", {0.02F, 128}, {0.03F, 3}, true, true, false, false},
        LayerCase{
            "u8_to_s8", {0.02F, 0}, {0.03F, -128, TensorProto::INT8}, false, true, true, false},
        LayerCase{"depthwise", {0.02F, 121}, {0.01F, 0}, true, false, true, true},
        LayerCase{"depthwise_per_tensor", {0.02F, 121}, {0.01F, 0}, false, true, false, true}),
    [](const auto& test) { return test.param.name; });

double Sum(const Array& x, const Array& w, std::int64_t row) {
  double sum = 0;
  for (std::size_t k = 0; k < x.values.size(); ++k) {
    const std::size_t at = static_cast<std::size_t>(row) * x.values.size() + k;
    sum += double{x.values[k]} * double{w.values[at]};
  }
  return sum;
}

/// x (an image), flattened, through Gemm with transB or through MatMul and Add.
void CheckLinear(bool gemm) {
  const Array x = OnGrid({1, 3, 2, 2}, 4, kInput);
  const auto levels = Levels(60, 5, -127, 127);
  const std::vector<float> scales = {0.01F, 0.02F, 0.003F, 0.004F, 0.05F};
  Array w{{5, 12}, {}};  // [N, K]
  std::vector<std::int32_t> columns(60);
  for (std::size_t i = 0; i < 60; ++i) {
    w.values.push_back(static_cast<float>(levels[i]) * scales[i / 12]);
    columns[i % 12 * 5 + i / 12] = levels[i];
  }
  const Array bias{{5}, {0.1F, -0.2F, 0.3F, -0.4F, 0.5F}};
  QdqBuilder builder;
  builder.Input("x", x.dims).Floats("b", bias);
  builder.Qdq("x", kInput).Node("Flatten", {"x_dq"}, "f");
  if (gemm) {
    builder.Dequantized("w", {5, 12}, levels, scales, kWeights);
    builder.Node("Gemm", {"f", "w_dq", "b"}, "y").With("transB", std::int64_t{1});
  } else {
    builder.Dequantized("w", {12, 5}, columns, scales, kWeights, 1);
    builder.Node("MatMul", {"f", "w_dq"}, "m").Node("Add", {"m", "b"}, "y");
  }
  builder.Qdq("y", kWide).Output("y_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Quantize Reshape FullyConnected Dequantize");
  std::vector<double> exact;
  for (std::int64_t n = 0; n < 5; ++n) {
    exact.push_back(Sum(x, w, n) + double{bias.values[static_cast<std::size_t>(n)]});
  }
  // The bias is rounded to the accumulator's unit, 0.02 * 0.05 = 0.001 at most: far below 0.05.
  Array found = RunCompiled(graph, {x})[0];
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(found.values[i], std::clamp(exact[i], kWide.Lowest(), kWide.Highest()), 0.0256);
  }
}

TEST(QdqLinear, GemmWithTransposedWeights) { CheckLinear(true); }
TEST(QdqLinear, MatMulAndAdd) { CheckLinear(false); }

/// Runs x through one path of operators that no Quantize separates: all of it in the grid of x.
TEST(QdqMovement, MaximaAndMovesKeepTheGrid) {
  const Array x = OnGrid({1, 4, 4, 4}, 6, kInput);
  QdqBuilder builder;
  builder.Input("x", x.dims).Ints("shape", {1, 16});
  builder.Qdq("x", kInput).Node("MaxPool", {"x_dq"}, "m");
  builder.With("kernel_shape", std::vector<std::int64_t>{2, 2});
  builder.With("strides", std::vector<std::int64_t>{2, 2});
  builder.Node("Relu", {"m"}, "r").Node("Reshape", {"r", "shape"}, "y").Output("y");
  const Graph graph = builder.Import();
  Array expected{{1, 16}, {}};
  for (std::int64_t i = 0; i < 16; ++i) {
    float most = 0;
    for (std::int64_t k = 0; k < 4; ++k) {
      most = std::max(most, x.at(0, i / 4, i / 2 % 2 * 2 + k / 2, i % 2 * 2 + k % 2));
    }
    expected.values.push_back(most);
  }
  ExpectNear(RunCompiled(graph, {x})[0], expected);
}

TEST(QdqMovement, QuantizeMovesToTheOperatorThatComputes) {
  const Array x = OnGrid({1, 2, 4, 4}, 7, kInput);
  QdqBuilder builder;
  builder.Input("x", x.dims);
  builder.Qdq("x", kInput);
  builder.Dequantized("w", {2, 2, 1, 1}, {100, -50, 25, 127}, {0.01F}, kWeights);
  builder.Node("Conv", {"x_dq", "w_dq"}, "y").Node("Relu", {"y"}, "r");
  builder.Node("MaxPool", {"r"}, "m").With("kernel_shape", std::vector<std::int64_t>{2, 2});
  builder.Node("Flatten", {"m"}, "z");
  builder.Qdq("z", kWide).Output("z_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph).substr(0, 31), "Quantize Conv2D MaxPool2D Resha") << Dump(graph);
  EXPECT_EQ(graph.tensor(graph.nodes[1].outputs[0]).quantization.scale[0], kWide.scale);
  EXPECT_EQ(graph.tensor(graph.nodes[1].outputs[0]).quantization.zero_point[0], 0) << "128 - 128";
}

TEST(QdqMovement, ConcatOfSeveralGrids) {
  const Array x = OnGrid({1, 2, 2, 2}, 8, kInput);
  const Array y = OnGrid({1, 1, 2, 2}, 9, kWide);
  QdqBuilder builder;
  builder.Input("x", x.dims).Input("y", y.dims);
  builder.Qdq("x", kInput).Qdq("y", kWide).Node("Concat", {"x_dq", "y_dq"}, "z");
  builder.With("axis", std::int64_t{1});
  const Grid output{0.06F, 120};
  builder.Qdq("z", output).Output("z_dq");
  std::vector<double> exact(x.values.begin(), x.values.end());
  exact.insert(exact.end(), y.values.begin(), y.values.end());
  ExpectRounded(RunCompiled(builder.Import(), {x, y})[0], exact, output);
}

TEST(QdqArithmetic, AddMulMeanAndTables) {
  const Array x = OnGrid({1, 3, 4, 4}, 10, kInput);
  const Array y = OnGrid({1, 3, 4, 4}, 11, kWide);
  QdqBuilder builder;
  builder.Input("x", x.dims).Input("y", y.dims).Floats("half", {{}, {0.5F}});
  builder.Qdq("x", kInput).Qdq("y", kWide);
  const Grid sums{0.07F, 100};
  const Grid products{0.1F, 128};
  const Grid means{0.02F, 128};
  builder.Node("Add", {"x_dq", "y_dq"}, "sum");
  builder.Qdq("sum", sums).Output("sum_dq");
  builder.Node("Mul", {"x_dq", "y_dq"}, "product");
  builder.Qdq("product", products).Output("product_dq");
  builder.Node("GlobalAveragePool", {"y_dq"}, "mean");
  builder.Qdq("mean", means).Output("mean_dq");
  builder.Node("LeakyRelu", {"y_dq"}, "leaky").With("alpha", 0.1F);
  builder.Qdq("leaky", kWide).Output("leaky_dq");
  builder.Node("Mul", {"x_dq", "half"}, "halved");
  builder.Qdq("halved", means).Output("halved_dq");
  builder.Node("HardSwish", {"x_dq"}, "swish");
  builder.Qdq("swish", means).Output("swish_dq");
  const std::vector<Array> found = RunCompiled(builder.Import(), {x, y});
  std::vector<double> sum, product, leaky, halved;
  std::vector<double> mean(3, 0);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const double a = x.values[i];
    const double b = y.values[i];
    sum.push_back(a + b);
    product.push_back(a * b);
    leaky.push_back(b > 0 ? b : b * 0.1);
    halved.push_back(a / 2);
    mean[i / 16] += b / 16;
  }
  ExpectRounded(found[0], sum, sums);
  ExpectRounded(found[1], product, products);
  ExpectRounded(found[3], leaky, kWide);
  ExpectRounded(found[4], halved, means);
  // The multiplier of a mean is truncated (TensorFlow Lite): a value near a tie may fall.
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(found[2].values[i], mean[i], 0.0101);
  // Hard swish in 16-bit fixed point (TensorFlow Lite): one level.
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const double a = x.values[i];
    const double swish = a * std::clamp(a + 3, 0.0, 6.0) / 6;
    EXPECT_NEAR(found[5].values[i], std::clamp(swish, means.Lowest(), means.Highest()), 0.0201);
  }
}

TEST(QdqArithmetic, ProbabilitiesHaveAScaleOfTheirOwn) {
  const Array x = OnGrid({1, 6}, 12, kInput);
  QdqBuilder builder;
  builder.Input("x", x.dims);
  builder.Qdq("x", kInput).Node("Softmax", {"x_dq"}, "y").Output("y");
  const Grid grid{1 / 255.0F, 0};
  builder.Node("Softmax", {"x_dq"}, "z");
  builder.Qdq("z", grid).Output("z_dq");
  const Graph graph = builder.Import();
  const std::vector<Array> found = RunCompiled(graph, {x});
  double sum = 0;
  for (float v : x.values) sum += std::exp(double{v});
  for (std::size_t i = 0; i < 6; ++i) {
    const double expected = std::exp(double{x.values[i]}) / sum;
    EXPECT_NEAR(found[0].values[i], expected, 0.6 / 256);
    EXPECT_NEAR(found[1].values[i], expected, 1.1 / 255) << "rounded to 1/256, then to 1/255";
  }
}

/// PyTorch's reduce_range: Clip to 7 bits between the two.
TEST(QdqArithmetic, ClippedIntegers) {
  const Array x = OnGrid({1, 8}, 13, kInput);
  QdqBuilder builder;
  builder.Input("x", x.dims).Floats("s", {{}, {0.02F}}).Integers("z", {}, TensorProto::UINT8, {64});
  builder.Integers("low", {}, TensorProto::UINT8, {0});
  builder.Integers("high", {}, TensorProto::UINT8, {127});
  builder.Node("QuantizeLinear", {"x", "s", "z"}, "q").Node("Clip", {"q", "low", "high"}, "c");
  builder.Node("DequantizeLinear", {"c", "s", "z"}, "y").Output("y");
  Array expected = x;
  for (float& v : expected.values) v = std::clamp(v, -64 * 0.02F, 63 * 0.02F);
  ExpectNear(RunCompiled(builder.Import(), {x})[0], expected);
}

/// What torch.nn.intrinsic.qat.ConvBnReLU2d is in a graph: the weights are scaled by the batch norm
/// before they are rounded, and the convolution's result is scaled back for it.
TEST(QdqBatchNormalization, IsFoldedWhereTheWeightsHaveAGrid) {
  const Array x = OnGrid({1, 2, 3, 3}, 14, kInput);
  const auto levels = Levels(6, 15, -127, 127);
  const Array scaled{{3, 1, 1}, {2.0F, 0.25F, -4.0F}};
  const Array gamma{{3}, {3.0F, 0.5F, -8.0F}};
  const Array beta{{3}, {0.1F, 0.2F, -0.3F}};
  const Array mean{{3}, {0.05F, 0.0F, 0.1F}};
  const Array variance{{3}, {1.25F, 3.0F, 4.0F}};
  QdqBuilder builder;
  builder.Input("x", x.dims).Floats("f", scaled).Floats("g", gamma).Floats("h", beta);
  builder.Floats("m", mean).Floats("v", variance);
  builder.Qdq("x", kInput);
  builder.Dequantized("w", {3, 2, 1, 1}, levels, {0.01F, 0.02F, 0.03F}, kWeights);
  builder.Node("Conv", {"x_dq", "w_dq"}, "c").Node("Div", {"c", "f"}, "d");
  builder.Node("BatchNormalization", {"d", "g", "h", "m", "v"}, "n").With("epsilon", 0.0F);
  builder.Node("Relu", {"n"}, "y");
  builder.Qdq("y", kWide).Output("y_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Quantize Conv2D Dequantize");
  const auto integers = graph.tensor(graph.nodes[1].inputs[1]).As<std::int8_t>();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(integers[i], levels[i]) << "both signs cancel";
  std::vector<double> exact;
  for (std::size_t o = 0; o < 3; ++o) {
    for (std::size_t p = 0; p < 9; ++p) {
      const double unit = 0.01 * static_cast<double>(o + 1);
      double sum = unit * (levels[2 * o] * double{x.values[p]} +
                           levels[2 * o + 1] * double{x.values[9 + p]});
      sum = (sum / double{scaled.values[o]} - double{mean.values[o]}) /
                std::sqrt(double{variance.values[o]}) * double{gamma.values[o]} +
            double{beta.values[o]};
      exact.push_back(std::max(sum, 0.0));
    }
  }
  const Array found = RunCompiled(graph, {x})[0];
  for (std::size_t i = 0; i < exact.size(); ++i) {
    // The bias is rounded to the accumulator's unit: at most 0.02 * 0.03 * 2 here.
    EXPECT_NEAR(found.values[i], std::clamp(exact[i], kWide.Lowest(), kWide.Highest()), 0.0257);
  }
}

/// One that no layer precedes: a depthwise convolution of its own.
TEST(QdqBatchNormalization, AloneIsADepthwiseConvolution) {
  const Array x = OnGrid({1, 2, 3, 3}, 19, kInput);
  QdqBuilder builder;
  builder.Input("x", x.dims).Floats("g", {{2}, {0.5F, -2}}).Floats("h", {{2}, {0.1F, 0.2F}});
  builder.Floats("m", {{2}, {0, 0.5F}}).Floats("v", {{2}, {1, 1}});
  builder.Qdq("x", kInput);
  builder.Node("BatchNormalization", {"x_dq", "g", "h", "m", "v"}, "y").With("epsilon", 0.0F);
  builder.Qdq("y", kWide).Output("y_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Quantize DepthwiseConv2D Dequantize");
  std::vector<double> exact;
  for (std::size_t i = 0; i < 18; ++i) {
    const double v = x.values[i];
    exact.push_back(i < 9 ? 0.5 * v + 0.1 : -2 * (v - 0.5) + 0.2);
  }
  const Array found = RunCompiled(graph, {x})[0];
  for (std::size_t i = 0; i < exact.size(); ++i) {
    // The bias is rounded to the accumulator's unit: 0.02 * 2 / 127.
    EXPECT_NEAR(found.values[i], std::clamp(exact[i], kWide.Lowest(), kWide.Highest()), 0.0252);
  }
}

/// Its parts only rearrange what one convolution computes, so that the result is rounded once.
TEST(QdqConvTranspose, IsTheNearestInteger) {
  const Array x = OnGrid({1, 2, 3, 3}, 20, kInput);
  const auto levels = Levels(2 * 3 * 16, 21, -127, 127);
  const std::vector<float> scales = {0.01F, 0.02F, 0.005F};  // along axis 1
  QdqBuilder builder;
  builder.Input("x", x.dims);
  builder.Qdq("x", kInput);
  builder.Dequantized("w", {2, 3, 4, 4}, levels, scales, kWeights, 1);
  builder.Node("ConvTranspose", {"x_dq", "w_dq"}, "y");
  builder.With("strides", std::vector<std::int64_t>{2, 2});
  builder.With("pads", std::vector<std::int64_t>{1, 1, 1, 1});
  builder.Qdq("y", kWide).Output("y_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Quantize Conv2D DepthToSpace StridedSlice Dequantize");
  std::vector<double> exact(3 * 36, 0);
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const std::size_t o = k / 16 % 3;
    for (std::size_t p = 0; p < 9; ++p) {
      const std::size_t h = p / 3 * 2 + k / 4 % 4;
      const std::size_t w = p % 3 * 2 + k % 4;
      if (h < 1 || w < 1 || h > 6 || w > 6) continue;
      exact[o * 36 + (h - 1) * 6 + w - 1] +=
          double{x.values[k / 48 * 9 + p]} * double{scales[o]} * levels[k];
    }
  }
  ExpectRounded(RunCompiled(graph, {x})[0], exact, kWide);
}

TEST(QdqBorders, IntegersStayAsTheyAre) {
  QdqBuilder builder;
  builder.Input("x", {1, 4}, TensorProto::UINT8).Floats("s", {{}, {0.5F}});
  builder.Integers("z", {}, TensorProto::UINT8, {10});
  builder.Node("DequantizeLinear", {"x", "s", "z"}, "f").Node("Neg", {"f"}, "n");
  builder.Node("QuantizeLinear", {"n", "s", "z"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(graph.tensor(graph.inputs[0]).type, DataType::kUInt8);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).type, DataType::kUInt8);
  EXPECT_EQ(graph.tensor(graph.outputs[0]).quantization.zero_point[0], 10);
  ExpectNear(RunCompiled(graph, {{{1, 4}, {-5, 0, 1, 4}}})[0], {{1, 4}, {5, 0, -1, -4}});
}

TEST(QdqBorders, NhwcOfTensorFlowStays) {
  const Array x = OnGrid({1, 4, 3, 2}, 16, kInput);  // [N, H, W, C]
  QdqBuilder builder;
  builder.Input("x", x.dims);
  builder.Qdq("x", kInput).Node("Transpose", {"x_dq"}, "t");
  builder.With("perm", std::vector<std::int64_t>{0, 3, 1, 2});
  builder.Dequantized("w", {5, 2, 1, 1}, Levels(10, 17, -127, 127), {0.01F}, kWeights);
  builder.Node("Conv", {"t", "w_dq"}, "c").Node("Transpose", {"c"}, "y");
  builder.With("perm", std::vector<std::int64_t>{0, 2, 3, 1});
  builder.Qdq("y", kWide).Output("y_dq");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Quantize Conv2D Dequantize");
  EXPECT_EQ(graph.tensor(graph.inputs[0]).shape, (Shape{1, 4, 3, 2}));
  EXPECT_EQ(graph.tensor(graph.outputs[0]).shape, (Shape{1, 4, 3, 5}));
}

/// Weights alone: the model is a float one, with the weights' rounded values.
TEST(QdqBorders, RoundedWeightsOfAFloatModel) {
  QdqBuilder builder;
  builder.Input("x", {1, 2});
  builder.Rounded("w", {{2, 1}, {0.123F, -0.127F}}, {0.01F}, kWeights);
  builder.Node("MatMul", {"x", "w_dq"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "FullyConnected");
  for (const Tensor& tensor : graph.tensors) EXPECT_TRUE(tensor.quantization.empty());
  ExpectNear(RunNchw(graph, {{{1, 2}, {1, 2}}})[0], {{1, 1}, {0.12F - 0.26F}});
}

}  // namespace
}  // namespace quaver::compiler
