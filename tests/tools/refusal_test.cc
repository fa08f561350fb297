// Every wrong use of the `quaver` command ends with an exit code and one line that helps.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "tests/tools/command_fixture.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::testing {
namespace {

using Refusal = CommandTest;

FileBytes Jpeg() {
  FileBytes bytes = {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1};
  bytes.resize(500, 0x5A);
  return bytes;
}

TEST_F(Refusal, UnknownBackend) {
  ExpectRefused(kFailure, {"bench", Path("tiny.tflite"), "--backend", "other"}, {"backend"});
}

TEST_F(Refusal, WrongCommandLines) {
  ExpectRefused(kUsage, {}, {"no command", "quaver --help"});
  ExpectRefused(kUsage, {"frobnicate"}, {"frobnicate", "quaver --help"});
  ExpectRefused(kUsage, {"convert"}, {"IN.tflite", "quaver convert --help"});
  ExpectRefused(kUsage, {"convert", Path("tiny.tflite")}, {"--output"});
  ExpectRefused(kUsage, {"run", Path("tiny.tflite"), "--input", Path("in.bin")}, {"--output"});
  ExpectRefused(kUsage, {"bench", Path("tiny.tflite"), "--runs", "0"}, {"--runs"});
  ExpectRefused(kUsage, {"bench", Path("tiny.tflite"), "--runs", "many"}, {"--runs", "many"});
  ExpectRefused(kUsage, {"inspect", Path("tiny.tflite"), "--yaml"}, {"--yaml"});
}

/// The subcommands that take any model, each with what else it needs.
std::vector<std::vector<std::string>> CallsWith(const std::string& model,
                                                const std::string& folder) {
  return {{"inspect", model},
          {"bench", model},
          {"verify", model},
          {"embed", model, "-o", folder + "embedded"},
          {"run", model, "--input", folder + "tiny.tflite", "--output", folder + "out.bin"},
          {"convert", model, "-o", folder + "out.qvr"}};
}

TEST_F(Refusal, FilesThatAreNoModels) {
  Write("empty.tflite", {});
  Write("photo.tflite", Jpeg());
  Write("photo.qvr", Jpeg());
  Write("text.txt", {'h', 'e', 'l', 'l', 'o'});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"missing.tflite", "No such file"}, {".", "directory"},    {"empty.tflite", "empty"},
      {"photo.tflite", "JPEG"},           {"photo.qvr", "JPEG"}, {"text.txt", "not a model"}};
  for (const auto& [name, fact] : cases) {
    for (const auto& call : CallsWith(Path(name), Path(""))) {
      ExpectRefused(kFailure, call, {name, fact});
    }
  }
  EXPECT_FALSE(Exists("out.qvr"));
  EXPECT_FALSE(Exists("out.bin"));
  EXPECT_FALSE(Exists("embedded"));
}

TEST_F(Refusal, TruncatedModels) {
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("tiny.qvr")});
  for (const std::string kind : {"tflite", "qvr"}) {
    FileBytes bytes = Read("tiny." + kind);
    const std::string name = "cut." + kind;
    for (const std::size_t size : {bytes.size() - 16, bytes.size() / 2, std::size_t{20}}) {
      bytes.resize(size);
      Write(name, bytes);
      ExpectRefused(kFailure, {"inspect", Path(name)}, {name});
    }
  }
}

TEST_F(Refusal, UnsupportedOperatorIsNamed) {
  Write("hash.tflite", UnsupportedOperator());
  ExpectRefused(kFailure, {"convert", Path("hash.tflite"), "-o", Path("out.qvr")},
                {"hash.tflite", "HASHTABLE_LOOKUP"});
  EXPECT_FALSE(Exists("out.qvr"));
}

TEST_F(Refusal, FloatModelsAreSentToTheQuantizer) {
  Write("float.tflite", TinyFloat());
  ExpectRefused(kFailure, {"convert", Path("float.tflite"), "-o", Path("out.qvr")},
                {"float.tflite", "quaver quantize"});
  ExpectRefused(kFailure, {"run", kMnistOnnx, "--input", Path("x"), "--output", Path("y")},
                {"mnist.onnx", "quaver quantize"});
}

TEST_F(Refusal, QuantizedModelsAreSentToConvert) {
  Write("values.npy", {});
  ExpectRefused(
      kFailure,
      {"quantize", Path("tiny.tflite"), "--data", Path("values.npy"), "-o", Path("out.qvr")},
      {"tiny.tflite", "quaver convert"});
}

