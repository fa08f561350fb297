// Every operator that the importer takes, from models made here.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "compiler/execute/float_executor.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "tests/unit/graph_builder.h"
#include "tests/util/tflite_builder.h"

namespace quaver::compiler {
namespace {

using tflite::ActivationFunctionType;
using tflite::BuiltinOperator;
using tflite::TensorType;
using tflite::TfliteBuilder;
using Indices = TfliteBuilder::Indices;

Graph Import(const std::vector<std::uint8_t>& bytes) { return ImportTflite(bytes, "test"); }

/// One operator from float tensor 0 (the graph's input) to float tensor 1; more inputs by `more`.
template <typename... Options>
Graph ImportFloat(BuiltinOperator code, const Shape& in, const Shape& out,
                  const std::vector<Indices>& parameters, Options... options) {
  TfliteBuilder builder;
  Indices inputs = {builder.Float(in)};
  const std::int32_t output = builder.Float(out);
  for (const Indices& parameter : parameters) inputs.push_back(builder.Ints(parameter));
  builder.Op(code, inputs, {output}, options...);
  return Import(builder.Finish({0}, {output}));
}

/// The output for the input 0, 1, 2, ...
std::vector<float> RunOnRamp(const Graph& graph) {
  std::vector<float> ramp(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).elements()));
  std::iota(ramp.begin(), ramp.end(), 0.0F);
  return FloatExecutor(graph).Run({ramp})[0];
}

Window2D ConvWindow(tflite::Padding padding, std::int32_t size, std::int32_t filter,
                    std::int32_t stride, std::int32_t dilation) {
  TfliteBuilder builder;
  const bool same = padding == tflite::Padding::SAME;
  const std::int32_t extent = (filter - 1) * dilation + 1;
  const std::int32_t out = same ? (size + stride - 1) / stride : (size - extent) / stride + 1;
  builder.Float({1, size, size + 1, 2});
  const std::int32_t columns = same ? (size + stride) / stride : (size + 1 - extent) / stride + 1;
  builder.Float({1, out, columns, 3});
  builder.Constant(TensorType::FLOAT32, {3, filter, filter, 2},
                   std::vector<float>(static_cast<std::size_t>(6 * filter * filter)));
  tflite::Conv2DOptionsT options;
  options.padding = padding;
  options.stride_h = options.stride_w = stride;
  options.dilation_h_factor = options.dilation_w_factor = dilation;
  builder.Op(BuiltinOperator::CONV_2D, {0, 2}, {1}, options);
  const Graph graph = Import(builder.Finish({0}, {1}));
  return graph.nodes[0].As<Conv2DOp>()->window;
}

TEST(ImportTflite, SamePaddingIsResolved) {
  // (49, filter 10, stride 2): 25 outputs need 58, 9 more than there are; 4 of these are before.
  const Window2D keyword = ConvWindow(tflite::Padding::SAME, 49, 10, 2, 1);
  EXPECT_EQ(keyword.padding.top, 4);
  EXPECT_EQ(keyword.padding.bottom, 5);
  EXPECT_EQ(keyword.padding.left, 4) << "of 50 columns: 8 in total";
  EXPECT_EQ(keyword.padding.right, 4);
  const Window2D even = ConvWindow(tflite::Padding::SAME, 96, 3, 2, 1);
  EXPECT_EQ(even.padding.top, 0);
  EXPECT_EQ(even.padding.bottom, 1);
  const Window2D wide_stride = ConvWindow(tflite::Padding::SAME, 6, 1, 3, 1);
  EXPECT_EQ(wide_stride.padding.bottom, 0) << "never negative";
  const Window2D dilated = ConvWindow(tflite::Padding::SAME, 9, 3, 1, 3);
  EXPECT_EQ(dilated.padding.top, 3);
  EXPECT_EQ(dilated.dilation_w, 3);
  const Window2D valid = ConvWindow(tflite::Padding::VALID, 9, 3, 2, 1);
  EXPECT_EQ(valid.padding.top + valid.padding.left, 0);
  EXPECT_EQ(valid.stride_h, 2);
}

