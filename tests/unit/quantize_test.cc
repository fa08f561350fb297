// What the quantizer promises: ranges, scales, integers, and which tensors share them.
#include "compiler/quantize/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compiler/ir/error.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/scheme.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

const Quantization& Of(const Graph& graph, TensorId id) { return graph.tensor(id).quantization; }

TEST(ActivationQuantization, RepresentsZeroExactly) {
  for (const ValueRange range : {ValueRange{-1, 1}, ValueRange{0.5F, 3}, ValueRange{-7, -2},
                                 ValueRange{-0.1F, 12.3F}, ValueRange{0, 0}, ValueRange{}}) {
    const Quantization q = ActivationQuantization(range);
    EXPECT_GT(q.scale[0], 0);
    EXPECT_GE(q.zero_point[0], -128);
    EXPECT_LE(q.zero_point[0], 127);
    EXPECT_EQ(QuantizeInt8(0, q), q.zero_point[0]);
    if (range.empty()) continue;
    // The ends of the range are within one step (half for rounding, half for the nudge).
    for (const float end : {range.min, range.max}) {
      const float back = q.scale[0] * static_cast<float>(QuantizeInt8(end, q) - q.zero_point[0]);
      EXPECT_LE(std::abs(back - end), 1.001F * q.scale[0]);
    }
  }
}

TEST(ActivationQuantization, OfPixelsIsThePixelMinus128) {
  const Quantization q = ActivationQuantization({0, 1});
  EXPECT_EQ(q.scale[0], 1.0F / 255);
  EXPECT_EQ(q.zero_point[0], -128);
  for (int pixel = 0; pixel < 256; ++pixel) {
    EXPECT_EQ(QuantizeInt8(static_cast<float>(pixel) * (1.0F / 255), q), pixel - 128);
  }
}

