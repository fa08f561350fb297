// What the ONNX importer refuses, and that the message says what, where and what to do.
#include "tests/unit/onnx_builder.h"

namespace quaver::compiler {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

AssertionResult Says(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (message.find(part) == std::string::npos) {
      return AssertionFailure() << "no \"" << part << "\" in: " << message;
    }
  }
  return AssertionSuccess();
}

std::string ImportBytes(const std::string& bytes) {
  return Refusal([&] {
    ImportOnnx({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "model.onnx");
  });
}
std::string Import(const OnnxBuilder& builder) {
  return Refusal([&] { static_cast<void>(builder.Import()); });
}

/// A whole small model, to be damaged.
OnnxBuilder SmallModel() {
  OnnxBuilder builder;
  builder.Input("x", {1, 2, 4, 4}).Floats("w", Noise({3, 2, 3, 3}, 1)).Floats("b", Noise({3}, 2));
  builder.Node("Conv", {"x", "w", "b"}, "y").Output("y");
  return builder;
}

TEST(OnnxRefusal, NotAModel) {
  EXPECT_TRUE(Says(ImportBytes(""), {"model.onnx", "not an ONNX model", "export it again"}));
  EXPECT_TRUE(Says(ImportBytes("\xFF\xD8\xFF\xE0 a JPEG"), {"not an ONNX model"}));
}

TEST(OnnxRefusal, EveryTruncationAndByteFlipIsRefusedOrImports) {
  const std::string whole = SmallModel().model.SerializeAsString();
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    refused += ImportBytes(whole.substr(0, size)) != "not refused";
  }
  // The last bytes name the graph's output and the operator set: without them there is no model.
  EXPECT_EQ(refused, whole.size());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xFF'}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      EXPECT_FALSE(ImportBytes(damaged).empty());
    }
  }
}

TEST(OnnxRefusal, UnknownOperatorNamesTheAlternative) {
  OnnxBuilder builder;
  builder.Input("x", {1, 4}).Node("LayerNormalization", {"x"}, "y").Output("y");
  EXPECT_TRUE(Says(Import(builder), {"test.onnx", "'y_node'", "LayerNormalization", "not supported",
                                     "BatchNormalization"}));
  OnnxBuilder custom = SmallModel();
  custom.node->set_domain("com.example");
  EXPECT_TRUE(Says(Import(custom), {"domain 'com.example'", "standard ONNX operators"}));
}

TEST(OnnxRefusal, OperatorSets) {
  OnnxBuilder old(9);
  old.Input("x", {1, 4}).Node("Relu", {"x"}, "y").Output("y");
  EXPECT_TRUE(Says(Import(old), {"operator set 9", "11 to", "opset_version=17"}));
}

TEST(OnnxRefusal, Initializers) {
  OnnxBuilder missing = SmallModel();
  missing.model.mutable_graph()->mutable_initializer(0)->set_name("elsewhere");
  EXPECT_TRUE(Says(Import(missing), {"'y_node' (Conv)", "input 1 'w'", "neither an initializer"}));

  OnnxBuilder external = SmallModel();
  external.model.mutable_graph()->mutable_initializer(0)->set_data_location(
      onnx::TensorProto::EXTERNAL);
  EXPECT_TRUE(Says(Import(external), {"initializer 'w'", "another file", "save_as_external_data"}));

  OnnxBuilder cut = SmallModel();
  cut.model.mutable_graph()->mutable_initializer(0)->mutable_float_data()->RemoveLast();
  EXPECT_TRUE(Says(Import(cut), {"initializer 'w'", "212 bytes", "needs 216"}));

  OnnxBuilder huge = SmallModel();
  huge.model.mutable_graph()->mutable_initializer(0)->set_dims(0, std::int64_t{1} << 62);
  EXPECT_TRUE(Says(Import(huge), {"initializer 'w'", "not possible"}));

  OnnxBuilder computed = SmallModel();
  computed.Node("Conv", {"y", "y"}, "z");
  EXPECT_TRUE(Says(Import(computed), {"weights (input 1 'y')", "expected an initializer"}));
}

