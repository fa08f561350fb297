// The `quaver` command does what its forms promise.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/command_fixture.h"
#include "tests/unit/onnx_builder.h"
#include "tests/util/process.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::testing {
namespace {

using Json = nlohmann::json;

/// An IDX file of `count` pictures of 28x28 with something to see in them.
FileBytes Pictures(std::uint8_t count) {
  FileBytes file = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28};
  for (std::size_t i = 0; i < std::size_t{count} * 28 * 28; ++i) {
    file.push_back(static_cast<std::uint8_t>(i * i >> 3));
  }
  return file;
}

/// The same as .npy: uint8, C order.
FileBytes PicturesAsNpy(std::uint8_t count) {
  const std::string dict = "{'descr': '|u1', 'fortran_order': False, 'shape': (" +
                           std::to_string(count) + ", 28, 28), }";
  // Magic, version, header length, header: a multiple of 64 together, a line end last.
  const std::string header = dict + std::string(128 - 10 - dict.size() - 1, ' ') + "\n";
  FileBytes file = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<std::uint8_t>(header.size()),
                    0};
  file.insert(file.end(), header.begin(), header.end());
  const FileBytes idx = Pictures(count);
  file.insert(file.end(), idx.begin() + 16, idx.end());
  return file;
}

using Command = CommandTest;

TEST_F(Command, VersionAndHelp) {
  EXPECT_EQ(ExpectDone({"--version"}).rfind("quaver ", 0), 0U);
  const std::string help = ExpectDone({"--help"});
  for (const char* command : {"convert", "quantize", "run", "inspect", "bench", "eval", "compare",
                              "verify", "embed", "pack"}) {
    EXPECT_TRUE(Contains(help, command)) << command;
    EXPECT_TRUE(Contains(ExpectDone({command, "--help"}), "Example")) << command;
  }
}

TEST_F(Command, ConvertMakesTheSameFileEachTime) {
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("a.qvr")});
  ExpectDone({"convert", Path("tiny.tflite"), "--output", Path("b.qvr")});
  EXPECT_FALSE(Read("a.qvr").empty());
  EXPECT_EQ(Read("a.qvr"), Read("b.qvr"));
}

TEST_F(Command, ConvertReplacesAnOldFile) {
  Write("model.qvr", {1, 2, 3});
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("model.qvr")});
  ExpectDone({"verify", Path("model.qvr")});
  EXPECT_EQ(List(), (std::vector<std::string>{"add.tflite", "model.qvr", "tiny.tflite"}));
}

TEST_F(Command, StrippedNamesMakeASmallerFile) {
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("full.qvr")});
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("stripped.qvr"), "--strip-names"});
  EXPECT_LT(Read("stripped.qvr").size(), Read("full.qvr").size());
  ExpectDone({"verify", Path("stripped.qvr")});
}

TEST_F(Command, RunGivesTheSameBytesFromQvrAndTflite) {
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("tiny.qvr")});
  FileBytes image(8 * 8 * 3);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 37);
  Write("in.bin", image);
  ExpectDone({"run", Path("tiny.qvr"), "--input", Path("in.bin"), "--output", Path("qvr.bin")});
  ExpectDone({"run", Path("tiny.tflite"), "--input", Path("in.bin"), "--output", Path("tfl.bin")});
  ExpectDone({"run", Path("tiny.qvr"), "--input", Path("in.bin"), "--output", Path("scalar.bin"),
              "--isa", "scalar"});
  EXPECT_EQ(Read("qvr.bin").size(), 10U);
  EXPECT_EQ(Read("qvr.bin"), Read("tfl.bin"));
  EXPECT_EQ(Read("qvr.bin"), Read("scalar.bin"));
}

TEST_F(Command, RunTakesSeveralInputsInOrder) {
  FileBytes left(64);
  FileBytes right(64, 100);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<std::uint8_t>(i);
  Write("left.bin", left);
  Write("right.bin", right);
  ExpectDone({"run", Path("add.tflite"), "--input", Path("left.bin"), "--input", Path("right.bin"),
              "--output", Path("out.bin")});
  ExpectDone({"run", Path("add.tflite"), "--input", Path("right.bin"), "--input", Path("left.bin"),
              "--output", Path("swapped.bin")});
  EXPECT_EQ(Read("out.bin").size(), 8U);
  EXPECT_NE(Read("out.bin"), Read("swapped.bin"));
}