TEST(QuantizeLayer, SymmetricPerChannel) {
  const std::vector<float> weights = {1, -2, 0.5F, 10, 20, -30};
  const QuantizedLayer first = QuantizeLayer(weights, {1, -1}, 2, ChannelAxis::kFirst, 0.5F, 1);
  EXPECT_EQ(first.weights_quantization.scale, (std::vector<float>{2.0F / 127, 30.0F / 127}));
  EXPECT_EQ(first.weights_quantization.zero_point, (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(first.weights, (std::vector<std::int8_t>{64, -127, 32, 42, 85, -127}));
  EXPECT_EQ(first.bias, (std::vector<std::int32_t>{127, -8}));  // 1 / (0.5 * 2 / 127), ...
  const QuantizedLayer last = QuantizeLayer(weights, {}, 3, ChannelAxis::kLast, 0.5F, 1);
  EXPECT_EQ(last.weights_quantization.scale,
            (std::vector<float>{10.0F / 127, 20.0F / 127, 30.0F / 127}));
  EXPECT_TRUE(last.bias.empty());
}

TEST(QuantizeLayer, ChannelsOfAlmostNoWeightsKeepTheirBias) {
  for (const float weight : {0.0F, 1e-30F}) {
    const QuantizedLayer layer =
        QuantizeLayer({weight, 1}, {5, 0}, 2, ChannelAxis::kFirst, 0.01F, 0.1F);
    const double bias =
        static_cast<double>(layer.bias[0]) * static_cast<double>(layer.bias_quantization.scale[0]);
    EXPECT_NEAR(bias, 5, 1e-5);
    EXPECT_LE(std::abs(layer.bias[0]), (1 << 30) + 64);  // 64: the scale's rounding to float
  }
}

TEST(QuantizeLayer, PerTensorTakesTheLargestScale) {
  SchemeOptions scheme;
  scheme.per_channel_weights = false;
  const QuantizedLayer layer =
      QuantizeLayer({1, -2, 10, -30}, {}, 2, ChannelAxis::kFirst, 0.5F, 1, scheme);
  EXPECT_EQ(layer.weights_quantization.scale, (std::vector<float>{30.0F / 127, 30.0F / 127}));
  EXPECT_EQ(layer.weights, (std::vector<std::int8_t>{4, -8, 42, -127}));
}

TEST(Scheme, SymmetricAndPowersOfTwo) {
  SchemeOptions scheme;
  scheme.symmetric_activations = true;
  const Quantization symmetric = ActivationQuantization({-1, 12.7F}, scheme);
  EXPECT_FLOAT_EQ(symmetric.scale[0], 0.1F);
  EXPECT_EQ(symmetric.zero_point[0], 0);
  EXPECT_FLOAT_EQ(ActivationQuantization({0, 0}, scheme).scale[0], 1.0F / 127);
  scheme.power_of_two_scales = true;
  EXPECT_EQ(ActivationQuantization({-1, 12.7F}, scheme).scale[0], 0.125F);
  EXPECT_EQ(ActivationQuantization({-16, 15.875F}, scheme).scale[0], 0.25F) << "16 / 0.125 is 128";
  scheme.symmetric_activations = false;
  const Quantization asymmetric = ActivationQuantization({0, 255}, scheme);
  EXPECT_EQ(asymmetric.scale[0], 1);
  EXPECT_EQ(asymmetric.zero_point[0], -128);
  const QuantizedLayer layer =
      QuantizeLayer({1.27F, -0.3F}, {}, 2, ChannelAxis::kFirst, 0.5F, 1, scheme);
  EXPECT_EQ(layer.weights_quantization.scale, (std::vector<float>{1.0F / 64, 1.0F / 256}));
  EXPECT_EQ(layer.weights, (std::vector<std::int8_t>{81, -77}));
}

/// Samples of one input that takes the two values given.
std::vector<Sample> Samples(std::size_t elements, float low, float high) {
  std::vector<float> values(elements, low);
  values[0] = high;
  return {{values}};
}

TEST(Quantize, ConvolutionsAndTheirTypes) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 4, 4, 2});
  const TensorId conv = builder.Add(
      Conv2DOp{}, {x, builder.Ramp({3, 3, 3, 2}, -1, 0.05F), builder.Floats({3}, {1, 2, 3})});
  const TensorId relu = builder.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {conv});
  const TensorId depthwise =
      builder.Add(DepthwiseConv2DOp{}, {relu, builder.Ramp({1, 1, 1, 3}, -1, 0.5F), kNoTensor});
  const TensorId flat = builder.AddShaped(ReshapeOp{}, {depthwise}, {1, 12});
  const TensorId y =
      builder.Add(FullyConnectedOp{}, {flat, builder.Ramp({5, 12}, -1, 0.03F), kNoTensor});
  const Graph graph = builder.Finish({y});
  const Graph q = Quantize(graph, Samples(32, 0, 1));
  EXPECT_EQ(Kinds(q), "Conv2D DepthwiseConv2D Reshape FullyConnected");
  const int axes[] = {0, 3, 0, 0};
  for (std::size_t n = 0; n < q.nodes.size(); ++n) {
    if (n == 2) continue;
    const Node& node = q.nodes[n];
    const Tensor& weights = q.tensor(node.inputs[1]);
    EXPECT_EQ(weights.type, DataType::kInt8);
    EXPECT_EQ(weights.quantization.axis, axes[n]);
    EXPECT_EQ(weights.quantization.scale.size(),
              static_cast<std::size_t>(weights.shape[static_cast<std::size_t>(axes[n])]));
    for (std::int8_t w : weights.As<std::int8_t>()) EXPECT_GE(w, -127);
  }
  const Node& first = q.nodes[0];
  EXPECT_EQ(first.As<Conv2DOp>()->activation, Activation::kRelu);
  const Tensor& bias = q.tensor(first.inputs[2]);
  EXPECT_EQ(bias.type, DataType::kInt32);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_FLOAT_EQ(bias.quantization.scale[c],
                    Of(q, first.inputs[0]).scale[0] * Of(q, first.inputs[1]).scale[c]);
  }
  EXPECT_EQ(Of(q, first.outputs[0]).zero_point[0], -128) << "nothing below zero after ReLU";
  EXPECT_EQ(q.tensor(q.inputs[0]).type, DataType::kInt8);
  EXPECT_EQ(q.tensor(q.outputs[0]).type, DataType::kInt8);
  EXPECT_EQ(graph.tensor(x).type, DataType::kFloat32) << "the float graph stays as it is";
}

TEST(Quantize, MovedValuesShareTheUnionOfTheirRanges) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 4, 4, 1});
  const TensorId small = builder.Add(BinaryOp{BinaryKind::kMul}, {x, builder.Floats({1}, {0.25F})});
  const TensorId large = builder.Add(BinaryOp{BinaryKind::kMul}, {x, builder.Floats({1}, {-4})});
  const TensorId concat = builder.Add(ConcatOp{3}, {small, large});
  Pool2DOp pool;
  pool.filter_h = pool.filter_w = 2;
  const TensorId pooled = builder.Add(pool, {concat});
  const TensorId padded =
      builder.Add(PadOp{PadMode::kConstant, {0, 0, 0, 0}, {0, 1, 1, 0}, 3}, {pooled});
  const Graph q = Quantize(builder.Finish({padded}), Samples(16, 0, 1));
  const Quantization shared = Of(q, q.outputs[0]);
  EXPECT_FLOAT_EQ(shared.scale[0], 7.0F / 255) << "-4 from the product, 3 from the padding";
  for (const Node& node : q.nodes) {
    EXPECT_EQ(Of(q, node.outputs[0]).scale, shared.scale) << KindName(node);
    EXPECT_EQ(Of(q, node.outputs[0]).zero_point, shared.zero_point) << KindName(node);
  }
  EXPECT_FLOAT_EQ(Of(q, q.inputs[0]).scale[0], 1.0F / 255) << "a product has its own";
}

