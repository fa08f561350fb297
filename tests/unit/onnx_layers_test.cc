// ONNX operators with arithmetic, imported and run, against naive NCHW formulas.
#include <algorithm>
#include <limits>

#include "tests/unit/graph_builder.h"
#include "tests/unit/onnx_builder.h"

namespace quaver::compiler {
namespace {

struct Window {
  std::int64_t kernel_h, kernel_w;
  std::vector<std::int64_t> strides = {1, 1}, pads = {0, 0, 0, 0}, dilations = {1, 1};

  [[nodiscard]] std::int64_t OutH(std::int64_t h) const {
    return (h + pads[0] + pads[2] - (kernel_h - 1) * dilations[0] - 1) / strides[0] + 1;
  }
  [[nodiscard]] std::int64_t OutW(std::int64_t w) const {
    return (w + pads[1] + pads[3] - (kernel_w - 1) * dilations[1] - 1) / strides[1] + 1;
  }
  /// Calls visit(kernel y, kernel x, input y, input x) for the taps inside the image.
  template <typename Visit>
  void ForEach(const Array& x, std::int64_t oy, std::int64_t ox, const Visit& visit) const {
    for (std::int64_t ky = 0; ky < kernel_h; ++ky) {
      for (std::int64_t kx = 0; kx < kernel_w; ++kx) {
        const std::int64_t iy = oy * strides[0] - pads[0] + ky * dilations[0];
        const std::int64_t ix = ox * strides[1] - pads[1] + kx * dilations[1];
        if (iy >= 0 && ix >= 0 && iy < x.dim(2) && ix < x.dim(3)) visit(ky, kx, iy, ix);
      }
    }
  }
};

/// ForEach output (n, c, y, x) in NCHW order.
template <typename Value>
Array Make(const std::vector<std::int64_t>& dims, const Value& value) {
  Array y{dims, {}};
  for (std::int64_t n = 0; n < dims[0]; ++n) {
    for (std::int64_t c = 0; c < dims[1]; ++c) {
      for (std::int64_t h = 0; h < dims[2]; ++h) {
        for (std::int64_t w = 0; w < dims[3]; ++w) y.values.push_back(value(n, c, h, w));
      }
    }
  }
  return y;
}

Array NaiveConv(const Array& x, const Array& weights, const Array& bias, std::int64_t groups,
                const Window& window) {
  const std::int64_t per_group = weights.dim(0) / groups;
  return Make({x.dim(0), weights.dim(0), window.OutH(x.dim(2)), window.OutW(x.dim(3))},
              [&](std::int64_t n, std::int64_t o, std::int64_t oy, std::int64_t ox) {
                float sum = bias.values[static_cast<std::size_t>(o)];
                window.ForEach(x, oy, ox, [&](auto ky, auto kx, auto iy, auto ix) {
                  for (std::int64_t i = 0; i < weights.dim(1); ++i) {
                    sum += x.at(n, o / per_group * weights.dim(1) + i, iy, ix) *
                           weights.at(o, i, ky, kx);
                  }
                });
                return sum;
              });
}

struct ConvCase {
  std::string name;
  std::int64_t channels, outputs, groups;
  Window window;
};

class OnnxConv : public ::testing::TestWithParam<ConvCase> {};

TEST_P(OnnxConv, EqualsNaive) {
  const ConvCase& c = GetParam();
  const Array x = Noise({2, c.channels, 9, 7}, 1);
  const Array weights =
      Noise({c.outputs, c.channels / c.groups, c.window.kernel_h, c.window.kernel_w}, 2);
  const Array bias = Noise({c.outputs}, 3);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", weights).Floats("b", bias);
  builder.Node("Conv", {"x", "w", "b"}, "y")
      .With("group", c.groups)
      .With("strides", c.window.strides)
      .With("pads", c.window.pads)
      .With("dilations", c.window.dilations)
      .Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(graph.nodes.size(), 1U) << Dump(graph);
  const bool depthwise = c.groups == c.channels && c.groups > 1;
  EXPECT_EQ(KindName(graph.nodes[0]), depthwise ? "DepthwiseConv2D" : "Conv2D");
  ExpectNear(RunNchw(graph, {x})[0], NaiveConv(x, weights, bias, c.groups, c.window));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OnnxConv,
    ::testing::Values(ConvCase{"plain", 3, 5, 1, {3, 3}}, ConvCase{"pointwise", 8, 9, 1, {1, 1}},
                      ConvCase{"strided", 3, 4, 1, {3, 2, {2, 3}, {1, 0, 2, 1}}},
                      ConvCase{"dilated", 2, 3, 1, {3, 3, {1, 1}, {2, 2, 2, 2}, {2, 2}}},
                      ConvCase{"grouped", 6, 4, 2, {3, 3, {1, 1}, {1, 1, 1, 1}}},
                      ConvCase{"depthwise", 5, 5, 5, {3, 3, {2, 2}, {1, 1, 1, 1}}},
                      ConvCase{"multiplier", 3, 6, 3, {3, 3, {1, 1}, {1, 1, 1, 1}}},
                      ConvCase{"one_channel", 1, 4, 1, {5, 5}}),
    [](const auto& test) { return test.param.name; });

TEST(OnnxConvPadding, AutoPadIsTheExplicitPadding) {
  const Array x = Noise({1, 2, 8, 7}, 4);
  const Array weights = Noise({3, 2, 3, 3}, 5);
  const Array bias{{3}, {0, 0, 0}};
  const auto run = [&](const char* mode) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("w", weights);
    builder.Node("Conv", {"x", "w"}, "y").With("auto_pad", mode);
    builder.With("strides", std::vector<std::int64_t>{2, 2}).Output("y");
    return RunNchw(builder.Import(), {x})[0];
  };
  // 8 rows by stride 2 need one row of padding, 7 columns two.
  ExpectNear(run("SAME_UPPER"), NaiveConv(x, weights, bias, 1, {3, 3, {2, 2}, {0, 1, 1, 1}}));
  ExpectNear(run("SAME_LOWER"), NaiveConv(x, weights, bias, 1, {3, 3, {2, 2}, {1, 1, 0, 1}}));
  ExpectNear(run("VALID"), NaiveConv(x, weights, bias, 1, {3, 3, {2, 2}}));
}

Array NaivePool(const Array& x, const Window& window, bool average, bool count_padding) {
  return Make({x.dim(0), x.dim(1), window.OutH(x.dim(2)), window.OutW(x.dim(3))},
              [&](std::int64_t n, std::int64_t c, std::int64_t oy, std::int64_t ox) {
                float sum = 0;
                float most = -std::numeric_limits<float>::infinity();
                float count = 0;
                window.ForEach(x, oy, ox, [&](auto, auto, auto iy, auto ix) {
                  sum += x.at(n, c, iy, ix);
                  most = std::max(most, x.at(n, c, iy, ix));
                  count += 1;
                });
                if (count_padding) {
                  count = static_cast<float>(window.kernel_h * window.kernel_w);
                }
                return average ? sum / count : most;
              });
}

Array RunPool(const std::string& op, const Array& x, const Window& window,
              std::int64_t count_include_pad = 0, std::int64_t ceil_mode = 0) {
  OnnxBuilder builder;
  builder.Input("x", x.dims);
  builder.Node(op, {"x"}, "y")
      .With("kernel_shape", std::vector<std::int64_t>{window.kernel_h, window.kernel_w})
      .With("strides", window.strides)
      .With("pads", window.pads)
      .With("ceil_mode", ceil_mode)
      .Output("y");
  if (op == "AveragePool") builder.With("count_include_pad", count_include_pad);
  return RunNchw(builder.Import(), {x})[0];
}

TEST(OnnxPool, EqualsNaive) {
  const Array x = Noise({2, 3, 9, 7}, 6);
  const Window padded{3, 2, {2, 1}, {1, 1, 0, 0}};
  ExpectNear(RunPool("MaxPool", x, padded), NaivePool(x, padded, false, false));
  ExpectNear(RunPool("AveragePool", x, padded), NaivePool(x, padded, true, false));
  ExpectNear(RunPool("AveragePool", x, padded, 1), NaivePool(x, padded, true, true));
}

TEST(OnnxPool, CeilModeAddsTheLastPartialWindow) {
  const Array x = Noise({1, 2, 6, 5}, 7);
  const Window floor{2, 2, {4, 2}};
  // (6 - 2) / 4 + 1 = 2 rows exactly; (5 - 2) / 2 + 1 = 2.5 columns: one more, cut at the edge.
  const Window ceil{2, 2, {4, 2}, {0, 0, 0, 1}};
  ExpectNear(RunPool("MaxPool", x, floor, 0, 1), NaivePool(x, ceil, false, false));
  ExpectNear(RunPool("AveragePool", x, floor, 0, 1), NaivePool(x, ceil, true, false));
}

TEST(OnnxPool, GlobalPoolsGiveOnePixel) {
  const Array x = Noise({1, 4, 5, 3}, 8);
  for (const bool average : {true, false}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims);
    builder.Node(average ? "GlobalAveragePool" : "GlobalMaxPool", {"x"}, "y").Output("y");
    ExpectNear(RunNchw(builder.Import(), {x})[0], NaivePool(x, {5, 3}, average, false));
  }
}