TEST_F(Command, InspectJson) {
  const Json json = Json::parse(ExpectDone({"inspect", Path("tiny.tflite"), "--json"}));
  EXPECT_EQ(json.at("macs"), kTinyConvNetMacs);
  EXPECT_EQ(json.at("inputs").at(0).at("shape"), Json({1, 8, 8, 3}));
  EXPECT_EQ(json.at("inputs").at(0).at("type"), "int8");
  EXPECT_EQ(json.at("inputs").at(0).at("zero_point"), -128);
  EXPECT_FLOAT_EQ(json.at("inputs").at(0).at("scale").get<float>(), 1.0F / 255);
  EXPECT_EQ(json.at("outputs").at(0).at("shape"), Json({1, 10}));
  const auto number = [&](const char* key) { return json.at(key).get<std::uint64_t>(); };
  // The weights of the three layers, at least.
  EXPECT_GE(number("weights_bytes"), 8U * 27 + 9 * 8 + 320);
  // The first convolution's input and output live together.
  EXPECT_GE(number("plan_lower_bound_bytes"), 8U * 8 * 3 + 4 * 4 * 8);
  EXPECT_GE(number("activation_bytes"), number("plan_lower_bound_bytes"));
  EXPECT_GE(number("arena_bytes"),
            number("activation_bytes") + number("scratch_bytes") + number("persistent_bytes"));
  std::uint64_t macs = 0;
  for (const Json& op : json.at("operators")) macs += op.at("macs").get<std::uint64_t>();
  EXPECT_EQ(macs, kTinyConvNetMacs);
  EXPECT_EQ(json.at("operators").at(0).at("kind"), "Conv2D");
  EXPECT_FALSE(json.at("arena_sizes").empty());
  EXPECT_FALSE(json.at("isa").get<std::string>().empty());
}

TEST_F(Command, InspectForPeople) {
  const std::string text = ExpectDone({"inspect", Path("tiny.tflite")});
  for (const char* part : {"Conv2D", "DepthwiseConv2D", "FullyConnected", "Softmax", "MACs",
                           "activations", "scratch", "persistent", "total", "int8 1x8x8x3"}) {
    EXPECT_TRUE(Contains(text, part)) << part << " is not in:\n" << text;
  }
}

TEST_F(Command, BenchJson) {
  const Json json =
      Json::parse(ExpectDone({"bench", Path("tiny.tflite"), "--runs", "7", "--json"}));
  EXPECT_EQ(json.at("runs"), 7);
  const auto time = [&](const char* key) { return json.at(key).get<double>(); };
  EXPECT_GT(time("min_us"), 0);
  EXPECT_LE(time("min_us"), time("median_us"));
  EXPECT_LE(time("median_us"), time("p90_us"));
  EXPECT_FALSE(json.at("isa").get<std::string>().empty());
}

TEST_F(Command, BenchProfileNamesOperatorsAndKernels) {
  const std::string text =
      ExpectDone({"bench", Path("tiny.tflite"), "--threads", "2", "--runs", "3", "--profile"});
  EXPECT_TRUE(Contains(text, "2 threads"));
  EXPECT_TRUE(Contains(text, "median"));
  EXPECT_TRUE(Contains(text, "DepthwiseConv2D"));
  const Json json =
      Json::parse(ExpectDone({"bench", Path("tiny.tflite"), "--runs", "3", "--profile", "--json"}));
  EXPECT_FALSE(json.at("operators").at(0).at("kernel").get<std::string>().empty());
  EXPECT_FALSE(json.at("operators").at(0).at("shape").get<std::string>().empty());
  EXPECT_GT(json.at("operators").at(0).at("macs"), 0);
}

