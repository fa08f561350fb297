#include "compiler/passes/passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compiler/execute/float_executor.h"
#include "compiler/passes/rewrite.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

std::vector<std::vector<float>> RunFloat(const Graph& graph) {
  std::vector<std::vector<float>> inputs;
  for (TensorId id : graph.inputs) {
    std::vector<float> values(static_cast<std::size_t>(graph.tensor(id).elements()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = std::sin(static_cast<float>(i) * 0.7F) * 3;
    }
    inputs.push_back(values);
  }
  return FloatExecutor(graph).Run(inputs);
}

PadOp ImagePad(std::int32_t top, std::int32_t left, std::int32_t bottom, std::int32_t right) {
  return {PadMode::kConstant, {0, top, left, 0}, {0, bottom, right, 0}, 0};
}

const Quantization kAny = PerTensor(0.5F, 7);

/// The quantized padding, and the graph with it.
struct PaddedConv {
  explicit PaddedConv(const PadOp& pad, const Quantization& padded = kAny) {
    const TensorId in = builder.Input({1, 6, 6, 2}, kAny);
    const TensorId wide = builder.Add(pad, {in}, padded);
    const TensorId weights = builder.Constant({1, 3, 3, 2}, DataType::kInt8,
                                              std::vector<std::int8_t>(18, 1), PerTensor(0.1F, 0));
    DepthwiseConv2DOp conv;
    conv.window.stride_h = conv.window.stride_w = 2;
    out = builder.Add(conv, {wide, weights, kNoTensor}, PerTensor(1, 0));
  }
  GraphBuilder builder;
  TensorId out;
};

TEST(FoldPadding, IntoAConvolution) {
  PaddedConv padded(ImagePad(1, 0, 1, 2));
  Graph graph = padded.builder.Finish({padded.out});
  EXPECT_TRUE(FoldPadding(&graph));
  EXPECT_NO_THROW(Validate(graph));
  ASSERT_EQ(Kinds(graph), "DepthwiseConv2D");
  const Padding2D padding = graph.nodes[0].As<DepthwiseConv2DOp>()->window.padding;
  EXPECT_EQ(padding.top, 1);
  EXPECT_EQ(padding.left, 0);
  EXPECT_EQ(padding.bottom, 1);
  EXPECT_EQ(padding.right, 2);
  EXPECT_FALSE(FoldPadding(&graph));
}

TEST(FoldPadding, NotOtherPaddings) {
  PadOp channels = ImagePad(1, 1, 1, 1);
  channels.before[0] = 1;
  PadOp other_value = ImagePad(1, 1, 1, 1);
  other_value.value = 0.5;
  PadOp reflected = ImagePad(1, 1, 1, 1);
  reflected.mode = PadMode::kReflect;
  for (const PadOp& pad : {channels, other_value, reflected}) {
    PaddedConv padded(pad);
    Graph graph = padded.builder.Finish({padded.out});
    EXPECT_FALSE(FoldPadding(&graph));
  }
}

TEST(FoldPadding, NotWhereTheScaleDiffersByOneBit) {
  PaddedConv padded(ImagePad(1, 1, 1, 1), PerTensor(std::nextafter(0.5F, 1.0F), 7));
  Graph graph = padded.builder.Finish({padded.out});
  EXPECT_FALSE(FoldPadding(&graph));
}

TEST(FoldPadding, NotWhereSomethingElseReadsThePaddedTensor) {
  PaddedConv padded(ImagePad(1, 1, 1, 1));
  const TensorId wide = padded.builder.graph.nodes[0].outputs[0];
  const TensorId other = padded.builder.Add(UnaryOp{UnaryKind::kAbs}, {wide}, kAny);
  Graph graph = padded.builder.Finish({padded.out, other});
  EXPECT_FALSE(FoldPadding(&graph));
}

Graph PaddedMaxPool(std::int32_t zero_point, std::int32_t amount) {
  GraphBuilder builder;
  const Quantization quantization = PerTensor(0.5F, zero_point);
  const TensorId in = builder.Input({1, 4, 4, 1}, quantization);
  const TensorId wide = builder.Add(ImagePad(amount, amount, amount, amount), {in}, quantization);
  Pool2DOp pool;
  pool.kind = PoolKind::kMax;
  pool.filter_h = pool.filter_w = 2;
  return builder.Finish({builder.Add(pool, {wide}, quantization)});
}

TEST(FoldPadding, IntoMaxPoolWhereZeroIsTheLeast) {
  Graph least = PaddedMaxPool(-128, 1);
  EXPECT_TRUE(FoldPadding(&least));
  EXPECT_NO_THROW(Validate(least));
  Graph not_least = PaddedMaxPool(-127, 1);
  EXPECT_FALSE(FoldPadding(&not_least));
  Graph windows_of_padding = PaddedMaxPool(-128, 2);
  EXPECT_FALSE(FoldPadding(&windows_of_padding));
}

TEST(FoldPadding, KeepsTheResultOfAFloatGraph) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 5, 4, 2});
  const TensorId wide = builder.Add(ImagePad(1, 2, 0, 1), {in});
  const TensorId conv = builder.Add(
      Conv2DOp{}, {wide, builder.Ramp({3, 2, 3, 2}, -1, 0.1F), builder.Ramp({3}, 0, 1)});
  Graph graph = builder.Finish({conv});
  const auto expected = RunFloat(graph);
  RunPasses(&graph);
  EXPECT_EQ(Kinds(graph), "Conv2D");
  EXPECT_EQ(RunFloat(graph), expected);
}