/// y = x * w + b for a matrix w [K, N].
Array NaiveMatMul(const Array& x, const Array& w, const Array& b) {
  Array y{{x.dim(0), w.dim(1)}, {}};
  for (std::int64_t m = 0; m < x.dim(0); ++m) {
    for (std::int64_t n = 0; n < w.dim(1); ++n) {
      float sum = b.values[static_cast<std::size_t>(n)];
      for (std::int64_t k = 0; k < w.dim(0); ++k) {
        sum += x.values[static_cast<std::size_t>(m * w.dim(0) + k)] *
               w.values[static_cast<std::size_t>(k * w.dim(1) + n)];
      }
      y.values.push_back(sum);
    }
  }
  return y;
}

TEST(OnnxGemm, AlphaBetaAndBothOrdersOfTheWeights) {
  const Array x = Noise({3, 6}, 9);
  const Array w = Noise({6, 4}, 10);
  const Array b = Noise({4}, 11);
  Array transposed{{4, 6}, {}};
  for (std::size_t n = 0; n < 4; ++n) {
    for (std::size_t k = 0; k < 6; ++k) transposed.values.push_back(w.values[k * 4 + n]);
  }
  for (const bool trans_b : {false, true}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims).Floats("w", trans_b ? transposed : w).Floats("b", b);
    builder.Node("Gemm", {"x", "w", "b"}, "y");
    builder.With("transB", std::int64_t{trans_b}).With("alpha", 2.0F).With("beta", 0.5F);
    builder.Output("y");
    Array scaled_w = w;
    Array scaled_b = b;
    for (float& v : scaled_w.values) v *= 2.0F;
    for (float& v : scaled_b.values) v *= 0.5F;
    ExpectNear(RunNchw(builder.Import(), {x})[0], NaiveMatMul(x, scaled_w, scaled_b));
  }
}