/// An int8 layer with weights per channel along `axis`, and an int32 bias.
struct QuantizedLayer {
  QuantizedLayer(const Indices& in, const Indices& weights_shape, const Indices& out, int axis) {
    builder.Int8(in);
    builder.Int8(out);
    const std::int32_t channels = weights_shape[static_cast<std::size_t>(axis)];
    const auto count = static_cast<std::size_t>(std::accumulate(
        weights_shape.begin(), weights_shape.end(), 1, std::multiplies<std::int32_t>()));
    builder.Constant(TensorType::INT8, weights_shape, std::vector<std::int8_t>(count, 1), 0.1F);
    auto& quantization = *builder.tensor(2).quantization;
    quantization.scale.assign(static_cast<std::size_t>(channels), 0.25F);
    quantization.zero_point.assign(static_cast<std::size_t>(channels), 0);
    quantization.quantized_dimension = axis;
    builder.Constant(TensorType::INT32, {channels},
                     std::vector<std::int32_t>(static_cast<std::size_t>(channels), 7), 0.125F);
  }
  Graph ImportIt() { return Import(builder.Finish({0}, {1})); }
  TfliteBuilder builder;
};

TEST(ImportTflite, Conv2DWithGroups) {
  QuantizedLayer layer({1, 5, 5, 4}, {6, 3, 3, 2}, {1, 3, 3, 6}, 0);
  tflite::Conv2DOptionsT options;
  options.padding = tflite::Padding::VALID;
  options.stride_h = options.stride_w = 1;
  options.fused_activation_function = ActivationFunctionType::RELU6;
  layer.builder.Op(BuiltinOperator::CONV_2D, {0, 2, 3}, {1}, options);
  const Graph graph = layer.ImportIt();
  ASSERT_EQ(Kinds(graph), "Conv2D");
  EXPECT_EQ(graph.nodes[0].As<Conv2DOp>()->groups, 2);
  EXPECT_EQ(graph.nodes[0].As<Conv2DOp>()->activation, Activation::kRelu6);
  const Tensor& weights = graph.tensor(graph.nodes[0].inputs[1]);
  EXPECT_EQ(weights.quantization.scale, std::vector<float>(6, 0.25F));
  EXPECT_EQ(weights.source_index, 2);
  EXPECT_EQ(graph.nodes[0].name, "t1");
  EXPECT_EQ(graph.tensor(graph.inputs[0]).quantization.zero_point[0], 3);
}

TEST(ImportTflite, DepthwiseConv2D) {
  QuantizedLayer layer({1, 5, 5, 2}, {1, 3, 3, 4}, {1, 3, 3, 4}, 3);
  tflite::DepthwiseConv2DOptionsT options;
  options.padding = tflite::Padding::SAME;
  options.stride_h = options.stride_w = 2;
  layer.builder.Op(BuiltinOperator::DEPTHWISE_CONV_2D, {0, 2, 3}, {1}, options);
  const Graph graph = layer.ImportIt();
  ASSERT_EQ(Kinds(graph), "DepthwiseConv2D");
  EXPECT_EQ(graph.nodes[0].As<DepthwiseConv2DOp>()->window.padding.top, 1);
}

TEST(ImportTflite, FullyConnectedReshapesItsInput) {
  QuantizedLayer layer({1, 2, 5, 2}, {3, 20}, {1, 3}, 0);
  layer.builder.Op(BuiltinOperator::FULLY_CONNECTED, {0, 2, -1}, {1},
                   tflite::FullyConnectedOptionsT{});
  const Graph graph = layer.ImportIt();
  ASSERT_EQ(Kinds(graph), "Reshape FullyConnected");
  EXPECT_EQ(graph.tensor(graph.nodes[1].inputs[0]).shape, (Shape{1, 20}));
  EXPECT_EQ(graph.tensor(graph.nodes[1].inputs[0]).source_index, -1);
  EXPECT_EQ(graph.nodes[1].inputs[2], kNoTensor);
}

TEST(ImportTflite, FullyConnectedKeepsLeadingDimensions) {
  QuantizedLayer layer({2, 5, 4}, {3, 4}, {2, 5, 3}, 0);
  layer.builder.Op(BuiltinOperator::FULLY_CONNECTED, {0, 2, 3}, {1},
                   tflite::FullyConnectedOptionsT{});
  EXPECT_EQ(Kinds(layer.ImportIt()), "FullyConnected");
}