Graph ConvAndUnary(UnaryOp unary, const Quantization& before, const Quantization& after) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4, 4, 1}, before);
  const TensorId weights =
      before.empty() ? builder.Ramp({1, 2, 2, 1}, -1, 0.5F)
                     : builder.Constant({1, 2, 2, 1}, DataType::kInt8,
                                        std::vector<std::int8_t>(4, 1), PerTensor(0.1F, 0));
  const TensorId conv = builder.Add(Conv2DOp{}, {in, weights, kNoTensor}, before);
  return builder.Finish({builder.Add(unary, {conv}, after)});
}

TEST(FuseActivations, Float) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::pair<UnaryOp, Activation> cases[] = {
      {{UnaryKind::kRelu}, Activation::kRelu},
      {{UnaryKind::kRelu6}, Activation::kRelu6},
      {{UnaryKind::kReluN1To1}, Activation::kReluN1To1},
      {{UnaryKind::kClip, 0, 6}, Activation::kRelu6},
      {{UnaryKind::kClip, -1, 1}, Activation::kReluN1To1},
      {{UnaryKind::kClip, 0, infinity}, Activation::kRelu},
  };
  for (const auto& [unary, activation] : cases) {
    Graph graph = ConvAndUnary(unary, {}, {});
    const auto expected = RunFloat(graph);
    EXPECT_TRUE(FuseActivations(&graph));
    EXPECT_NO_THROW(Validate(graph));
    ASSERT_EQ(Kinds(graph), "Conv2D");
    EXPECT_EQ(graph.nodes[0].As<Conv2DOp>()->activation, activation);
    EXPECT_EQ(RunFloat(graph), expected);
  }
  Graph other = ConvAndUnary({UnaryKind::kClip, 0, 5}, {}, {});
  EXPECT_FALSE(FuseActivations(&other));
}