TEST(OnnxMatMul, TakesTheAddAfterItAsBias) {
  const Array x = Noise({2, 5}, 12);
  const Array w = Noise({5, 3}, 13);
  const Array b = Noise({3}, 14);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", w).Floats("b", b);
  builder.Node("MatMul", {"x", "w"}, "xw").Node("Add", {"b", "xw"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "FullyConnected");
  ExpectNear(RunNchw(graph, {x})[0], NaiveMatMul(x, w, b));
}

TEST(OnnxMatMul, KeepsTheAddWhereTheProductIsReadElsewhere) {
  const Array x = Noise({2, 5}, 12);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("w", Noise({5, 3}, 13)).Floats("b", Noise({3}, 14));
  builder.Node("MatMul", {"x", "w"}, "xw").Node("Add", {"xw", "b"}, "y");
  builder.Output("y").Output("xw");
  EXPECT_EQ(Kinds(builder.Import()), "FullyConnected Add");
}

TEST(OnnxBatchNormalization, ScalesChannels) {
  const Array x = Noise({2, 3, 4, 5}, 15);
  const Array scale = Noise({3}, 16);
  const Array bias = Noise({3}, 17);
  const Array mean = Noise({3}, 18);
  const Array variance{{3}, {0.5F, 1.5F, 2.0F}};
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("s", scale).Floats("b", bias).Floats("m", mean);
  builder.Floats("v", variance);
  builder.Node("BatchNormalization", {"x", "s", "b", "m", "v"}, "y").With("epsilon", 1e-3F);
  builder.Output("y");
  const Array expected = Make(x.dims, [&](auto n, auto c, auto h, auto w) {
    const auto i = static_cast<std::size_t>(c);
    return (x.at(n, c, h, w) - mean.values[i]) / std::sqrt(variance.values[i] + 1e-3F) *
               scale.values[i] +
           bias.values[i];
  });
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

/// Softmax over the elements i of `x` that share group(i).
template <typename Group>
Array NaiveSoftmax(const Array& x, const Group& group) {
  std::vector<double> sums(x.values.size(), 0);
  for (std::size_t i = 0; i < x.values.size(); ++i) sums[group(i)] += std::exp(x.values[i]);
  Array y = x;
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    y.values[i] = static_cast<float>(std::exp(x.values[i]) / sums[group(i)]);
  }
  return y;
}

TEST(OnnxSoftmax, FollowsTheAxisOfTheOperatorSet) {
  const Array x = Noise({2, 3, 4, 5}, 19);
  const auto run = [&](std::int64_t opset, std::int64_t axis) {
    OnnxBuilder builder(opset);
    builder.Input("x", x.dims).Node("Softmax", {"x"}, "y").With("axis", axis).Output("y");
    return RunNchw(builder.Import(), {x})[0];
  };
  // Index of element i: ((n * 3 + c) * 4 + h) * 5 + w.
  ExpectNear(run(13, 1), NaiveSoftmax(x, [](std::size_t i) { return i / 60 * 20 + i % 20; }));
  ExpectNear(run(13, -1), NaiveSoftmax(x, [](std::size_t i) { return i / 5; }));
  ExpectNear(run(13, 2), NaiveSoftmax(x, [](std::size_t i) { return i / 20 * 5 + i % 5; }));
  ExpectNear(run(11, 1), NaiveSoftmax(x, [](std::size_t i) { return i / 60; }));
  ExpectNear(run(11, 3), NaiveSoftmax(x, [](std::size_t i) { return i / 5; }));
}

struct UnaryCase {
  const char* op;
  float (*function)(float);
};

class OnnxUnary : public ::testing::TestWithParam<UnaryCase> {};

TEST_P(OnnxUnary, EqualsTheFormula) {
  Array x = Noise({2, 3, 2, 2}, 20);
  for (float& v : x.values) v *= 4;
  if (std::string(GetParam().op) == "Sqrt" || std::string(GetParam().op) == "Log") {
    for (float& v : x.values) v = std::abs(v) + 0.1F;
  }
  OnnxBuilder builder(20);
  builder.Input("x", x.dims).Node(GetParam().op, {"x"}, "y").Output("y");
  Array expected = x;
  for (float& v : expected.values) v = GetParam().function(v);
  ExpectNear(RunNchw(builder.Import(), {x})[0], expected);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OnnxUnary,
    ::testing::Values(
        UnaryCase{"Relu", [](float x) { return x > 0 ? x : 0; }},
        UnaryCase{"LeakyRelu", [](float x) { return x > 0 ? x : 0.01F * x; }},
        UnaryCase{"Sigmoid", [](float x) { return 1 / (1 + std::exp(-x)); }},
        UnaryCase{"Tanh", [](float x) { return std::tanh(x); }},
        UnaryCase{"HardSigmoid",
                  [](float x) { return std::min(1.0F, std::max(0.0F, 0.2F * x + 0.5F)); }},
        UnaryCase{"HardSwish",
                  [](float x) { return x * std::min(1.0F, std::max(0.0F, x / 6 + 0.5F)); }},
        UnaryCase{"Elu", [](float x) { return x > 0 ? x : std::exp(x) - 1; }},
        UnaryCase{"Gelu", [](float x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0F))); }},
        UnaryCase{"Erf", [](float x) { return std::erf(x); }},
        UnaryCase{"Softplus", [](float x) { return std::log(1 + std::exp(x)); }},
        UnaryCase{"Abs", [](float x) { return std::abs(x); }},
        UnaryCase{"Neg", [](float x) { return -x; }},
        UnaryCase{"Exp", [](float x) { return std::exp(x); }},
        UnaryCase{"Log", [](float x) { return std::log(x); }},
        UnaryCase{"Sqrt", [](float x) { return std::sqrt(x); }},
        UnaryCase{"Floor", [](float x) { return std::floor(x); }},
        UnaryCase{"Ceil", [](float x) { return std::ceil(x); }}),
    [](const auto& test) { return std::string(test.param.op); });

