// What the importer says when it cannot take a file.
#include <gtest/gtest.h>

#include <limits>

#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "tests/util/tflite_builder.h"

namespace quaver::compiler {
namespace {

using tflite::BuiltinOperator;
using tflite::TensorType;
using tflite::TfliteBuilder;

std::string RefusalOf(const std::vector<std::uint8_t>& bytes) {
  try {
    static_cast<void>(ImportTflite(bytes, "model.tflite"));
  } catch (const Error& error) {
    return error.what();
  }
  return "(imported)";
}

void ExpectRefused(const std::vector<std::uint8_t>& bytes, const std::string& part) {
  const std::string message = RefusalOf(bytes);
  EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_EQ(message.rfind("model.tflite: ", 0), 0U) << message;
}

std::vector<std::uint8_t> Text(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Refusals, FilesOfOtherKinds) {
  ExpectRefused({}, "is an empty file, not a TensorFlow Lite model");
  ExpectRefused({0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F'}, "is a JPEG image");
  ExpectRefused(Text("PK\x03\x04 and so on"), "is a ZIP archive");
  ExpectRefused(Text("import tensorflow as tf"), "is a text file");
  ExpectRefused({0x1C, 0, 0, 0, 'T', 'F', 'L', '3'}, "is damaged or cut off (8 bytes");
}

TEST(Detect, Kinds) {
  const auto kind = [](const std::vector<std::uint8_t>& bytes, const std::string& path) {
    return DetectKind(bytes, path);
  };
  EXPECT_EQ(kind({0, 0, 0, 0, 'Q', 'V', 'R', '1'}, "x.tflite"), FileKind::kQuaver);
  EXPECT_EQ(kind({0, 0, 0, 0, 'T', 'F', 'L', '3'}, "x"), FileKind::kTflite);
  EXPECT_EQ(kind({8, 7, 0x12, 7, 'p', 'y', 't', 'o', 'r', 'c', 'h'}, "x"), FileKind::kOnnx);
  EXPECT_EQ(kind(Text("hello"), "x"), FileKind::kUnknown);
  EXPECT_EQ(kind(Text("hello"), "dir/x.TFLITE"), FileKind::kTflite) << "by its name";
  EXPECT_EQ(kind(Text("hello"), "x.onnx"), FileKind::kOnnx);
  EXPECT_EQ(kind({}, "x.qvr"), FileKind::kQuaver);
  EXPECT_EQ(kind({}, ""), FileKind::kUnknown);
}

TEST(Detect, Descriptions) {
  EXPECT_EQ(DescribeBytes(std::vector<std::uint8_t>{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}),
            "a PNG image");
  EXPECT_EQ(DescribeBytes(std::vector<std::uint8_t>{8, 7, 0x12, 7, 'p'}), "an ONNX model");
  EXPECT_EQ(DescribeBytes(std::vector<std::uint8_t>{0, 1, 2, 3}), "data of an unknown kind");
}

/// One unary operator of float tensors 0 => 1; tests break it.
class OneOperator : public ::testing::Test {
 protected:
  void SetUp() override {
    builder_.Float({4});
    builder_.Float({4});
    builder_.Op(BuiltinOperator::TANH, {0}, {1});
    builder_.Finish({0}, {1});
  }
  void Refused(const std::string& part) { ExpectRefused(builder_.Bytes(), part); }
  TfliteBuilder builder_;
};

TEST_F(OneOperator, IsFine) { EXPECT_EQ(RefusalOf(builder_.Bytes()), "(imported)"); }

TEST_F(OneOperator, UnsupportedOperatorsAreNamed) {
  const std::pair<BuiltinOperator, const char*> cases[] = {
      {BuiltinOperator::CUMSUM, "operator 0 CUMSUM is not supported; replace it"},
      {BuiltinOperator::RANK, "operator 0 RANK is not supported"},
      {BuiltinOperator::STABLEHLO_CASE, "operator 0 STABLEHLO_CASE is not supported"},
      {BuiltinOperator::WHILE, "operator 0 WHILE is not supported: control flow"},
      {BuiltinOperator::SVDF, "operator 0 SVDF is not supported: operators that keep state"},
      {static_cast<BuiltinOperator>(9999), "operator 0 number 9999 is not supported"},
      {static_cast<BuiltinOperator>(-5), "operator 0 number -5 is not supported"},
  };
  for (const auto& [code, message] : cases) {
    builder_.model.operator_codes[0]->builtin_code = code;
    builder_.model.operator_codes[0]->deprecated_builtin_code = -128;
    Refused(message);
  }
  builder_.model.operator_codes[0]->builtin_code = BuiltinOperator::CUSTOM;
  builder_.model.operator_codes[0]->custom_code = "TFLite_Detection_PostProcess";
  Refused("operator 0 custom operator 'TFLite_Detection_PostProcess' is not supported");
}

TEST_F(OneOperator, SeveralSubgraphs) {
  builder_.model.subgraphs.push_back(std::make_unique<tflite::SubGraphT>());
  Refused("the model has 2 subgraphs: control flow is not supported");
  builder_.model.operator_codes[0]->builtin_code = BuiltinOperator::IF;
  Refused("the model has 2 subgraphs (operator 0 IF): control flow");
  builder_.model.subgraphs.clear();
  Refused("no subgraph");
}

TEST_F(OneOperator, Versions) {
  builder_.model.version = 2;
  Refused("schema version 2: expected 3");
}

TEST_F(OneOperator, Indices) {
  builder_.subgraph().operators[0]->inputs = {7};
  Refused("tensor 7 does not exist: the model has 2");
  builder_.subgraph().operators[0]->inputs = {-2};
  Refused("tensor -2 does not exist");
  builder_.subgraph().operators[0]->inputs = {-1};
  Refused("input 0 is absent");
  builder_.subgraph().operators[0]->inputs = {};
  Refused("operator 0 TANH: has 0 inputs");
  builder_.subgraph().operators[0]->inputs = {0};
  builder_.subgraph().operators[0]->outputs = {};
  Refused("has 0 outputs");
  builder_.subgraph().operators[0]->outputs = {1};
  builder_.subgraph().operators[0]->opcode_index = 3;
  Refused("names operator code 3");
  builder_.subgraph().operators[0]->opcode_index = 0;
  builder_.subgraph().outputs = {2};
  Refused("tensor 2 does not exist");
  builder_.subgraph().outputs = {};
  Refused("no outputs");
}

TEST_F(OneOperator, Cycles) {
  builder_.subgraph().operators[0]->inputs = {1};
  Refused("is read before it is written");
  builder_.subgraph().operators[0]->inputs = {0};
  builder_.subgraph().operators[0]->outputs = {0};
  builder_.subgraph().outputs = {0};
  Refused("written twice");
}

TEST_F(OneOperator, Shapes) {
  builder_.tensor(0).shape = {0};
  builder_.tensor(1).shape = {0};
  Refused("has the shape [0]: expected dimensions of at least 1");
  builder_.tensor(0).shape = {-1, 4};
  Refused("has the shape [-1, 4]");
  builder_.tensor(0).shape = {1, 1, 1, 1, 1, 1, 4};
  Refused("has 7 dimensions: expected at most 6");
  builder_.tensor(0).shape = {65536, 65536, 65536, 65536, 65536, 65536};
  Refused("fewer than 2^31 elements");
  builder_.tensor(0).shape = {5};
  builder_.tensor(1).shape = {4};
  Refused("expected shape [5]");
}

TEST_F(OneOperator, Types) {
  builder_.tensor(0).type = TensorType::FLOAT16;
  Refused("tensor 0 't0' is of type FLOAT16");
  builder_.tensor(0).type = static_cast<TensorType>(99);
  Refused("is of type type number 99");
  builder_.tensor(0).type = TensorType::INT32;
  Refused("expected float32, int8, uint8 or int16");
  builder_.tensor(0).type = TensorType::INT16;
  Refused("has no quantization");
  builder_.tensor(0).type = TensorType::UINT8;
  Refused("operator 0 TANH: tensor 0 't0' is uint8: the old quantization scheme");
  builder_.tensor(0).type = TensorType::INT8;
  Refused("has no quantization");
}

TEST_F(OneOperator, State) {
  builder_.tensor(0).is_variable = true;
  Refused("tensor 0 't0' is a variable: models with state are not supported");
  builder_.tensor(0).is_variable = false;
  builder_.tensor(0).sparsity = std::make_unique<tflite::SparsityParametersT>();
  Refused("is sparse");
  builder_.tensor(0).sparsity = nullptr;
  builder_.tensor(0).external_buffer = 1;
  Refused("in another file");
}

TEST_F(OneOperator, Quantization) {
  for (const std::int32_t index : {0, 1}) {
    builder_.tensor(index).type = TensorType::INT8;
    builder_.tensor(index).quantization = std::make_unique<tflite::QuantizationParametersT>();
    builder_.tensor(index).quantization->scale = {0.5F};
    builder_.tensor(index).quantization->zero_point = {0};
  }
  auto& quantization = *builder_.tensor(0).quantization;
  EXPECT_EQ(RefusalOf(builder_.Bytes()), "(imported)");
  quantization.zero_point = {200};
  Refused("zero point 200 is outside the type");
  quantization.zero_point = {std::int64_t{1} << 40};
  Refused("has zero point 1099511627776");
  quantization.zero_point = {1, 2, 3};
  Refused("has 1 scales and 3 zero points");
  quantization.zero_point = {};
  EXPECT_EQ(RefusalOf(builder_.Bytes()), "(imported)") << "no zero point is 0";
  for (const float scale : {0.0F, -1.0F, std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity()}) {
    quantization.scale = {scale};
    Refused("scale");
  }
  quantization.scale = {1, 1, 1, 1};
  Refused("is quantized per channel: an activation has one scale");
  quantization.scale = {1, 1, 1};
  Refused("3 scales do not fit dimension 0");
  quantization.scale = {1};
  quantization.details_type = 1;
  Refused("has a custom quantization");
}

TEST_F(OneOperator, Buffers) {
  builder_.tensor(0).buffer = 5;
  Refused("tensor 0 't0' names buffer 5: the model has 1");
  builder_.tensor(0).buffer = 1;
  builder_.model.buffers.push_back(std::make_unique<tflite::BufferT>());
  builder_.model.buffers[1]->offset = 4096;
  builder_.model.buffers[1]->size = 16;
  Refused("keeps its data outside of the flatbuffer");
  builder_.model.buffers[1] = std::make_unique<tflite::BufferT>();
  builder_.model.buffers[1]->data = {1, 2, 3};
  Refused("has 3 bytes of data: its type and shape [4] need 16");
}

/// A float convolution 0 => 1 with weights 2 and bias 3.
class OneConvolution : public ::testing::Test {
 protected:
  void SetUp() override {
    builder_.Float({1, 4, 4, 2});
    builder_.Float({1, 2, 2, 1});
    builder_.Constant(TensorType::FLOAT32, {1, 3, 3, 2}, std::vector<float>(18));
    builder_.Constant(TensorType::FLOAT32, {1}, std::vector<float>(1));
    options().padding = tflite::Padding::VALID;
    options().stride_h = options().stride_w = 1;
    builder_.Finish({0}, {1});
  }
  tflite::Conv2DOptionsT& options() {
    if (builder_.subgraph().operators.empty()) {
      builder_.Op(BuiltinOperator::CONV_2D, {0, 2, 3}, {1}, tflite::Conv2DOptionsT{});
    }
    return *builder_.subgraph().operators[0]->builtin_options.AsConv2DOptions();
  }
  void Refused(const std::string& part) { ExpectRefused(builder_.Bytes(), part); }
  TfliteBuilder builder_;
};

TEST_F(OneConvolution, Options) {
  EXPECT_EQ(RefusalOf(builder_.Bytes()), "(imported)");
  options().stride_h = 0;
  Refused("operator 0 CONV_2D: stride_h is 0: expected >= 1");
  options().stride_h = 1;
  options().dilation_w_factor = -3;
  Refused("dilation_w_factor is -3");
  options().dilation_w_factor = 1;
  options().padding = static_cast<tflite::Padding>(9);
  Refused("neither SAME nor VALID");
  options().padding = tflite::Padding::SAME;
  options().dilation_h_factor = std::numeric_limits<std::int32_t>::max();
  Refused("is out of range");
  options().dilation_h_factor = 1;
  Refused("expected shape [1, 4, 4, 1]");
  options().padding = tflite::Padding::VALID;
  options().fused_activation_function = tflite::ActivationFunctionType::TANH;
  Refused("fused activation TANH is not supported");
  builder_.subgraph().operators[0]->builtin_options.Set(tflite::AddOptionsT{});
  Refused("has no options, or those of another operator");
}

TEST_F(OneConvolution, Weights) {
  builder_.tensor(2).type = TensorType::INT8;
  builder_.model.buffers[builder_.tensor(2).buffer]->data.resize(18);
  Refused("tensor 2 't2' int8 [1, 3, 3, 2]: expected float32");  // no scale
  builder_.tensor(2).type = TensorType::FLOAT32;
  builder_.tensor(2).buffer = 0;
  Refused("weights tensor 2 't2' are computed at run time");
}

TEST_F(OneConvolution, ShapesOfWeights) {
  builder_.tensor(2).shape = {1, 3, 6};
  Refused("tensor 2 't2' has 3 dimensions: expected 4");
  builder_.tensor(2).shape = {1, 3, 2, 3};
  Refused("do not fit the 2 channels");
}

TEST(Refusals, ParametersComputedAtRunTime) {
  TfliteBuilder builder;
  builder.Float({2, 3});
  builder.Float({3, 2});
  builder.Tensor(TensorType::INT32, {2});
  builder.Op(BuiltinOperator::TRANSPOSE, {0, 2}, {1});
  ExpectRefused(builder.Finish({0, 2}, {1}),
                "operator 0 TRANSPOSE: tensor 2 't2' is computed at run time: expected a constant");
}

TEST(Refusals, ConcatenationOfOtherScales) {
  TfliteBuilder builder;
  builder.Tensor(TensorType::INT8, {2}, 0.5F, 0);
  builder.Tensor(TensorType::INT8, {2}, 0.25F, 0);
  builder.Tensor(TensorType::INT8, {4}, 0.5F, 0);
  builder.Op(BuiltinOperator::CONCATENATION, {0, 1}, {2}, tflite::ConcatenationOptionsT{});
  ExpectRefused(builder.Finish({0, 1}, {2}), "scale or zero point of input tensor 1 't1' differ");
}

}  // namespace
}  // namespace quaver::compiler