TEST_F(Refusal, WrongInputs) {
  Write("good.bin", FileBytes(8 * 8 * 3));
  Write("short.bin", FileBytes(191));
  Write("long.bin", FileBytes(193));
  const std::string model = Path("tiny.tflite");
  const auto run = [&](const std::string& input) -> std::vector<std::string> {
    return {"run", model, "--input", Path(input), "--output", Path("out.bin")};
  };
  ExpectRefused(kFailure, run("short.bin"), {"short.bin", "image", "192", "191", "1x8x8x3"});
  ExpectRefused(kFailure, run("long.bin"), {"long.bin", "192", "193"});
  ExpectRefused(kFailure, run("missing.bin"), {"missing.bin", "No such file"});
  ExpectRefused(kFailure, run("."), {"directory"});
  ExpectRefused(kUsage,
                {"run", model, "--input", Path("good.bin"), "--input", Path("good.bin"), "--output",
                 Path("out.bin")},
                {"expected 1 --input", "found 2"});
  ExpectRefused(kUsage,
                {"run", model, "--input", Path("good.bin"), "--output", Path("out.bin"), "--output",
                 Path("more.bin")},
                {"expected 1 --output", "found 2"});
  EXPECT_FALSE(Exists("out.bin"));
}

TEST_F(Refusal, WrongOutputs) {
  Write("in.bin", FileBytes(8 * 8 * 3));
  const std::string model = Path("tiny.tflite");
  const FileBytes before = Read("tiny.tflite");
  ExpectRefused(kFailure, {"convert", model, "-o", Path("none/out.qvr")}, {"none", "directory"});
  ExpectRefused(kFailure, {"convert", model, "-o", Path("")}, {"is a directory"});
  ExpectRefused(kUsage, {"convert", model, "-o", model}, {"tiny.tflite", "also an input"});
  ASSERT_EQ(symlink(model.c_str(), Path("link").c_str()), 0);
  ExpectRefused(kUsage, {"convert", model, "-o", Path("link")}, {"link", "also an input"});
  ExpectRefused(kUsage, {"run", model, "--input", Path("in.bin"), "--output", Path("in.bin")},
                {"in.bin", "also an input"});
  ExpectRefused(kFailure, {"embed", model, "-o", model}, {"tiny.tflite", "directory"});
  ExpectRefused(kUsage, {"embed", model, "-o", Path("x"), "--name", "2 nets"},
                {"2 nets", "C identifier"});
  EXPECT_EQ(Read("tiny.tflite"), before);
}

TEST_F(Refusal, AFullDiskChangesNothing) {
  // A device that is always full; links to it are written through, so this ends in the device.
  ExpectRefused(kFailure, {"convert", Path("tiny.tflite"), "-o", "/dev/full"},
                {"/dev/full", "No space left"});
}

TEST_F(Refusal, FailedCommandsLeaveNoFilesBehind) {
  const auto before = List();
  Write("hash.tflite", UnsupportedOperator());
  ExpectRefused(kFailure, {"convert", Path("hash.tflite"), "-o", Path("out.qvr")}, {});
  std::filesystem::remove(Path("hash.tflite"));
  EXPECT_EQ(List(), before);
}

TEST_F(Refusal, UnknownInstructionSet) {
  Write("in.bin", FileBytes(8 * 8 * 3));
  ExpectRefused(kFailure, {"bench", Path("tiny.tflite"), "--isa", "sse9"}, {"instruction set"});
  ExpectRefused(kFailure,
                {"run", Path("tiny.tflite"), "--input", Path("in.bin"), "--output", Path("out.bin"),
                 "--isa", "sse9"},
                {"instruction set"});
}

TEST_F(Refusal, TooManyThreads) {
  ExpectRefused(kUsage, {"bench", Path("tiny.tflite"), "--threads", "17"}, {"--threads", "16"});
}

TEST_F(Refusal, WrongData) {
  const auto quantize = [&](const std::string& data) -> std::vector<std::string> {
    return {"quantize", kMnistOnnx, "--data", Path(data), "-o", Path("out.qvr")};
  };
  Write("photo.jpg", Jpeg());
  Write("empty.npy", {});
  Write("cut.idx", {0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3});
  Write("shape.idx", {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 4, 1, 2, 3, 4});
  std::filesystem::create_directory(Path("nothing"));
  for (const std::string name :
       {"photo.jpg", "empty.npy", "cut.idx", "shape.idx", "nothing", "missing"}) {
    ExpectRefused(kFailure, quantize(name), {name});
  }
  ExpectRefused(
      kUsage,
      {"quantize", kMnistOnnx, "--data", Path("cut.idx"), "-o", Path("out.qvr"), "--samples", "0"},
      {"--samples"});
  EXPECT_FALSE(Exists("out.qvr"));
}

}  // namespace
}  // namespace quaver::testing