TEST(ImportTflite, Pooling) {
  tflite::Pool2DOptionsT options;
  options.padding = tflite::Padding::SAME;
  options.stride_h = 2;
  options.stride_w = 1;
  options.filter_height = 3;
  options.filter_width = 2;
  const Graph graph =
      ImportFloat(BuiltinOperator::MAX_POOL_2D, {1, 6, 4, 1}, {1, 3, 4, 1}, {}, options);
  const auto& pool = *graph.nodes[0].As<Pool2DOp>();
  EXPECT_EQ(pool.kind, PoolKind::kMax);
  EXPECT_EQ(pool.filter_h, 3);
  EXPECT_EQ(pool.filter_w, 2);
  EXPECT_EQ(pool.window.padding.bottom, 1);
  EXPECT_EQ(pool.window.padding.right, 1);
  EXPECT_EQ(
      Kinds(ImportFloat(BuiltinOperator::AVERAGE_POOL_2D, {1, 6, 4, 1}, {1, 3, 4, 1}, {}, options)),
      "AveragePool2D");
}

TEST(ImportTflite, BinaryOperators) {
  const std::pair<BuiltinOperator, const char*> cases[] = {
      {BuiltinOperator::ADD, "Add"},         {BuiltinOperator::SUB, "Sub"},
      {BuiltinOperator::MUL, "Mul"},         {BuiltinOperator::DIV, "Div"},
      {BuiltinOperator::MAXIMUM, "Maximum"}, {BuiltinOperator::MINIMUM, "Minimum"},
  };
  for (const auto& [code, kind] : cases) {
    TfliteBuilder builder;
    builder.Int8({2, 3, 4});
    builder.Int8({3, 1});
    builder.Int8({2, 3, 4});
    builder.Op(code, {0, 1}, {2});
    EXPECT_EQ(Kinds(Import(builder.Finish({0, 1}, {2}))), kind);
  }
  TfliteBuilder builder;
  for (int i = 0; i < 3; ++i) builder.Int8({4});
  tflite::AddOptionsT options;
  options.fused_activation_function = ActivationFunctionType::RELU;
  builder.Op(BuiltinOperator::ADD, {0, 1}, {2}, options);
  const Graph graph = Import(builder.Finish({0, 1}, {2}));
  EXPECT_EQ(graph.nodes[0].As<BinaryOp>()->activation, Activation::kRelu);
}

TEST(ImportTflite, UnaryOperators) {
  const std::pair<BuiltinOperator, UnaryKind> cases[] = {
      {BuiltinOperator::RELU, UnaryKind::kRelu},
      {BuiltinOperator::RELU6, UnaryKind::kRelu6},
      {BuiltinOperator::RELU_N1_TO_1, UnaryKind::kReluN1To1},
      {BuiltinOperator::RELU_0_TO_1, UnaryKind::kClip},
      {BuiltinOperator::ELU, UnaryKind::kElu},
      {BuiltinOperator::GELU, UnaryKind::kGelu},
      {BuiltinOperator::LOGISTIC, UnaryKind::kSigmoid},
      {BuiltinOperator::TANH, UnaryKind::kTanh},
      {BuiltinOperator::HARD_SWISH, UnaryKind::kHardSwish},
      {BuiltinOperator::ABS, UnaryKind::kAbs},
      {BuiltinOperator::NEG, UnaryKind::kNegate},
      {BuiltinOperator::EXP, UnaryKind::kExp},
      {BuiltinOperator::LOG, UnaryKind::kLog},
      {BuiltinOperator::SQRT, UnaryKind::kSqrt},
      {BuiltinOperator::RSQRT, UnaryKind::kRsqrt},
      {BuiltinOperator::SQUARE, UnaryKind::kSquare},
      {BuiltinOperator::SIN, UnaryKind::kSin},
      {BuiltinOperator::COS, UnaryKind::kCos},
      {BuiltinOperator::FLOOR, UnaryKind::kFloor},
      {BuiltinOperator::CEIL, UnaryKind::kCeil},
      {BuiltinOperator::ROUND, UnaryKind::kRound},
  };
  for (const auto& [code, kind] : cases) {
    const Graph graph = ImportFloat(code, {2, 3}, {2, 3}, {});
    EXPECT_EQ(graph.nodes[0].As<UnaryOp>()->kind, kind) << EnumNameBuiltinOperator(code);
  }
  tflite::LeakyReluOptionsT leaky;
  leaky.alpha = 0.25F;
  const Graph leaky_graph = ImportFloat(BuiltinOperator::LEAKY_RELU, {2}, {2}, {}, leaky);
  EXPECT_EQ(leaky_graph.nodes[0].As<UnaryOp>()->alpha, 0.25F);
  tflite::GeluOptionsT gelu;
  gelu.approximate = true;
  const Graph gelu_graph = ImportFloat(BuiltinOperator::GELU, {2}, {2}, {}, gelu);
  EXPECT_EQ(gelu_graph.nodes[0].As<UnaryOp>()->kind, UnaryKind::kGeluTanh);
}