TEST_F(Command, BenchTimesSeveralModelsAndNamesThoseThatItLeavesOut) {
  const ProcessResult result =
      Quaver({"bench", Path("tiny.tflite"), Path("absent.tflite"), kMnistQvr, "--runs", "3"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(Contains(result.out, "tiny.tflite"));
  EXPECT_TRUE(Contains(result.out, "mnist.qvr"));
  EXPECT_TRUE(Contains(result.err, "absent.tflite"));
  const Json json =
      Json::parse(ExpectDone({"bench", Path("tiny.tflite"), kMnistQvr, "--runs", "3", "--json"}));
  EXPECT_EQ(json.size(), 2U);
}

TEST_F(Command, VerifyChecksEveryInstructionSet) {
  const std::string text = ExpectDone({"verify", Path("tiny.tflite")});
  EXPECT_TRUE(Contains(text, "self test on scalar"));
  EXPECT_TRUE(Contains(ExpectDone({"verify", kMnistQvr}), "self test on scalar"));
}

TEST_F(Command, EmbedNamesAreTheModelsOrGiven) {
  ExpectDone({"embed", Path("tiny.tflite"), "-o", Path("a")});
  EXPECT_TRUE(Exists("a/tiny.h"));
  EXPECT_TRUE(Exists("a/tiny.c"));
  ExpectDone({"embed", Path("tiny.tflite"), "-o", Path("b/c"), "--name", "my_net"});
  const FileBytes header = Read("b/c/my_net.h");
  EXPECT_TRUE(Contains(std::string(header.begin(), header.end()), "MY_NET_ARENA_BYTES"));
}

TEST_F(Command, EmbeddedMnistIsUpToDate) {
  ExpectDone({"embed", kMnistQvr, "-o", Path("generated")});
  for (const char* name : {"mnist.h", "mnist.c"}) {
    const ProcessResult difference =
        RunProcess({"/usr/bin/cmp", Path(std::string("generated/") + name),
                    std::string(QUAVER_SOURCE_DIR "/examples/mnist/generated/") + name});
    EXPECT_EQ(difference.exit_code, 0)
        << difference.out << difference.err << "run scripts/update-mnist";
  }
}

TEST_F(Command, ConvertTakesQdqOnnx) {
  compiler::OnnxBuilder builder;
  builder.Input("x", {1, 4}).Floats("s", {{}, {0.5F}});
  builder.Node("QuantizeLinear", {"x", "s"}, "q").Node("DequantizeLinear", {"q", "s"}, "f");
  builder.Node("Tanh", {"f"}, "t").Node("QuantizeLinear", {"t", "s"}, "r");
  builder.Node("DequantizeLinear", {"r", "s"}, "y").Output("y");
  const std::string bytes = builder.model.SerializeAsString();
  Write("qdq.onnx", {bytes.begin(), bytes.end()});
  ExpectDone({"convert", Path("qdq.onnx"), "-o", Path("float.qvr")});
  ExpectDone({"convert", Path("qdq.onnx"), "-o", Path("int8.qvr"), "--int8-io"});
  for (const std::string type : {"float32", "int8"}) {
    const std::string file = type == "int8" ? "int8.qvr" : "float.qvr";
    const Json json = Json::parse(ExpectDone({"inspect", Path(file), "--json"}));
    EXPECT_EQ(json.at("inputs").at(0).at("type"), type);
    EXPECT_EQ(json.at("outputs").at(0).at("type"), type);
    ExpectDone({"verify", Path(file)});
  }
}

TEST_F(Command, QuantizeTakesIdxAndNpyAlike) {
  Write("pictures.idx", Pictures(5));
  Write("pictures.npy", PicturesAsNpy(5));
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "-o", Path("idx.qvr")});
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.npy"), "-o", Path("npy.qvr")});
  EXPECT_FALSE(Read("idx.qvr").empty());
  EXPECT_EQ(Read("idx.qvr"), Read("npy.qvr"));
  ExpectDone({"verify", Path("idx.qvr")});
}

TEST_F(Command, QuantizeKeepsFloatBordersWhenAsked) {
  Write("pictures.idx", Pictures(5));
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "--samples", "3",
              "--float-io", "-o", Path("float.qvr")});
  const Json json = Json::parse(ExpectDone({"inspect", Path("float.qvr"), "--json"}));
  EXPECT_EQ(json.at("inputs").at(0).at("type"), "float32");
  EXPECT_EQ(json.at("outputs").at(0).at("type"), "float32");
}

TEST_F(Command, QuantizePutsLayersIntoInt16UntilTheTargetIsMet) {
  Write("pictures.idx", Pictures(10));
  const auto quantize = [&](const std::string& drop) {
    return ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "-o",
                       Path("mixed.qvr"), "--target-drop", drop});
  };
  EXPECT_NE(quantize("100").find("No layer needs int16"), std::string::npos);
  EXPECT_EQ(ExpectDone({"inspect", Path("mixed.qvr")}).find("Int16"), std::string::npos);
  const Json plain = Json::parse(ExpectDone({"inspect", Path("mixed.qvr"), "--json"}));
  const std::string missed = quantize("0.000001");
  EXPECT_NE(missed.find("Missed by every number of layers"), std::string::npos) << missed;
  EXPECT_NE(missed.find("MACs in int16"), std::string::npos) << missed;
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "-o", Path("mixed.qvr"),
              "--int16-layers", plain.at("operators").at(0).at("name").get<std::string>()});
  EXPECT_NE(ExpectDone({"inspect", Path("mixed.qvr")}).find("Conv2DInt16"), std::string::npos);
  ExpectDone({"verify", Path("mixed.qvr")});
  ExpectRefused(kFailure,
                {"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "-o", Path("mixed.qvr"),
                 "--int16-layers", "nobody"},
                {"no layer 'nobody'", "layers with weights are"});
}

TEST_F(Command, QuantizeTakesFloatTflite) {
  Write("float.tflite", TinyFloat());
  std::vector<float> values(4 * 4);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 8 - 1;
  const std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }";
  const std::string header = dict + std::string(128 - 10 - dict.size() - 1, ' ') + "\n";
  FileBytes file = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<std::uint8_t>(header.size()),
                    0};
  file.insert(file.end(), header.begin(), header.end());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  file.insert(file.end(), bytes, bytes + values.size() * sizeof(float));
  Write("values.npy", file);
  ExpectDone({"quantize", Path("float.tflite"), "-d", Path("values.npy"), "-o", Path("out.qvr")});
  ExpectDone({"verify", Path("out.qvr")});
}

}  // namespace
}  // namespace quaver::testing