UnaryOp ImportedClip(const Array& low, const Array& high) {
  OnnxBuilder builder;
  builder.Input("x", {1, 4}).Floats("low", low).Floats("high", high);
  builder.Node("Clip", {"x", "low", "high"}, "y").Output("y");
  return *builder.Import().nodes[0].As<UnaryOp>();
}

TEST(OnnxClip, BecomesTheReluThatItIs) {
  EXPECT_EQ(ImportedClip({{}, {0}}, {{}, {6}}).kind, UnaryKind::kRelu6);
  EXPECT_EQ(ImportedClip({{}, {-1}}, {{}, {1}}).kind, UnaryKind::kReluN1To1);
  const UnaryOp clip = ImportedClip({{}, {-2}}, {{}, {3}});
  EXPECT_EQ(clip.kind, UnaryKind::kClip);
  EXPECT_EQ(clip.alpha, -2);
  EXPECT_EQ(clip.beta, 3);
}

TEST(OnnxGates, BecomeOneFunction) {
  OnnxBuilder silu;
  silu.Input("x", {1, 4}).Node("Sigmoid", {"x"}, "s").Node("Mul", {"x", "s"}, "y").Output("y");
  Graph graph = silu.Import();
  ASSERT_EQ(graph.nodes.size(), 1U) << Dump(graph);
  EXPECT_EQ(graph.nodes[0].As<UnaryOp>()->kind, UnaryKind::kSilu);

  OnnxBuilder swish;
  swish.Input("x", {1, 4}).Node("HardSigmoid", {"x"}, "s").With("alpha", 1.0F / 6);
  swish.Node("Mul", {"s", "x"}, "y").Output("y");
  graph = swish.Import();
  ASSERT_EQ(graph.nodes.size(), 1U) << Dump(graph);
  EXPECT_EQ(graph.nodes[0].As<UnaryOp>()->kind, UnaryKind::kHardSwish);
}