TEST(ImportTflite, SoftmaxQuantizeDequantize) {
  tflite::SoftmaxOptionsT softmax;
  softmax.beta = 2;
  const Graph graph = ImportFloat(BuiltinOperator::SOFTMAX, {1, 4}, {1, 4}, {}, softmax);
  EXPECT_EQ(graph.nodes[0].As<SoftmaxOp>()->beta, 2);

  TfliteBuilder builder;
  builder.Tensor(TensorType::UINT8, {4}, 0.5F, 128);
  builder.Int8({4});
  builder.Float({4});
  builder.Op(BuiltinOperator::QUANTIZE, {0}, {1});
  builder.Op(BuiltinOperator::DEQUANTIZE, {1}, {2});
  EXPECT_EQ(Kinds(Import(builder.Finish({0}, {2}))), "Quantize Dequantize");
}

TEST(ImportTflite, Reductions) {
  tflite::ReducerOptionsT keep;
  keep.keep_dims = true;
  const Graph graph =
      ImportFloat(BuiltinOperator::MEAN, {1, 4, 5, 3}, {1, 1, 1, 3}, {{-2, 1, 2}}, keep);
  EXPECT_EQ(graph.nodes[0].As<ReduceOp>()->axes, (Shape{1, 2})) << "-2 is 2, said twice";
  EXPECT_TRUE(graph.nodes[0].As<ReduceOp>()->keep_dims);
  const std::pair<BuiltinOperator, const char*> cases[] = {
      {BuiltinOperator::SUM, "Sum"},
      {BuiltinOperator::REDUCE_MAX, "ReduceMax"},
      {BuiltinOperator::REDUCE_MIN, "ReduceMin"},
  };
  for (const auto& [code, kind] : cases) {
    EXPECT_EQ(Kinds(ImportFloat(code, {4, 5}, {4}, {{1}})), kind);
  }
}

TEST(ImportTflite, ArgMaxAndArgMin) {
  for (const auto code : {BuiltinOperator::ARG_MAX, BuiltinOperator::ARG_MIN}) {
    TfliteBuilder builder;
    builder.Int8({2, 3, 4});
    builder.Tensor(TensorType::INT32, {2, 4});
    builder.Constant(TensorType::INT64, {}, std::vector<std::int64_t>{-2});
    builder.Op(code, {0, 2}, {1});
    const Graph graph = Import(builder.Finish({0}, {1}));
    EXPECT_EQ(graph.nodes[0].As<ArgMaxOp>()->axis, 1);
    EXPECT_EQ(graph.nodes[0].As<ArgMaxOp>()->smallest, code == BuiltinOperator::ARG_MIN);
  }
}

TEST(ImportTflite, ReshapeSqueezeExpandDims) {
  EXPECT_EQ(Kinds(ImportFloat(BuiltinOperator::RESHAPE, {2, 3}, {6}, {{-1}})), "Reshape");
  EXPECT_EQ(Kinds(ImportFloat(BuiltinOperator::SQUEEZE, {1, 3}, {3}, {})), "Reshape");
  EXPECT_EQ(Kinds(ImportFloat(BuiltinOperator::EXPAND_DIMS, {3}, {1, 3}, {{0}})), "Reshape");
  EXPECT_THROW(ImportFloat(BuiltinOperator::RESHAPE, {2, 3}, {7}, {{-1}}), Error);
}