TEST(FuseActivations, QuantizedOnlyWhereTheScaleIsKept) {
  Graph same = ConvAndUnary({UnaryKind::kRelu}, kAny, kAny);
  EXPECT_TRUE(FuseActivations(&same));
  EXPECT_EQ(Kinds(same), "Conv2D");
  Graph other_scale = ConvAndUnary({UnaryKind::kRelu}, kAny, PerTensor(0.25F, 7));
  EXPECT_FALSE(FuseActivations(&other_scale));
  Graph other_zero_point = ConvAndUnary({UnaryKind::kRelu}, kAny, PerTensor(0.5F, -128));
  EXPECT_FALSE(FuseActivations(&other_zero_point));
}

TEST(FuseActivations, NotWhereTheUnclampedValueIsUsed) {
  Graph graph = ConvAndUnary({UnaryKind::kRelu}, {}, {});
  graph.outputs.push_back(graph.nodes[0].outputs[0]);
  EXPECT_FALSE(FuseActivations(&graph));
}

TEST(FuseActivations, NotASecondOne) {
  Graph graph = ConvAndUnary({UnaryKind::kRelu}, {}, {});
  graph.nodes[0].As<Conv2DOp>()->activation = Activation::kReluN1To1;
  EXPECT_FALSE(FuseActivations(&graph));
}

TEST(FuseActivations, NotIntoAMaximum) {
  GraphBuilder builder;
  const TensorId in = builder.Input({4});
  const TensorId most = builder.Add(BinaryOp{BinaryKind::kMaximum}, {in, in});
  Graph graph = builder.Finish({builder.Add(UnaryOp{UnaryKind::kRelu}, {most})});
  EXPECT_FALSE(FuseActivations(&graph));
}

TensorId AddBatchNorm(GraphBuilder* builder, TensorId in) {
  const std::int32_t channels = builder->graph.tensor(in).shape.back();
  const Shape shape = {channels};
  return builder->Add(BatchNormOp{},
                      {in, builder->Ramp(shape, 0.5F, 0.25F), builder->Ramp(shape, -1, 0.5F),
                       builder->Ramp(shape, 0.1F, 0.2F), builder->Ramp(shape, 0.3F, 0.4F)});
}

void ExpectNear(const std::vector<std::vector<float>>& found,
                const std::vector<std::vector<float>>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].size(), expected[i].size());
    for (std::size_t k = 0; k < found[i].size(); ++k) {
      // Weights are rounded to float after they are multiplied: the last bits differ.
      EXPECT_NEAR(found[i][k], expected[i][k], 1e-4F * (1 + std::abs(expected[i][k])));
    }
  }
}

TEST(FoldBatchNorm, IntoEveryLayerWithWeights) {
  const Attributes layers[] = {Conv2DOp{}, DepthwiseConv2DOp{}, FullyConnectedOp{}};
  const Shape weights[] = {{4, 2, 2, 2}, {1, 2, 2, 4}, {4, 2}};
  for (std::size_t i = 0; i < 3; ++i) {
    for (bool has_bias : {false, true}) {
      GraphBuilder builder;
      const TensorId in = builder.Input({1, 3, 3, 2});
      const TensorId bias = has_bias ? builder.Ramp({4}, 1, 1) : kNoTensor;
      const TensorId layer =
          builder.Add(layers[i], {in, builder.Ramp(weights[i], -0.5F, 0.1F), bias});
      Graph graph = builder.Finish({AddBatchNorm(&builder, layer)});
      const auto expected = RunFloat(graph);
      EXPECT_TRUE(FoldBatchNorm(&graph));
      graph.RemoveDead();
      EXPECT_NO_THROW(Validate(graph));
      EXPECT_EQ(graph.nodes.size(), 1U) << Dump(graph);
      EXPECT_EQ(graph.tensors.size(), 4U) << "old weights are gone";
      ExpectNear(RunFloat(graph), expected);
    }
  }
}

TEST(FoldBatchNorm, ElseAMulAndAnAdd) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 3, 3, 2});
  Graph graph = builder.Finish({AddBatchNorm(&builder, in)});
  const auto expected = RunFloat(graph);
  EXPECT_TRUE(FoldBatchNorm(&graph));
  EXPECT_NO_THROW(Validate(graph));
  EXPECT_EQ(Kinds(graph), "Mul Add");
  ExpectNear(RunFloat(graph), expected);
}

