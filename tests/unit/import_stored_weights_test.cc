// Float models whose weights are stored in fewer bits: dynamic-range (int8, uint8) and float16.
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

}  // namespace
}  // namespace quaver::compiler