// The batch size that converters take from the input: known here, so nothing of it is left.
TEST(ImportTflite, ShapeIsAConstant) {
  TfliteBuilder builder;
  builder.Float({1, 2, 3});
  builder.Tensor(TensorType::INT32, {3});
  builder.Tensor(TensorType::INT32, {});
  builder.Tensor(TensorType::INT32, {2});
  builder.Float({1, 6});
  const std::int32_t zero = builder.Ints({0});
  const std::int32_t one = builder.Ints({1});
  const std::int32_t six = builder.Constant(TensorType::INT32, {}, std::vector<std::int32_t>{6});
  builder.Op(BuiltinOperator::SHAPE, {0}, {1});
  tflite::StridedSliceOptionsT slice;
  slice.shrink_axis_mask = 1;
  builder.Op(BuiltinOperator::STRIDED_SLICE, {1, zero, one, one}, {2}, slice);
  builder.Op(BuiltinOperator::PACK, {2, six}, {3}, tflite::PackOptionsT{});
  builder.Op(BuiltinOperator::RESHAPE, {0, 3}, {4});
  EXPECT_EQ(Kinds(Import(builder.Finish({0}, {4}))), "Reshape");
}

TEST(ImportTflite, Transpose) {
  const Graph graph = ImportFloat(BuiltinOperator::TRANSPOSE, {2, 3}, {3, 2}, {{1, 0}});
  EXPECT_EQ(RunOnRamp(graph), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_THROW(ImportFloat(BuiltinOperator::TRANSPOSE, {2, 3}, {3, 2}, {{1, 1}}), Error);
}

TEST(ImportTflite, Paddings) {
  EXPECT_EQ(RunOnRamp(ImportFloat(BuiltinOperator::PAD, {1, 2}, {2, 4}, {{0, 1, 1, 1}})),
            (std::vector<float>{0, 0, 1, 0, 0, 0, 0, 0}));
  tflite::MirrorPadOptionsT reflect;
  reflect.mode = tflite::MirrorPadMode::REFLECT;
  EXPECT_EQ(RunOnRamp(ImportFloat(BuiltinOperator::MIRROR_PAD, {3}, {6}, {{2, 1}}, reflect)),
            (std::vector<float>{2, 1, 0, 1, 2, 1}));
  tflite::MirrorPadOptionsT symmetric;
  symmetric.mode = tflite::MirrorPadMode::SYMMETRIC;
  EXPECT_EQ(RunOnRamp(ImportFloat(BuiltinOperator::MIRROR_PAD, {3}, {6}, {{2, 1}}, symmetric)),
            (std::vector<float>{1, 0, 0, 1, 2, 2}));
}

TEST(ImportTflite, PadV2TakesTheRealValue) {
  TfliteBuilder builder;
  builder.Int8({2});
  builder.Int8({4});
  builder.Ints({1, 1});
  builder.Constant(TensorType::INT8, {1}, std::vector<std::int8_t>{7}, 0.5F, 3);
  builder.Op(BuiltinOperator::PADV2, {0, 2, 3}, {1});
  const Graph graph = Import(builder.Finish({0}, {1}));
  EXPECT_EQ(graph.nodes[0].As<PadOp>()->value, 2.0) << "0.5 * (7 - 3)";
}

TEST(ImportTflite, ConcatenationAndPack) {
  TfliteBuilder builder;
  builder.Float({2, 2});
  builder.Float({2, 4});
  builder.Float({2, 2, 4});
  tflite::ConcatenationOptionsT concatenation;
  concatenation.axis = -1;
  builder.Op(BuiltinOperator::CONCATENATION, {0, 0}, {1}, concatenation);
  tflite::PackOptionsT pack;
  pack.axis = 1;
  builder.Op(BuiltinOperator::PACK, {1, 1}, {2}, pack);
  const Graph graph = Import(builder.Finish({0}, {2}));
  EXPECT_EQ(Kinds(graph), "Concat Reshape Reshape Concat");
  EXPECT_EQ(RunOnRamp(graph), (std::vector<float>{0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3}));
}

TEST(ImportTflite, UnpackAndSplits) {
  TfliteBuilder builder;
  builder.Float({3, 2});
  for (int i = 0; i < 2; ++i) builder.Float({3});
  builder.Op(BuiltinOperator::UNPACK, {0}, {1, 2}, [] {
    tflite::UnpackOptionsT options;
    options.axis = -1;
    return options;
  }());
  const Graph unpacked = Import(builder.Finish({0}, {2}));
  EXPECT_EQ(RunOnRamp(unpacked), (std::vector<float>{1, 3, 5}));

  TfliteBuilder equal;
  equal.Float({2, 4});
  equal.Float({2, 2});
  equal.Float({2, 2});
  equal.Constant(TensorType::INT32, {}, std::vector<std::int32_t>{1});
  equal.Op(BuiltinOperator::SPLIT, {3, 0}, {1, 2});
  EXPECT_EQ(RunOnRamp(Import(equal.Finish({0}, {2}))), (std::vector<float>{2, 3, 6, 7}));

  TfliteBuilder sized;
  sized.Float({2, 4});
  sized.Float({2, 1});
  sized.Float({2, 3});
  sized.Ints({1, -1});
  sized.Constant(TensorType::INT32, {}, std::vector<std::int32_t>{1});
  sized.Op(BuiltinOperator::SPLIT_V, {0, 3, 4}, {1, 2});
  EXPECT_EQ(RunOnRamp(Import(sized.Finish({0}, {1}))), (std::vector<float>{0, 4}));
}

TEST(ImportTflite, Slice) {
  EXPECT_EQ(RunOnRamp(ImportFloat(BuiltinOperator::SLICE, {3, 4}, {2, 2}, {{1, 1}, {-1, 2}})),
            (std::vector<float>{5, 6, 9, 10}));
  EXPECT_THROW(ImportFloat(BuiltinOperator::SLICE, {3, 4}, {2, 4}, {{1, 1}, {-1, 4}}), Error);
}

struct StridedSliceCase {
  const char* what;
  Shape in, out;
  Indices begin, end, stride;
  int begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
  std::vector<float> expected;
};

TEST(ImportTflite, StridedSlice) {
  const StridedSliceCase cases[] = {
      {"x[1:5:2]", {6}, {2}, {1}, {5}, {2}, 0, 0, 0, 0, 0, {1, 3}},
      {"x[-2:]", {6}, {2}, {-2}, {0}, {1}, 0, 1, 0, 0, 0, {4, 5}},
      {"x[::-1]", {4}, {4}, {9}, {9}, {-1}, 1, 1, 0, 0, 0, {3, 2, 1, 0}},
      {"x[3:0:-2]", {4}, {2}, {3}, {0}, {-2}, 0, 0, 0, 0, 0, {3, 1}},
      {"x[-100:100]", {3}, {3}, {-100}, {100}, {1}, 0, 0, 0, 0, 0, {0, 1, 2}},
      {"x[1]", {2, 3}, {3}, {1}, {2}, {1}, 0, 0, 0, 0, 1, {3, 4, 5}},
      {"x[:, -1]", {2, 3}, {2}, {0, -1}, {0, 0}, {1, 1}, 1, 1, 0, 0, 2, {2, 5}},
      {"x[..., 0]", {2, 2, 2}, {2, 2}, {0, 0}, {0, 1}, {1, 1}, 0, 0, 1, 0, 2, {0, 2, 4, 6}},
      {"x[None, 1:]", {2, 2}, {1, 1, 2}, {0, 1}, {0, 2}, {1, 1}, 0, 0, 0, 1, 0, {2, 3}},
      {"x[0, ..., None]", {2, 2}, {2, 1}, {0, 0, 0}, {1, 0, 0}, {1, 1, 1}, 0, 0, 2, 4, 1, {0, 1}},
  };
  for (const StridedSliceCase& test : cases) {
    SCOPED_TRACE(test.what);
    tflite::StridedSliceOptionsT options;
    options.begin_mask = test.begin_mask;
    options.end_mask = test.end_mask;
    options.ellipsis_mask = test.ellipsis_mask;
    options.new_axis_mask = test.new_axis_mask;
    options.shrink_axis_mask = test.shrink_axis_mask;
    const Graph graph = ImportFloat(BuiltinOperator::STRIDED_SLICE, test.in, test.out,
                                    {test.begin, test.end, test.stride}, options);
    EXPECT_EQ(RunOnRamp(graph), test.expected);
  }
}

TEST(ImportTflite, StridedSliceRefusals) {
  const auto import = [](const Indices& begin, const Indices& end, const Indices& stride,
                         const tflite::StridedSliceOptionsT& options) {
    return ImportFloat(BuiltinOperator::STRIDED_SLICE, {4}, {1}, {begin, end, stride}, options);
  };
  tflite::StridedSliceOptionsT options;
  EXPECT_THROW(import({0}, {1}, {0}, options), Error) << "stride 0";
  EXPECT_THROW(import({2}, {1}, {1}, options), Error) << "empty";
  EXPECT_THROW(import({0}, {2}, {1}, options), Error) << "another shape than the output's";
  EXPECT_THROW(import({0, 0}, {1, 1}, {1, 1}, options), Error) << "too many dimensions";
  options.shrink_axis_mask = 1;
  EXPECT_THROW(import({4}, {5}, {1}, options), Error) << "index outside";
  options.shrink_axis_mask = 0;
  options.ellipsis_mask = 3;
  EXPECT_THROW(import({0, 0}, {1, 1}, {1, 1}, options), Error) << "two ellipses";
}

TEST(ImportTflite, SpaceAndDepth) {
  tflite::SpaceToDepthOptionsT space;
  space.block_size = 2;
  EXPECT_EQ(RunOnRamp(ImportFloat(BuiltinOperator::SPACE_TO_DEPTH, {1, 2, 4, 1}, {1, 1, 2, 4}, {},
                                  space)),
            (std::vector<float>{0, 1, 4, 5, 2, 3, 6, 7}));
  tflite::DepthToSpaceOptionsT depth;
  depth.block_size = 2;
  EXPECT_EQ(RunOnRamp(ImportFloat(BuiltinOperator::DEPTH_TO_SPACE, {1, 1, 2, 4}, {1, 2, 4, 1}, {},
                                  depth)),
            (std::vector<float>{0, 1, 4, 5, 2, 3, 6, 7}));
}

TEST(ImportTflite, Resizes) {
  tflite::ResizeNearestNeighborOptionsT nearest;
  nearest.half_pixel_centers = true;
  const Graph first = ImportFloat(BuiltinOperator::RESIZE_NEAREST_NEIGHBOR, {1, 2, 2, 1},
                                  {1, 4, 4, 1}, {{4, 4}}, nearest);
  EXPECT_EQ(first.nodes[0].As<ResizeOp>()->kind, ResizeKind::kNearest);
  EXPECT_TRUE(first.nodes[0].As<ResizeOp>()->half_pixel_centers);
  tflite::ResizeBilinearOptionsT bilinear;
  bilinear.align_corners = true;
  const Graph second =
      ImportFloat(BuiltinOperator::RESIZE_BILINEAR, {1, 2, 2, 1}, {1, 3, 3, 1}, {{3, 3}}, bilinear);
  EXPECT_EQ(second.nodes[0].As<ResizeOp>()->kind, ResizeKind::kBilinear);
  EXPECT_TRUE(second.nodes[0].As<ResizeOp>()->align_corners);
}

TEST(ImportTflite, OldFilesHaveOneByteForTheOperator) {
  TfliteBuilder builder;
  builder.Float({4});
  builder.Float({4});
  builder.Op(BuiltinOperator::TANH, {0}, {1});
  builder.model.operator_codes[0]->builtin_code = BuiltinOperator::ADD;  // 0: absent from the file
  EXPECT_EQ(Kinds(Import(builder.Finish({0}, {1}))), "Tanh");
}

TEST(ImportTflite, NodesWithoutNamesAreNumbered) {
  TfliteBuilder builder;
  builder.Float({4});
  builder.Float({4});
  builder.tensor(1).name.clear();
  builder.Op(BuiltinOperator::TANH, {0}, {1});
  EXPECT_EQ(Import(builder.Finish({0}, {1})).nodes[0].name, "TANH#0");
}

TEST(ImportTflite, ABiasHasTheDimensionOfItsVector) {
  QuantizedLayer layer({1, 3, 3, 2}, {1, 3, 3, 2}, {1, 1, 1, 2}, 3);
  auto& quantization = *layer.builder.tensor(3).quantization;
  quantization.scale = {0.1F, 0.2F};
  quantization.zero_point = {0};
  quantization.quantized_dimension = 3;  // as the weights'
  tflite::DepthwiseConv2DOptionsT options;
  options.padding = tflite::Padding::VALID;
  options.stride_h = options.stride_w = 1;
  layer.builder.Op(BuiltinOperator::DEPTHWISE_CONV_2D, {0, 2, 3}, {1}, options);
  const Graph graph = layer.ImportIt();
  EXPECT_EQ(graph.tensor(graph.nodes[0].inputs[2]).quantization.axis, 0);
}

}  // namespace
}  // namespace quaver::compiler