/// A product and a sum per channel after a layer are in its weights and bias.
TEST(FoldBatchNorm, TakesProductsAndSumsWithConstants) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 2});
  const TensorId weights = builder.Floats({2, 2}, {1, 2, 3, 4});
  builder.graph.tensor(weights).quantization = {{1}, {0}, 0};  // a grid, as importers know it
  TensorId x = builder.Add(FullyConnectedOp{}, {in, weights, kNoTensor});
  x = builder.Add(BinaryOp{BinaryKind::kMul}, {builder.Floats({2}, {-2, 0.5F}), x});
  x = builder.Add(BinaryOp{BinaryKind::kSub}, {builder.Floats({1}, {1}), x});
  x = builder.Add(BinaryOp{BinaryKind::kAdd, Activation::kRelu}, {x, builder.Floats({2}, {7, 8})});
  Graph graph = builder.Finish({x});
  EXPECT_TRUE(FoldBatchNorm(&graph));
  graph.RemoveDead();
  ASSERT_EQ(Kinds(graph), "FullyConnected");
  const Node& layer = graph.nodes[0];
  EXPECT_EQ(layer.As<FullyConnectedOp>()->activation, Activation::kRelu);
  const Tensor& folded = graph.tensor(layer.inputs[1]);
  EXPECT_EQ(folded.As<float>(), (std::vector<float>{2, 4, -1.5F, -2}));
  EXPECT_EQ(folded.quantization.scale, (std::vector<float>{2, 0.5F}));
  EXPECT_EQ(graph.tensor(layer.inputs[2]).As<float>(), (std::vector<float>{8, 9}));
  EXPECT_FALSE(FoldBatchNorm(&graph));
}

TEST(FoldBatchNorm, LeavesProductsThatAreNotPerChannel) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 2, 2, 1});
  TensorId x = builder.Add(Conv2DOp{}, {in, builder.Floats({2, 1, 1, 1}, {1, 2}), kNoTensor});
  x = builder.Add(BinaryOp{BinaryKind::kMul}, {x, builder.Ramp({2, 2, 2}, 0, 1)});
  Graph graph = builder.Finish({x});
  EXPECT_FALSE(FoldBatchNorm(&graph));
}

TEST(RemoveFloatBorders, MakesInputsAndOutputsIntegers) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4});
  const TensorId q = builder.Add(QuantizeOp{}, {in}, PerTensor(0.5F, 3));
  const TensorId y = builder.Add(UnaryOp{UnaryKind::kAbs}, {q}, PerTensor(0.25F, -1));
  const TensorId out = builder.Add(DequantizeOp{}, {y});
  builder.graph.tensor(in).name = "in";
  builder.graph.tensor(out).name = "out";
  Graph graph = builder.Finish({out});
  EXPECT_TRUE(RemoveFloatBorders(&graph));
  Validate(graph);
  EXPECT_EQ(Kinds(graph), "Abs");
  EXPECT_EQ(graph.tensor(graph.inputs[0]).type, DataType::kInt8);
  EXPECT_EQ(graph.tensor(graph.inputs[0]).name, "in");
  EXPECT_EQ(graph.tensor(graph.outputs[0]).name, "out");
  EXPECT_FALSE(RemoveFloatBorders(&graph));
}

TEST(FoldBatchNorm, NotBehindAnActivation) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 3, 3, 2});
  Conv2DOp conv;
  conv.activation = Activation::kRelu;
  const TensorId layer =
      builder.Add(conv, {in, builder.Ramp({4, 2, 2, 2}, -0.5F, 0.1F), kNoTensor});
  Graph graph = builder.Finish({AddBatchNorm(&builder, layer)});
  const auto expected = RunFloat(graph);
  EXPECT_TRUE(FoldBatchNorm(&graph));
  EXPECT_EQ(Kinds(graph), "Conv2D Mul Add");
  ExpectNear(RunFloat(graph), expected);
}

