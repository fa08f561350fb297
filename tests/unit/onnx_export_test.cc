// What PyTorch exports beyond plain layers: transposed convolutions, sequences, activations in
// pieces, pixel shuffles, shape arithmetic. Against naive formulas.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "compiler/quantize/quantize.h"
#include "tests/unit/graph_builder.h"
#include "tests/unit/onnx_compiled.h"

namespace quaver::compiler {
namespace {

using Ints = std::vector<std::int64_t>;

struct TransposedCase {
  std::string name;
  std::int64_t channels, outputs, groups, kernel_h, kernel_w;
  Ints strides = {1, 1}, pads = {0, 0, 0, 0}, dilations = {1, 1}, output_padding = {0, 0};
};

std::int64_t OutputSize(const TransposedCase& c, std::size_t d, std::int64_t in) {
  const std::int64_t kernel = d == 0 ? c.kernel_h : c.kernel_w;
  return c.strides[d] * (in - 1) + c.output_padding[d] + (kernel - 1) * c.dilations[d] + 1 -
         c.pads[d] - c.pads[d + 2];
}

/// The definition: every input pixel adds its filter to the output.
Array NaiveTransposed(const TransposedCase& c, const Array& x, const Array& weights,
                      const Array& bias) {
  const std::int64_t out_h = OutputSize(c, 0, x.dim(2));
  const std::int64_t out_w = OutputSize(c, 1, x.dim(3));
  const std::int64_t per_group = c.outputs / c.groups;
  Array y{{x.dim(0), c.outputs, out_h, out_w}, {}};
  for (std::int64_t i = 0; i < x.dim(0) * c.outputs * out_h * out_w; ++i) {
    y.values.push_back(bias.values[static_cast<std::size_t>(i / (out_h * out_w) % c.outputs)]);
  }
  for (std::int64_t n = 0; n < x.dim(0); ++n) {
    for (std::int64_t i = 0; i < c.channels; ++i) {
      for (std::int64_t o = 0; o < per_group; ++o) {
        const std::int64_t channel = i / (c.channels / c.groups) * per_group + o;
        for (std::int64_t p = 0; p < x.dim(2) * x.dim(3); ++p) {
          for (std::int64_t k = 0; k < c.kernel_h * c.kernel_w; ++k) {
            const std::int64_t h =
                p / x.dim(3) * c.strides[0] - c.pads[0] + k / c.kernel_w * c.dilations[0];
            const std::int64_t w =
                p % x.dim(3) * c.strides[1] - c.pads[1] + k % c.kernel_w * c.dilations[1];
            if (h < 0 || w < 0 || h >= out_h || w >= out_w) continue;
            y.values[static_cast<std::size_t>(((n * c.outputs + channel) * out_h + h) * out_w +
                                              w)] +=
                x.at(n, i, p / x.dim(3), p % x.dim(3)) *
                weights.at(i, o, k / c.kernel_w, k % c.kernel_w);
          }
        }
      }
    }
  }
  return y;
}

class OnnxConvTranspose : public ::testing::TestWithParam<TransposedCase> {};

TEST_P(OnnxConvTranspose, EqualsTheDefinition) {
  const TransposedCase& c = GetParam();
  const Array x = Noise({2, c.channels, 4, 5}, 1);
  const Array weights = Noise({c.channels, c.outputs / c.groups, c.kernel_h, c.kernel_w}, 2);
  const Array bias = Noise({c.outputs}, 3);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", weights).Floats("b", bias);
  builder.Node("ConvTranspose", {"x", "w", "b"}, "y").With("group", c.groups);
  builder.With("strides", c.strides).With("pads", c.pads).With("dilations", c.dilations);
  builder.With("output_padding", c.output_padding).Output("y");
  ExpectNear(RunNchw(builder.Import(), {x})[0], NaiveTransposed(c, x, weights, bias));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OnnxConvTranspose,
    ::testing::Values(
        TransposedCase{"stride_1", 3, 4, 1, 3, 3, {1, 1}, {1, 1, 1, 1}},
        TransposedCase{"twice_as_large", 3, 4, 1, 2, 2, {2, 2}},
        TransposedCase{"gan", 3, 4, 1, 4, 4, {2, 2}, {1, 1, 1, 1}},
        TransposedCase{"output_padding", 3, 4, 1, 3, 3, {2, 2}, {1, 1, 1, 1}, {1, 1}, {1, 1}},
        TransposedCase{"gaps", 2, 3, 1, 2, 1, {3, 4}},
        TransposedCase{"uneven", 2, 3, 1, 5, 3, {3, 2}, {1, 0, 2, 1}},
        TransposedCase{"dilated", 2, 3, 1, 3, 2, {2, 2}, {0, 0, 0, 0}, {2, 3}},
        TransposedCase{"grouped", 4, 6, 2, 3, 3, {2, 2}, {1, 1, 1, 1}},
        TransposedCase{"depthwise", 3, 3, 3, 4, 4, {2, 2}, {1, 1, 1, 1}},
        TransposedCase{"multiplier", 3, 6, 3, 3, 3, {2, 1}},
        TransposedCase{"cut_deeply", 2, 2, 1, 5, 5, {2, 2}, {4, 3, 4, 3}},
        TransposedCase{"bias_alone", 2, 2, 1, 2, 2, {4, 4}, {0, 0, 0, 0}, {1, 1}, {3, 3}}),
    [](const auto& test) { return test.param.name; });

TEST(OnnxConvTransposeShape, OutputShapeAndAutoPad) {
  const TransposedCase c{"", 2, 2, 1, 3, 3, {2, 2}};
  const Array x = Noise({1, 2, 4, 5}, 4);
  const Array weights = Noise({2, 2, 3, 3}, 5);
  const auto run = [&](const char* automatic, const Ints& shape) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("w", weights);
    builder.Node("ConvTranspose", {"x", "w"}, "y").With("strides", c.strides);
    builder.With("auto_pad", automatic).Output("y");
    if (!shape.empty()) builder.With("output_shape", shape);
    return RunNchw(builder.Import(), {x})[0];
  };
  const auto expected = [&](const Ints& pads) {
    TransposedCase cut = c;
    cut.pads = pads;
    return NaiveTransposed(cut, x, weights, {{2}, {0, 0}});
  };
  // The full output is 9 x 11; SAME gives 8 x 10.
  ExpectNear(run("SAME_UPPER", {}), expected({0, 0, 1, 1}));
  ExpectNear(run("SAME_LOWER", {}), expected({1, 1, 0, 0}));
  ExpectNear(run("NOTSET", {7, 8}), expected({1, 2, 1, 1}));
  ExpectNear(run("VALID", {}), expected({0, 0, 0, 0}));
}

/// y[n, o, l] of a convolution over a sequence.
TEST(OnnxSequences, AreImagesOfHeightOne) {
  const Array x = Noise({2, 3, 10}, 6);
  const Array weights = Noise({4, 3, 3}, 7);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", weights);
  builder.Node("Conv", {"x", "w"}, "c").With("strides", Ints{2}).With("pads", Ints{1, 0});
  builder.With("kernel_shape", Ints{3});
  builder.Node("MaxPool", {"c"}, "y").With("kernel_shape", Ints{2}).Output("y");
  Graph graph = builder.Import();
  RunPasses(&graph);
  EXPECT_EQ(Kinds(graph), "Reshape Transpose Conv2D MaxPool2D Reshape Transpose")
      << "something moves at the borders only";
  Array conv{{2, 4, 5}, {}};
  for (std::int64_t i = 0; i < 40; ++i) {
    float sum = 0;
    for (std::int64_t c = 0; c < 3; ++c) {
      for (std::int64_t k = 0; k < 3; ++k) {
        const std::int64_t l = i % 5 * 2 - 1 + k;
        if (l < 0) continue;
        sum += x.values[static_cast<std::size_t>((i / 20 * 3 + c) * 10 + l)] *
               weights.values[static_cast<std::size_t>((i / 5 % 4 * 3 + c) * 3 + k)];
      }
    }
    conv.values.push_back(sum);
  }
  Array expected{{2, 4, 4}, {}};
  for (std::size_t i = 0; i < 32; ++i) {
    const std::size_t at = i / 4 * 5 + i % 4;
    expected.values.push_back(std::max(conv.values[at], conv.values[at + 1]));
  }
  ExpectNear(RunNchw(graph, {x})[0], expected);
}

TEST(OnnxSequences, TransposedConvolution) {
  const Array x = Noise({1, 2, 4}, 8);
  const Array weights = Noise({2, 3, 4}, 9);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", weights);
  builder.Node("ConvTranspose", {"x", "w"}, "y").With("strides", Ints{2});
  builder.With("pads", Ints{1, 1}).Output("y");
  const TransposedCase c{"", 2, 3, 1, 1, 4, {1, 2}, {0, 1, 0, 1}};
  Array expected = NaiveTransposed(c, {{1, 2, 1, 4}, x.values}, {{2, 3, 1, 4}, weights.values},
                                   {{3}, {0, 0, 0}});
  expected.dims = {1, 3, 8};
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

/// x * clip(x + 3, 0, 6) / 6 in the orders that exporters use.
TEST(OnnxPieces, HardSwish) {
  Array x = Noise({1, 2, 3, 4}, 10);
  for (float& v : x.values) v *= 5;
  Array expected = x;
  for (float& v : expected.values) v = v * std::clamp(v + 3, 0.0F, 6.0F) / 6;
  for (const std::string order : {"x * (r / 6)", "(x * r) / 6", "(r * x) * (1 / 6)", "x * h"}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("three", {{}, {3}}).Floats("zero", {{}, {0}});
    builder.Floats("six", {{}, {6}}).Floats("sixth", {{}, {1.0F / 6}});
    builder.Node("Add", {"x", "three"}, "a");
    if (order == "x * (r / 6)") {
      builder.Node("Clip", {"a", "zero", "six"}, "r");
      builder.Node("Div", {"r", "six"}, "h").Node("Mul", {"x", "h"}, "y");
    } else if (order == "(x * r) / 6") {  // relu6 as ReLU and Clip
      builder.Node("Relu", {"a"}, "b").Node("Clip", {"b", "zero", "six"}, "r");
      builder.Node("Mul", {"x", "r"}, "m").Node("Div", {"m", "six"}, "y");
    } else if (order == "(r * x) * (1 / 6)") {
      builder.Node("Clip", {"a", "zero", "six"}, "r");
      builder.Node("Mul", {"r", "x"}, "m").Node("Mul", {"sixth", "m"}, "y");
    } else {
      builder.Node("HardSigmoid", {"x"}, "h").With("alpha", 1.0F / 6);
      builder.Node("Mul", {"x", "h"}, "y");
    }
    const Graph graph = builder.Output("y").Import();
    EXPECT_EQ(Kinds(graph), "HardSwish") << order;
    ExpectNear(RunNchw(graph, {x})[0], expected);
  }
}

TEST(OnnxPieces, HardSigmoidAlone) {
  OnnxBuilder builder;
  builder.Input("x", {1, 4}).Floats("three", {{}, {3}}).Floats("zero", {{}, {0}});
  builder.Floats("six", {{}, {6}});
  builder.Node("Add", {"three", "x"}, "a").Node("Clip", {"a", "zero", "six"}, "r");
  builder.Node("Div", {"r", "six"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "HardSigmoid");
  ExpectNear(RunNchw(graph, {{{1, 4}, {-4, -1, 0, 5}}})[0], {{1, 4}, {0, 1.0F / 3, 0.5F, 1}});
}

TEST(OnnxPieces, GeluInEveryOrder) {
  const Array x = Noise({1, 6}, 11);
  Array expected = x;
  for (float& v : expected.values) v = v / 2 * (1 + std::erf(v / std::sqrt(2.0F)));
  for (const int order : {0, 1, 2}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("r", {{}, {std::sqrt(0.5F)}}).Floats("one", {{}, {1}});
    builder.Floats("half", {{}, {0.5F}});
    builder.Node("Mul", {"x", "r"}, "d").Node("Erf", {"d"}, "e").Node("Add", {"one", "e"}, "g");
    if (order == 0) builder.Node("Mul", {"g", "x"}, "m").Node("Mul", {"half", "m"}, "y");
    if (order == 1) builder.Node("Mul", {"x", "half"}, "m").Node("Mul", {"m", "g"}, "y");
    if (order == 2) builder.Node("Mul", {"g", "half"}, "m").Node("Mul", {"x", "m"}, "y");
    const Graph graph = builder.Output("y").Import();
    EXPECT_EQ(Kinds(graph), "GELU") << order;
    ExpectNear(RunNchw(graph, {x})[0], expected);
  }
}

TEST(OnnxPieces, ProductsThatAreNotGates) {
  OnnxBuilder builder;
  builder.Input("x", {1, 4}).Input("z", {1, 4}).Floats("three", {{}, {3}});
  builder.Floats("zero", {{}, {0}}).Floats("six", {{}, {6}});
  builder.Node("Add", {"z", "three"}, "a").Node("Clip", {"a", "zero", "six"}, "r");
  builder.Node("Mul", {"x", "r"}, "m").Node("Div", {"m", "six"}, "y").Output("y");
  EXPECT_EQ(Kinds(builder.Import()), "Add ReLU6 Mul Mul") << "the gate of another value";
}

TEST(OnnxPRelu, SlopesPerChannel) {
  const Array x = Noise({2, 3, 2, 2}, 12);
  const Array slope{{3, 1, 1}, {0.1F, -0.5F, 2}};
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("s", slope).Node("PRelu", {"x", "s"}, "y").Output("y");
  Array expected = x;
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    if (x.values[i] < 0) expected.values[i] *= slope.values[i / 4 % 3];
  }
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

TEST(OnnxMovement, PixelShuffle) {
  const Array x = Noise({2, 12, 3, 2}, 13);  // [N, C * 2 * 2, H, W], C outermost
  OnnxBuilder builder;
  builder.Input("x", x.dims).Node("DepthToSpace", {"x"}, "y").With("mode", "CRD");
  builder.With("blocksize", std::int64_t{2}).Output("y");
  Array expected{{2, 3, 6, 4}, {}};
  for (std::int64_t i = 0; i < 144; ++i) {
    const std::int64_t w = i % 4;
    const std::int64_t h = i / 4 % 6;
    const std::int64_t c = i / 24 % 3;
    expected.values.push_back(x.at(i / 72, c * 4 + h % 2 * 2 + w % 2, h / 2, w / 2));
  }
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

TEST(OnnxMovement, ResizeOfSomeAxes) {
  const Array x = Noise({1, 2, 3, 2}, 14);
  OnnxBuilder builder(18);
  builder.Input("x", x.dims).Ints("sizes", {6, 4});
  builder.Node("Resize", {"x", "", "", "sizes"}, "y").With("axes", Ints{2, 3});
  builder.With("coordinate_transformation_mode", "asymmetric").With("nearest_mode", "floor");
  builder.Output("y");
  Array expected{{1, 2, 6, 4}, {}};
  for (std::int64_t i = 0; i < 48; ++i) {
    expected.values.push_back(x.at(0, i / 24, i / 4 % 6 / 2, i % 4 / 2));
  }
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

/// torch: x.view(-1 if broadcasting else ..., *shape), as exporters compute shapes.
TEST(OnnxShapes, ComparisonsAndSelections) {
  const Array x = Noise({2, 6}, 15);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Ints("minus", {-1, 3}).Ints("ones", {1, 1}).Ints("two", {2});
  builder.Ints("zero", {0}).Ints("axis", {0});
  builder.Node("Shape", {"x"}, "shape");                        // [2, 6]
  builder.Node("Equal", {"minus", "ones"}, "equal");            // [0, 0]
  builder.Node("Not", {"equal"}, "differs");                    // [1, 1]
  builder.Node("Where", {"differs", "minus", "shape"}, "new");  // [-1, 3]
  builder.Node("Reshape", {"x", "new"}, "r");                   // [4, 3]
  builder.Node("Shape", {"r"}, "four_three");
  builder.Node("Expand", {"two", "ones"}, "expanded").With("unused", std::int64_t{0});
  builder.Node("Squeeze", {"expanded", "axis"}, "two_again");                          // [2]
  builder.Node("Mul", {"four_three", "two_again"}, "doubled");                         // [8, 6]
  builder.Node("ReduceProd", {"doubled"}, "count").With("keepdims", std::int64_t{1});  // [48]
  builder.Floats("quarter", {{1}, {0.25F}});
  builder.Node("Cast", {"count"}, "real").With("to", std::int64_t{1});
  builder.Node("Mul", {"real", "quarter"}, "twelve").Node("Floor", {"twelve"}, "floor");
  builder.Node("Cast", {"floor"}, "flat").With("to", std::int64_t{7});
  builder.Node("Reshape", {"r", "flat"}, "y").Output("y");
  const Array found = RunNchw(builder.Import(), {x})[0];
  EXPECT_EQ(found.dims, Ints{12});
  EXPECT_EQ(found.values, x.values);
}

TEST(OnnxShapes, RangesAndComparisonsOfNumbers) {
  OnnxBuilder builder;
  builder.Input("x", {1, 6}).Ints("limit", {6}).Ints("zero", {0}).Ints("one", {1});
  for (const char* name : {"limit", "zero", "one"}) {
    builder.Node("Squeeze", {name}, std::string(name) + "_s");
  }
  builder.Node("Range", {"zero_s", "limit_s", "one_s"}, "range");  // 0 to 5
  builder.Node("Less", {"range", "limit_s"}, "less").Node("Cast", {"less"}, "reals");
  builder.With("to", std::int64_t{1}).Node("Add", {"x", "reals"}, "y").Output("y");
  ExpectNear(RunNchw(builder.Import(), {{{1, 6}, {0, 1, 2, 3, 4, 5}}})[0],
             {{1, 6}, {1, 2, 3, 4, 5, 6}});
}

TEST(OnnxShapes, OfActivationsAreRefused) {
  OnnxBuilder builder;
  builder.Input("x", {1, 6}).Floats("half", {{}, {0.5F}});
  builder.Node("Greater", {"x", "half"}, "y").Output("y");
  const std::string message = Refusal([&] { static_cast<void>(builder.Import()); });
  EXPECT_NE(message.find("'y_node' (Greater): is supported for constants only"), std::string::npos)
      << message;
}

/// expand_as: the gate of a squeeze-and-excitation block, and a channel that is repeated.
TEST(OnnxExpand, RepeatsActivationsAndIsNotNeededBeforeWhatBroadcasts) {
  OnnxBuilder builder;
  const Array x = Noise({1, 3, 2, 2}, 31);
  builder.Input("x", x.dims).Ints("shape", {1, 3, 2, 2});
  builder.Node("GlobalAveragePool", {"x"}, "mean").Node("Expand", {"mean", "shape"}, "means");
  builder.Node("Mul", {"x", "means"}, "y").Output("y").Node("Neg", {"means"}, "z").Output("z");
  Graph graph = builder.Import();
  const auto check = [&] {
    const std::vector<Array> found = RunNchw(graph, {x});
    for (std::size_t i = 0; i < 12; ++i) {
      float mean = 0;
      for (std::size_t k = 0; k < 4; ++k) mean += x.values[i / 4 * 4 + k] / 4;
      EXPECT_NEAR(found[0].values[i], x.values[i] * mean, 1e-6F);
      EXPECT_NEAR(found[1].values[i], -mean, 1e-6F);
    }
  };
  check();
  RunPasses(&graph);
  check();
  const auto product = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    return node.outputs[0] == graph.outputs[0];
  });
  ASSERT_NE(product, graph.nodes.end());
  const std::int32_t gate = graph.Producer(product->inputs[1]);
  ASSERT_GE(gate, 0);
  EXPECT_NE(graph.nodes[static_cast<std::size_t>(gate)].As<ReduceOp>(), nullptr)
      << "multiplies by the mean itself";
}

TEST(OnnxExport, ScaledEluAndCubes) {
  OnnxBuilder builder;
  builder.Input("x", {1, 3}).Node("Selu", {"x"}, "s").Output("s");
  builder.Node("Celu", {"x"}, "c").With("alpha", 2.0F).Output("c");
  builder.Floats("three", {{}, {3}}).Node("Pow", {"x", "three"}, "p").Output("p");
  const std::vector<Array> found = RunNchw(builder.Import(), {{{1, 3}, {-1, 0, 2}}});
  ExpectNear(found[0], {{1, 3}, {1.05070098F * 1.67326324F * std::expm1(-1.0F), 0, 2.10140197F}});
  ExpectNear(found[1], {{1, 3}, {2 * std::expm1(-0.5F), 0, 2}});
  ExpectNear(found[2], {{1, 3}, {-1, 0, 8}});
}

/// The norm of weights, as spectral normalization leaves it: u . (W v).
TEST(OnnxExport, ProductsOfConstantMatrices) {
  OnnxBuilder builder;
  builder.Input("x", {1, 2}).Floats("w", {{2, 3}, {1, 2, 3, 4, 5, 6}});
  builder.Floats("v", {{3}, {1, 0, -1}}).Floats("u", {{2}, {0.5F, 2}});
  builder.Node("MatMul", {"w", "v"}, "wv").Node("MatMul", {"u", "wv"}, "norm");  // -2, -2; -5
  builder.Node("Div", {"x", "norm"}, "y").Output("y");
  builder.Node("MatMul", {"x", "w"}, "z").Output("z");
  const std::vector<Array> found = RunNchw(builder.Import(), {{{1, 2}, {10, 5}}});
  ExpectNear(found[0], {{1, 2}, {-2, -1}});
  ExpectNear(found[1], {{1, 3}, {30, 45, 60}});
  OnnxBuilder wrong;
  wrong.Input("x", {1, 2}).Floats("w", {{2, 3}, {1, 2, 3, 4, 5, 6}});
  wrong.Node("MatMul", {"w", "w"}, "y").Output("y");
  const std::string message = Refusal([&] { static_cast<void>(wrong.Import()); });
  EXPECT_NE(message.find("[2, 3] and [2, 3]"), std::string::npos) << message;
}

TEST(OnnxSum, OfSeveral) {
  OnnxBuilder builder;
  builder.Input("x", {1, 2}).Input("y", {1, 2}).Input("z", {1, 2});
  builder.Node("Sum", {"x", "y", "z"}, "s").Output("s");
  ExpectNear(RunNchw(builder.Import(), {{{1, 2}, {1, 2}}, {{1, 2}, {3, 4}}, {{1, 2}, {5, 6}}})[0],
             {{1, 2}, {9, 12}});
}

/// All of it in int8: an 8-bit signal has about 50 dB; each of the eight roundings on the way costs
/// some, and 25 dB is noise of 6 % of the signal.
TEST(OnnxExport, QuantizesAndCompiles) {
  OnnxBuilder builder;
  builder.Input("x", {1, 4, 6, 6}).Floats("v", Noise({4, 4, 4, 4}, 21));
  builder.Floats("slopes", {{4, 1, 1}, {0.25F, -0.5F, 0.1F, 0.3F}});
  builder.Floats("w", Noise({8, 4, 3, 3}, 22)).Floats("b", Noise({8}, 23));
  builder.Floats("three", {{}, {3}}).Floats("zero", {{}, {0}}).Floats("six", {{}, {6}});
  builder.Node("ConvTranspose", {"x", "v"}, "t").With("strides", Ints{2, 2});
  builder.With("pads", Ints{1, 1, 1, 1}).Node("PRelu", {"t", "slopes"}, "p");
  builder.Node("Conv", {"p", "w", "b"}, "c").With("strides", Ints{2, 2});
  builder.Node("Add", {"c", "three"}, "a").Node("Clip", {"a", "zero", "six"}, "r");
  builder.Node("Mul", {"c", "r"}, "m").Node("Div", {"m", "six"}, "h");
  builder.Node("DepthToSpace", {"h"}, "y").With("mode", "CRD");
  builder.With("blocksize", std::int64_t{2}).Output("y");
  const Graph graph = builder.Import();
  std::vector<Sample> samples;
  for (std::uint32_t seed = 30; seed < 40; ++seed) {
    samples.push_back({Noise({1, 4, 6, 6}, seed).values});
  }
  const Graph quantized = Quantize(graph, samples);
  double signal = 0;
  double noise = 0;
  for (std::uint32_t seed = 30; seed < 33; ++seed) {
    Array x = Noise({1, 4, 6, 6}, seed);
    x.values = SwapChannels(x.values, x.dims, false);  // as calibrated: NHWC
    const Array expected = RunNchw(graph, {x})[0];
    const Array found = RunCompiled(quantized, {x})[0];
    ASSERT_EQ(found.dims, expected.dims);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      const double error = double{found.values[i]} - double{expected.values[i]};
      signal += double{expected.values[i]} * double{expected.values[i]};
      noise += error * error;
    }
  }
  EXPECT_GT(10 * std::log10(signal / noise), 25);
}

}  // namespace
}  // namespace quaver::compiler