TEST(OnnxGates, GeluAsOldOperatorSetsWriteIt) {
  const Array x = Noise({1, 2, 3, 4}, 25);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("sqrt2", {{}, {1.41421356F}}).Floats("one", {{}, {1}});
  builder.Floats("half", {{}, {0.5F}});
  builder.Node("Div", {"x", "sqrt2"}, "d").Node("Erf", {"d"}, "e").Node("Add", {"e", "one"}, "g");
  builder.Node("Mul", {"x", "g"}, "m").Node("Mul", {"m", "half"}, "y").Output("y");
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "GELU");
  Array expected = x;
  for (float& v : expected.values) v = v / 2 * (1 + std::erf(v / std::sqrt(2.0F)));
  ExpectNear(RunNchw(graph, {x})[0], expected);
}

TEST(OnnxBinary, BroadcastsChannelsAndScalars) {
  const Array x = Noise({2, 3, 4, 5}, 21);
  const Array per_channel = Noise({3, 1, 1}, 22);
  const Array image = Noise({4, 5}, 23);
  OnnxBuilder builder;
  builder.Input("x", x.dims).Floats("c", per_channel).Floats("i", image);
  builder.Floats("two", {{}, {2}});
  builder.Node("Mul", {"x", "c"}, "xc").Node("Sub", {"i", "xc"}, "d");
  builder.Node("Div", {"d", "two"}, "y").Output("y");
  const Array expected = Make(x.dims, [&](auto n, auto c, auto h, auto w) {
    return (image.values[static_cast<std::size_t>(h * 5 + w)] -
            x.at(n, c, h, w) * per_channel.values[static_cast<std::size_t>(c)]) /
           2;
  });
  const Graph graph = builder.Import();
  EXPECT_EQ(Kinds(graph), "Mul Sub Mul");
  ExpectNear(RunNchw(graph, {x})[0], expected);
}

TEST(OnnxReduce, MeanOverPixelsAndOverChannels) {
  const Array x = Noise({1, 3, 4, 5}, 24);
  for (const std::int64_t keep : {0, 1}) {
    OnnxBuilder builder;
    builder.Input("x", x.dims);
    builder.Node("ReduceMean", {"x"}, "pixels").With("axes", std::vector<std::int64_t>{2, 3});
    builder.With("keepdims", keep);
    builder.Node("ReduceMax", {"x"}, "channels").With("axes", std::vector<std::int64_t>{1});
    builder.With("keepdims", keep).Output("pixels").Output("channels");
    const std::vector<Array> found = RunNchw(builder.Import(), {x});
    Array mean{keep ? std::vector<std::int64_t>{1, 3, 1, 1} : std::vector<std::int64_t>{1, 3}, {}};
    Array most{keep ? std::vector<std::int64_t>{1, 1, 4, 5} : std::vector<std::int64_t>{1, 4, 5},
               {}};
    for (std::int64_t c = 0; c < 3; ++c) {
      float sum = 0;
      for (std::int64_t p = 0; p < 20; ++p) sum += x.at(0, c, p / 5, p % 5);
      mean.values.push_back(sum / 20);
    }
    for (std::int64_t p = 0; p < 20; ++p) {
      most.values.push_back(
          std::max({x.at(0, 0, p / 5, p % 5), x.at(0, 1, p / 5, p % 5), x.at(0, 2, p / 5, p % 5)}));
    }
    ExpectNear(found[0], mean);
    ExpectNear(found[1], most);
  }
}

}  // namespace
}  // namespace quaver::compiler