TEST(OnnxRefusal, Shapes) {
  OnnxBuilder dynamic;
  dynamic.Input("x", {1, 3, 0, 4}).Node("Relu", {"x"}, "y").Output("y");
  EXPECT_TRUE(Says(Import(dynamic), {"input 'x'", "dimension 2 'dynamic'", "fixed shapes"}));

  OnnxBuilder volume;
  volume.Input("x", {1, 2, 8, 8, 8}).Floats("w", Noise({3, 2, 3, 3, 3}, 1));
  volume.Node("Conv", {"x", "w"}, "y").Output("y");
  EXPECT_TRUE(Says(Import(volume), {"'y_node' (Conv)", "[1, 2, 8, 8, 8]", "3-D", "sequence"}));

  OnnxBuilder channels = SmallModel();
  channels.Floats("v", Noise({3, 5, 1, 1}, 1)).Node("Conv", {"y", "v"}, "z");
  EXPECT_TRUE(Says(Import(channels), {"weights [3, 5, 1, 1]", "3 channels"}));

  OnnxBuilder large = SmallModel();
  large.Floats("v", Noise({1, 3, 5, 5}, 1)).Node("Conv", {"y", "v"}, "z");
  EXPECT_TRUE(Says(Import(large), {"'z_node'", "larger than the padded image"}));

  OnnxBuilder reshape;
  reshape.Input("x", {1, 12}).Ints("s", {5, 2}).Node("Reshape", {"x", "s"}, "y").Output("y");
  EXPECT_TRUE(Says(Import(reshape), {"[1, 12]", "[5, 2]", "number of elements"}));

  OnnxBuilder integers;
  integers.Input("x", {1, 4}).Node("Relu", {"x"}, "y").Output("y");
  integers.model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->set_elem_type(onnx::TensorProto::INT64);
  EXPECT_TRUE(Says(Import(integers), {"input 'x'", "element type 7", "float32"}));
}

TEST(OnnxRefusal, Attributes) {
  OnnxBuilder gemm;
  gemm.Input("x", {4, 1}).Floats("w", Noise({4, 2}, 1));
  gemm.Node("Gemm", {"x", "w"}, "y").With("transA", std::int64_t{1}).Output("y");
  EXPECT_TRUE(Says(Import(gemm), {"transA=1", "transA=0"}));

  OnnxBuilder stride = SmallModel();
  stride.With("strides", std::vector<std::int64_t>{0, 1});
  EXPECT_TRUE(Says(Import(stride), {"stride is 0", "at least 1"}));

  OnnxBuilder type = SmallModel();
  type.With("group", 1.0F);
  EXPECT_TRUE(Says(Import(type), {"attribute 'group'", "expected 2"}));

  OnnxBuilder matmul;
  matmul.Input("x", {4, 4}).Node("MatMul", {"x", "x"}, "y").Output("y");
  EXPECT_TRUE(Says(Import(matmul), {"both sides", "constant right side"}));

  OnnxBuilder indices;
  indices.Input("x", {1, 1, 4, 4}).Nodes("MaxPool", {"x"}, {"y", "i"});
  indices.With("kernel_shape", std::vector<std::int64_t>{2, 2}).Output("y");
  EXPECT_TRUE(Says(Import(indices), {"indices (output 1)", "return_indices"}));
}

TEST(OnnxRefusal, Outputs) {
  OnnxBuilder unknown = SmallModel();
  unknown.Output("z");
  EXPECT_TRUE(Says(Import(unknown), {"output 'z'", "not written"}));
  OnnxBuilder constant = SmallModel();
  constant.Output("b");
  EXPECT_TRUE(Says(Import(constant), {"output 'b'", "does not depend on the inputs"}));
}

}  // namespace
}  // namespace quaver::compiler
