// Layers that become others: weights that are stored in fewer bits than they are computed with
// (dynamic-range, float16), transposed convolutions, several slopes.
#include <gtest/gtest.h>

#include "compiler/execute/float_executor.h"
#include "compiler/import/half_float.h"
#include "compiler/import/import.h"
#include "tests/unit/graph_builder.h"
#include "tests/util/tflite_builder.h"

namespace quaver::compiler {
namespace {

using tflite::BuiltinOperator;
using tflite::TensorType;
using tflite::TfliteBuilder;

using Floats = std::vector<float>;

Floats RunModel(const std::vector<std::uint8_t>& bytes, const Floats& input) {
  const Graph graph = ImportTflite(bytes, "test");
  EXPECT_EQ(graph.tensor(graph.nodes[0].inputs[1]).type, DataType::kFloat32);
  return FloatExecutor(graph).Run({input})[0];
}

TEST(DynamicRange, ScalesPerOutputChannelOfAFullyConnectedLayer) {
  TfliteBuilder builder;
  builder.Float({1, 3});
  builder.Float({1, 2});
  builder.Constant(TensorType::INT8, {2, 3}, std::vector<std::int8_t>{1, 2, 3, -4, 5, -128}, 1);
  auto& quantization = *builder.tensor(2).quantization;
  quantization.scale = {0.5F, 0.25F};
  quantization.zero_point = {0, 0};
  builder.Constant(TensorType::FLOAT32, {2}, Floats{10, 20});
  builder.Op(BuiltinOperator::FULLY_CONNECTED, {0, 2, 3}, {1}, tflite::FullyConnectedOptionsT{});
  // 10 + 0.5 (1 * 1 + 2 * 2 + 3 * 4), 20 + 0.25 (-4 * 1 + 5 * 2 - 128 * 4)
  EXPECT_EQ(RunModel(builder.Finish({0}, {1}), {1, 2, 4}), (Floats{18.5F, -106.5F}));
}

TEST(DynamicRange, ScalesAlongTheLastDimensionOfADepthwiseConvolution) {
  TfliteBuilder builder;
  builder.Float({1, 1, 2, 2});
  builder.Float({1, 1, 1, 2});
  builder.Constant(TensorType::INT8, {1, 1, 2, 2}, std::vector<std::int8_t>{1, 2, 3, 4}, 1);
  auto& quantization = *builder.tensor(2).quantization;
  quantization.scale = {1, 100};
  quantization.zero_point = {0, 0};
  quantization.quantized_dimension = 3;
  tflite::DepthwiseConv2DOptionsT options;
  options.padding = tflite::Padding::VALID;
  options.stride_h = options.stride_w = 1;
  builder.Op(BuiltinOperator::DEPTHWISE_CONV_2D, {0, 2}, {1}, options);
  // 1 * 5 + 3 * 7, 100 (2 * 6 + 4 * 8)
  EXPECT_EQ(RunModel(builder.Finish({0}, {1}), {5, 6, 7, 8}), (Floats{26, 4400}));
  quantization.quantized_dimension = 7;
  EXPECT_ANY_THROW(static_cast<void>(ImportTflite(builder.Bytes(), "test")));
}

TEST(DynamicRange, ZeroPointOfUint8Weights) {
  TfliteBuilder builder;
  builder.Float({1, 2});
  builder.Float({1, 1});
  builder.Constant(TensorType::UINT8, {1, 2}, std::vector<std::uint8_t>{0, 255}, 0.5F, 100);
  builder.Op(BuiltinOperator::FULLY_CONNECTED, {0, 2, -1}, {1}, tflite::FullyConnectedOptionsT{});
  EXPECT_EQ(RunModel(builder.Finish({0}, {1}), {1, 1}), Floats{0.5F * (-100 + 155)});
}

TEST(HalfFloat, Values) {
  EXPECT_EQ(HalfToFloat(0x3C00), 1.0F);
  EXPECT_EQ(HalfToFloat(0xC500), -5.0F);
  EXPECT_EQ(HalfToFloat(0x0001), 0x1p-24F) << "subnormal";
  EXPECT_EQ(HalfToFloat(0x7BFF), 65504.0F);
}

TEST(HalfFloat, WeightsAreWidened) {
  TfliteBuilder builder;
  builder.Float({1, 2});
  builder.Float({1, 1});
  builder.Constant(TensorType::FLOAT16, {1, 2}, std::vector<std::uint16_t>{0x3C00, 0xC500});
  builder.Float({1, 2});
  builder.Op(BuiltinOperator::DEQUANTIZE, {2}, {3});
  builder.Op(BuiltinOperator::FULLY_CONNECTED, {0, 3, -1}, {1}, tflite::FullyConnectedOptionsT{});
  const std::vector<std::uint8_t> bytes = builder.Finish({0}, {1});
  EXPECT_EQ(Kinds(ImportTflite(bytes, "test")), "FullyConnected");
  EXPECT_EQ(RunModel(bytes, {3, 2}), Floats{-7});
  builder.tensor(0).type = TensorType::FLOAT16;
  EXPECT_ANY_THROW(static_cast<void>(ImportTflite(builder.Bytes(), "test"))) << "not activations";
}

/// y = x transposed-convolved with w [O, KH, KW, I]: each input pixel adds its filter.
Floats NaiveTransposed(const Floats& x, const Shape& in, const Floats& w, const Shape& filter,
                       const Floats& bias, const Shape& out, std::int32_t stride_h,
                       std::int32_t stride_w, std::int32_t top, std::int32_t left) {
  Floats y(static_cast<std::size_t>(out[1] * out[2] * out[3]));
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = bias[i % bias.size()];
  for (std::int32_t i = 0; i < in[1] * in[2] * in[3]; ++i) {
    for (std::int32_t o = 0; o < filter[0]; ++o) {
      for (std::int32_t k = 0; k < filter[1] * filter[2]; ++k) {
        const std::int32_t h = i / in[3] / in[2] * stride_h - top + k / filter[2];
        const std::int32_t v = i / in[3] % in[2] * stride_w - left + k % filter[2];
        if (h < 0 || v < 0 || h >= out[1] || v >= out[2]) continue;
        const std::int32_t at = (o * filter[1] * filter[2] + k) * in[3] + i % in[3];
        y[static_cast<std::size_t>((h * out[2] + v) * out[3] + o)] +=
            x[static_cast<std::size_t>(i)] * w[static_cast<std::size_t>(at)];
      }
    }
  }
  return y;
}

Floats Ramp(std::size_t count, float step) {
  Floats values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(step * static_cast<float>(i % 7) - 1);
  return values;
}

void CheckTransposed(tflite::Padding padding, const Shape& out, std::int32_t stride_h,
                     std::int32_t stride_w, std::int32_t top, std::int32_t left) {
  const Shape in = {1, 3, 4, 2};
  const Shape filter = {3, 3, 3, 2};
  const Floats x = Ramp(24, 0.5F);
  const Floats w = Ramp(54, 0.25F);
  const Floats bias = {1, -2, 3};
  TfliteBuilder builder;
  builder.Float(in);
  builder.Float(out);
  builder.Ints(out);
  builder.Constant(TensorType::FLOAT32, filter, w);
  builder.Constant(TensorType::FLOAT32, {3}, bias);
  tflite::TransposeConvOptionsT options;
  options.padding = padding;
  options.stride_h = stride_h;
  options.stride_w = stride_w;
  builder.Op(BuiltinOperator::TRANSPOSE_CONV, {2, 3, 0, 4}, {1}, options);
  const Floats found = RunModel(builder.Finish({0}, {1}), x);
  // Multiples of 1/8 below 2^16: exact in float in any order.
  EXPECT_EQ(found, NaiveTransposed(x, in, w, filter, bias, out, stride_h, stride_w, top, left));
}

TEST(TransposeConv, EqualsTheDefinition) {
  // SAME: half of what the full output has more than the output, rounded down, is cut before it.
  CheckTransposed(tflite::Padding::SAME, {1, 6, 8, 3}, 2, 2, 0, 0);
  CheckTransposed(tflite::Padding::SAME, {1, 3, 4, 3}, 1, 1, 1, 1);
  CheckTransposed(tflite::Padding::SAME, {1, 5, 7, 3}, 2, 2, 1, 1);
  CheckTransposed(tflite::Padding::VALID, {1, 7, 9, 3}, 2, 2, 0, 0);
  CheckTransposed(tflite::Padding::VALID, {1, 9, 6, 3}, 3, 1, 0, 0);
}

TEST(PRelu, SeveralSlopes) {
  TfliteBuilder builder;
  builder.Float({1, 1, 2, 2});
  builder.Float({1, 1, 2, 2});
  builder.Constant(TensorType::FLOAT32, {1, 1, 2}, Floats{0.5F, -2});
  builder.Op(BuiltinOperator::PRELU, {0, 2}, {1});
  const Graph graph = ImportTflite(builder.Finish({0}, {1}), "test");
  EXPECT_EQ(FloatExecutor(graph).Run({{-4, -3, 2, 1}})[0], (Floats{-2, 6, 2, 1}));
  builder.tensor(2).shape = {1, 1, 1};
  builder.model.buffers[builder.tensor(2).buffer]->data.resize(4);
  EXPECT_EQ(Kinds(ImportTflite(builder.Bytes(), "test")), "LeakyReLU");
}

}  // namespace
}  // namespace quaver::compiler