TEST(RemoveIdentities, WhatMovesNothing) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4, 1, 3});
  TensorId t = builder.AddShaped(ReshapeOp{}, {in}, {1, 4, 1, 3});
  t = builder.Add(PadOp{PadMode::kConstant, {0, 0, 0, 0}, {0, 0, 0, 0}, 5}, {t});
  t = builder.AddShaped(StridedSliceOp{{0, 0, 0, 0}, {-1, 1, 7, 1}}, {t}, {1, 4, 1, 3});
  t = builder.Add(TransposeOp{{2, 1, 0, 3}}, {t});
  t = builder.Add(ConcatOp{1}, {t});
  t = builder.Add(UnaryOp{UnaryKind::kExp}, {t});
  t = builder.AddShaped(SplitOp{3}, {t}, {1, 4, 1, 3});
  Graph graph = builder.Finish({t});
  const std::string output = graph.tensor(t).name;
  const auto expected = RunFloat(graph);
  RunPasses(&graph);
  EXPECT_EQ(Kinds(graph), "Exp");
  EXPECT_EQ(graph.tensor(graph.outputs[0]).name, output) << "a graph output keeps its tensor";
  EXPECT_EQ(RunFloat(graph), expected);
}

TEST(RemoveIdentities, KeepsWhatMoves) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4, 2, 3});
  TensorId t = builder.AddShaped(StridedSliceOp{{0, 3, 0, 0}, {1, -1, 1, 1}}, {in}, {1, 4, 2, 3});
  t = builder.Add(TransposeOp{{0, 2, 1, 3}}, {t});
  t = builder.Add(PadOp{PadMode::kConstant, {0, 1, 0, 0}, {0, 0, 0, 0}, 0}, {t});
  Graph graph = builder.Finish({t});
  EXPECT_FALSE(RemoveIdentities(&graph));
}

TEST(RemoveIdentities, MergesReshapes) {
  GraphBuilder builder;
  const TensorId in = builder.Input({2, 6});
  TensorId t = builder.AddShaped(ReshapeOp{}, {in}, {12});
  t = builder.AddShaped(ReshapeOp{}, {t}, {3, 4});
  t = builder.Add(TransposeOp{{1, 0}}, {t});
  t = builder.AddShaped(ReshapeOp{}, {t}, {12});
  Graph graph = builder.Finish({t});
  const auto expected = RunFloat(graph);
  RunPasses(&graph);
  EXPECT_EQ(Kinds(graph), "Reshape Transpose Reshape");
  EXPECT_EQ(RunFloat(graph), expected);
}

TEST(RemoveIdentities, ReshapedConstantsAreConstants) {
  GraphBuilder builder;
  const TensorId in = builder.Input({2, 3});
  const TensorId row = builder.AddShaped(ReshapeOp{}, {builder.Ramp({3, 1}, 1, 1)}, {3});
  Graph graph = builder.Finish({builder.Add(BinaryOp{}, {in, row})});
  const auto expected = RunFloat(graph);
  RunPasses(&graph);
  EXPECT_EQ(Kinds(graph), "Add");
  EXPECT_EQ(graph.tensors.size(), 3U);
  EXPECT_EQ(RunFloat(graph), expected);
}

TEST(RemoveIdentities, QuantizeToTheSameScaleOnly) {
  for (const float scale : {0.5F, std::nextafter(0.5F, 1.0F)}) {
    GraphBuilder builder;
    const TensorId in = builder.Input({4}, kAny);
    TensorId t = builder.Add(QuantizeOp{}, {in}, PerTensor(scale, 7));
    t = builder.Add(UnaryOp{UnaryKind::kTanh}, {t}, PerTensor(1.0F / 128, 0));
    Graph graph = builder.Finish({t});
    EXPECT_EQ(RemoveIdentities(&graph), scale == 0.5F);
    EXPECT_EQ(Kinds(graph), scale == 0.5F ? "Tanh" : "Quantize Tanh");
  }
}