TEST(Quantize, FixedOutputs) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 8});
  const TensorId softmax = builder.Add(SoftmaxOp{}, {x});
  const TensorId tanh = builder.Add(UnaryOp{UnaryKind::kTanh, 0, 0}, {x});
  const TensorId sigmoid = builder.Add(UnaryOp{UnaryKind::kSigmoid, 0, 0}, {x});
  const TensorId reshaped = builder.AddShaped(ReshapeOp{}, {sigmoid}, {8, 1});
  const Graph q = Quantize(builder.Finish({softmax, tanh, reshaped}), Samples(8, -3, 3));
  EXPECT_EQ(Of(q, q.outputs[0]).scale[0], 1.0F / 256);
  EXPECT_EQ(Of(q, q.outputs[0]).zero_point[0], -128);
  EXPECT_EQ(Of(q, q.outputs[1]).scale[0], 1.0F / 128);
  EXPECT_EQ(Of(q, q.outputs[1]).zero_point[0], 0);
  EXPECT_EQ(Of(q, q.outputs[2]).scale[0], 1.0F / 256);
}

TEST(Quantize, FixedPartsOfAConcatAreRequantized) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 8});
  const TensorId sigmoid = builder.Add(UnaryOp{UnaryKind::kSigmoid, 0, 0}, {x});
  const TensorId mixed = builder.Add(ConcatOp{1}, {sigmoid, x, sigmoid});
  const TensorId alike = builder.Add(ConcatOp{1}, {sigmoid, sigmoid});
  const Graph q = Quantize(builder.Finish({mixed, alike}), Samples(8, -3, 3));
  EXPECT_EQ(Kinds(q), "Sigmoid Quantize Quantize Concat Concat");
  EXPECT_FLOAT_EQ(Of(q, q.outputs[0]).scale[0], 6.0F / 255);
  EXPECT_EQ(Of(q, q.outputs[1]).scale[0], 1.0F / 256);
}

TEST(Quantize, FloatBorders) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 8});
  const Graph graph = builder.Finish({builder.Add(UnaryOp{UnaryKind::kTanh, 0, 0}, {x})});
  QuantizeOptions options;
  options.float_io = true;
  std::size_t told = 0;
  options.progress = [&](std::size_t done, std::size_t total) {
    told = done;
    EXPECT_EQ(total, 2U) << "one sample, looked at twice: its range, its histogram";
  };
  const Graph q = Quantize(graph, Samples(8, -3, 3), options);
  EXPECT_EQ(Kinds(q), "Quantize Tanh Dequantize");
  EXPECT_EQ(q.tensor(q.inputs[0]).type, DataType::kFloat32);
  EXPECT_EQ(q.tensor(q.outputs[0]).type, DataType::kFloat32);
  EXPECT_EQ(told, 2U);
}

TEST(Quantize, Refusals) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 2});
  const TensorId y = builder.Add(UnaryOp{UnaryKind::kLog, 0, 0}, {x});
  const Graph graph = builder.Finish({y});
  EXPECT_THROW(Quantize(graph, {}), Error) << "no samples";
  EXPECT_THROW(Quantize(graph, {{{1, 2, 3}}}), Error) << "wrong size";
  EXPECT_THROW(Quantize(graph, {{{1, -1}}}), Error) << "log(-1) is not finite";
  const Graph q = Quantize(graph, {{{1, 2}}});
  EXPECT_THROW(Quantize(q, {{{1, 2}}}), Error) << "quantized already";

  GraphBuilder division;
  const TensorId a = division.Input({1, 2});
  const Graph quotient = division.Finish({division.Add(BinaryOp{BinaryKind::kDiv}, {a, a})});
  EXPECT_THROW(Quantize(quotient, {{{1, 2}}}), Error);
}

TEST(Evaluate, CountsAnswersByClass) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 7});
  const Graph graph = builder.Finish({builder.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {x})});
  // The answer is class 2, then 0 (the first of equals), then 6; the third's label comes sixth.
  const std::vector<Sample> samples = {
      {{0, 1, 5, 2, 3, 4, 0}}, {{3, 3, 0, 0, 0, 0, 1}}, {{6, 5, 4, 3, 1, 2, 7}}};
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
    std::vector<std::vector<float>> outputs;
    const Accuracy accuracy =
        EvaluateFloat(graph, samples, {2, 1, 5}, {threads, nullptr, &outputs});
    EXPECT_EQ(outputs,
              (std::vector<std::vector<float>>{samples[0][0], samples[1][0], samples[2][0]}));
    EXPECT_EQ(accuracy.right, 1U);
    EXPECT_EQ(accuracy.right_in_five, 2U);
    EXPECT_EQ(accuracy.total, 3U);
    ASSERT_EQ(accuracy.classes, 7U);
    std::vector<std::size_t> expected(49, 0);
    expected[2 * 7 + 2] = expected[1 * 7 + 0] = expected[5 * 7 + 6] = 1;
    EXPECT_EQ(accuracy.confusion, expected);
  }
  EXPECT_THROW(EvaluateFloat(graph, samples, {2, 1, 7}), Error) << "no class 7";
  EXPECT_THROW(EvaluateFloat(graph, samples, {2, 1, -1}), Error);
}

}  // namespace
}  // namespace quaver::compiler