TEST(RemoveIdentities, AnOutputThatIsAnInputStays) {
  GraphBuilder builder;
  const TensorId in = builder.Input({4});
  Graph graph = builder.Finish({builder.AddShaped(ReshapeOp{}, {in}, {4})});
  EXPECT_FALSE(RemoveIdentities(&graph));
  EXPECT_EQ(Kinds(graph), "Reshape");
}

TEST(RemoveIdentities, TwoOutputsOfTheSameValuesStayTwo) {
  GraphBuilder builder;
  const TensorId in = builder.Input({4});
  const TensorId value = builder.Add(UnaryOp{UnaryKind::kExp}, {in});
  const TensorId copy = builder.AddShaped(ReshapeOp{}, {value}, {4});
  Graph graph = builder.Finish({value, copy});
  EXPECT_FALSE(RemoveIdentities(&graph));
  EXPECT_NO_THROW(Validate(graph));
}

/// A depthwise convolution of `channels` channels to twice as many.
Graph DepthwiseGraph(std::int32_t channels) {
  GraphBuilder b;
  const TensorId in = b.Input({1, 5, 4, channels});
  const TensorId weights = b.Ramp({1, 3, 2, channels * 2}, -1, 0.3F);
  const TensorId bias = b.Ramp({channels * 2}, 0.5F, -0.25F);
  DepthwiseConv2DOp conv;
  conv.window.stride_h = 2;
  conv.window.padding = {1, 0, 1, 1};
  conv.activation = Activation::kRelu;
  return b.Finish({b.Add(conv, {in, weights, bias})});
}

TEST(DepthwiseToConv, OfOneChannelIsAConvolution) {
  const Graph before = DepthwiseGraph(1);
  Graph after = before;
  EXPECT_TRUE(DepthwiseToConv(&after));
  EXPECT_NO_THROW(Validate(after));
  EXPECT_EQ(Kinds(after), "Conv2D");
  const std::vector<float> expected = RunFloat(before)[0];
  const std::vector<float> found = RunFloat(after)[0];
  ASSERT_EQ(found.size(), expected.size());
  // Floats, added up in another order: 6 products of about 5, each rounded to 24 bits.
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5F);
  EXPECT_FALSE(DepthwiseToConv(&after));
}

TEST(DepthwiseToConv, LeavesSeveralChannels) {
  Graph graph = DepthwiseGraph(2);
  EXPECT_FALSE(DepthwiseToConv(&graph));
  EXPECT_EQ(Kinds(graph), "DepthwiseConv2D");
}

TEST(DepthwiseToConv, KeepsScalesWithTheirChannels) {
  GraphBuilder b;
  const TensorId in = b.Input({1, 2, 2, 1}, kAny);
  const TensorId weights =
      b.Constant({1, 1, 2, 3}, DataType::kInt8, std::vector<std::int8_t>{1, 2, 3, 4, 5, 6},
                 Quantization{{0.1F, 0.2F, 0.3F}, {0, 0, 0}, 3});
  Graph graph = b.Finish({b.Add(DepthwiseConv2DOp{}, {in, weights, kNoTensor}, PerTensor(1, 0))});
  ASSERT_TRUE(DepthwiseToConv(&graph));
  const Tensor& moved = graph.tensor(graph.nodes[0].inputs[1]);
  EXPECT_EQ(moved.shape, (std::vector<std::int32_t>{3, 1, 2, 1}));
  EXPECT_EQ(moved.As<std::int8_t>(), (std::vector<std::int8_t>{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(moved.quantization.axis, 0);
  EXPECT_EQ(moved.quantization.scale, (std::vector<float>{0.1F, 0.2F, 0.3F}));
}

// Two channels of two inputs each, in units of 0.01; the output's unit is 1 and its zero point
// -128.
Graph TwoChannels(const std::vector<std::int8_t>& weights, const std::vector<float>& scales,
                  const std::vector<std::int32_t>& bias, std::int32_t zero_point = -128) {
  GraphBuilder b;
  const TensorId in = b.Input({1, 1, 1, 2}, PerTensor(0.01F, 3));
  const TensorId weight =
      b.Constant({2, 1, 1, 2}, DataType::kInt8, weights, Quantization{scales, {0, 0}, 0});
  const TensorId biases = b.Constant({2}, DataType::kInt32, bias);
  return b.Finish({b.Add(Conv2DOp{}, {in, weight, biases}, PerTensor(1, zero_point))});
}

std::vector<std::int8_t> WeightsIn(const Graph& graph) {
  return graph.tensor(graph.nodes[0].inputs[1]).As<std::int8_t>();
}

TEST(SimplifyConstantChannels, KeepsTheOutputAndTakesANeighboursScale) {
  // 2^29 in units of 1e-10 is 0.05, and the products are at most 3.3e-6: the output is always 0.
  // 3 * 2^29 * 1e-9 is 1.61: 2, which is 200 in units of 0.01.
  struct Case {
    float scale;
    std::int32_t bias, expected;
  };
  for (const auto& [scale, bias, expected] : {Case{1e-8F, 1 << 29, 0}, Case{1e-7F, 3 << 29, 200}}) {
    Graph graph = TwoChannels({127, -127, 3, 4}, {scale, 1.0F}, {bias, 5});
    ASSERT_TRUE(SimplifyConstantChannels(&graph));
    EXPECT_NO_THROW(Validate(graph));
    EXPECT_EQ(WeightsIn(graph), (std::vector<std::int8_t>{0, 0, 3, 4}));
    EXPECT_EQ(graph.tensor(graph.nodes[0].inputs[1]).quantization.scale,
              (std::vector<float>{1.0F, 1.0F}));
    const auto biases = graph.tensor(graph.nodes[0].inputs[2]).As<std::int32_t>();
    EXPECT_EQ(biases[0], expected);
    EXPECT_EQ(biases[1], 5);
    EXPECT_FALSE(SimplifyConstantChannels(&graph));
  }
}

TEST(SimplifyConstantChannels, WhereTheClampMakesThemConstant) {
  // Never above the zero point, which is the least output; in the second graph it is not.
  const std::vector<std::int8_t> weights = {100, 100, 3, 4};
  Graph clamped = TwoChannels(weights, {0.1F, 1.0F}, {-30000, 5});
  EXPECT_TRUE(SimplifyConstantChannels(&clamped));
  Graph seen = TwoChannels(weights, {0.1F, 1.0F}, {-30000, 5}, 0);
  EXPECT_FALSE(SimplifyConstantChannels(&seen));
  EXPECT_EQ(WeightsIn(seen), weights);
}

TEST(SimplifyConstantChannels, LeavesOthers) {
  const std::vector<std::int8_t> weights = {127, -127, 3, 4};
  // Some input gives another output; no channel is left to take a scale from; the sums overflow.
  Graph varies = TwoChannels(weights, {1e-4F, 1.0F}, {500000, 5});
  EXPECT_FALSE(SimplifyConstantChannels(&varies));
  Graph all = TwoChannels({1, 1, 1, 1}, {1e-9F, 1e-9F}, {0, 0});
  EXPECT_FALSE(SimplifyConstantChannels(&all));
  Graph overflows = TwoChannels(weights, {1e-9F, 1.0F}, {INT32_MAX, 5});
  EXPECT_FALSE(SimplifyConstantChannels(&overflows));
}

}  // namespace
}  // namespace quaver::compiler
