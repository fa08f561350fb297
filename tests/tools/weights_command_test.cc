// quaver quantize --weights, --prune, --layers, --expand; quaver convert --expand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kernels/isa.h"
#include "platform/platform.h"
#include "tests/tools/command_fixture.h"

namespace quaver::testing {
namespace {

using Json = nlohmann::json;

/// 28x28 pictures that look like nothing, and a label for each.
FileBytes Idx(std::uint8_t count, std::uint8_t dimensions) {
  const std::size_t header = 4 + std::size_t{4} * dimensions;
  const std::size_t values = std::size_t{count} * (dimensions == 1 ? 1 : 28 * 28);
  FileBytes bytes(header + values);
  bytes[2] = 8;
  bytes[3] = dimensions;
  for (std::size_t i = 0; i < dimensions; ++i) bytes[7 + 4 * i] = i == 0 ? count : 28;
  for (std::size_t i = 0; i < values; ++i) {
    bytes[header + i] = static_cast<std::uint8_t>(dimensions == 1 ? i % 10 : i * i % 251);
  }
  return bytes;
}

class WeightsCommand : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    Write("pictures.idx", Idx(12, 3));
    Write("labels.idx", Idx(12, 1));
  }
  std::string Quantize(const std::string& output, std::vector<std::string> options) {
    std::vector<std::string> arguments = {"quantize",           kMnistOnnx, "--data",
                                          Path("pictures.idx"), "-o",       Path(output)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return ExpectDone(arguments);
  }
  FileBytes Run(const std::string& model, const std::string& isa) {
    Write("in.bin", FileBytes(28 * 28, 77));
    ExpectDone({"run", Path(model), "-i", Path("in.bin"), "-o", Path("out.bin"), "--isa", isa});
    return Read("out.bin");
  }
  Json Inspect(const std::string& model) {
    return Json::parse(ExpectDone({"inspect", Path(model), "--json"}));
  }
};

TEST_F(WeightsCommand, EveryFormIsSmallerAndRunsEverywhereAlike) {
  Quantize("int8.qvr", {});
  const std::size_t int8_bytes = Read("int8.qvr").size();
  for (const char* form : {"int4", "int4-g32", "ternary", "binary", "pow2", "codebook4",
                           "codebook16", "codebook256"}) {
    const std::string text = Quantize("small.qvr", {"--weights", form, "--layers", "*"});
    EXPECT_TRUE(Contains(text, "total") && Contains(text, "SQNR of the outputs")) << text;
    EXPECT_LT(Read("small.qvr").size(), int8_bytes) << form;
    Quantize("plain.qvr", {"--weights", form, "--layers", "*", "--expand", "never"});
    Quantize("run.qvr", {"--weights", form, "--layers", "*", "--expand", "run"});
    ExpectDone({"verify", Path("small.qvr")});
    for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
      const auto isa = static_cast<Isa>(i);
      if (!platform::CpuIsas().Has(isa)) continue;
      const FileBytes expected = Run("plain.qvr", IsaName(isa));
      EXPECT_EQ(Run("small.qvr", IsaName(isa)), expected) << form << " " << IsaName(isa);
      EXPECT_EQ(Run("run.qvr", IsaName(isa)), expected) << form << " " << IsaName(isa);
    }
  }
}

TEST_F(WeightsCommand, SaysWhatBecameOfTheWeights) {
  const std::string text = Quantize("half.qvr", {"--prune", "0.5", "--layers", "*", "--labels",
                                                 Path("labels.idx"), "-w", "int8"});
  EXPECT_TRUE(Contains(text, "int8 bytes") && Contains(text, "50.")) << text;
  EXPECT_TRUE(Contains(text, "accuracy") && Contains(text, "float")) << text;
  const Json json = Inspect("half.qvr");
  EXPECT_LT(json.at("stored_bytes").get<int>(), json.at("weights_bytes").get<int>() * 2 / 3);
  bool left_out = false;
  for (const Json& op : json.at("operators")) {
    left_out |=
        op.contains("weights") && Contains(op.at("weights").at("storage"), "zeros left out");
  }
  EXPECT_TRUE(left_out);
  const std::string people = ExpectDone({"inspect", Path("half.qvr")});
  EXPECT_TRUE(Contains(people, "compressed") && Contains(people, "zeros left out")) << people;
}

/// The network has a convolution, another, and two fully connected layers, or so: the ends are
/// left.
TEST_F(WeightsCommand, LeavesTheFirstAndTheLastLayer) {
  Quantize("small.qvr", {"--weights", "binary"});
  std::vector<std::string> forms;
  const Json json = Inspect("small.qvr");
  for (const Json& op : json.at("operators")) {
    if (op.contains("weights")) forms.push_back(op.at("weights").at("storage"));
  }
  ASSERT_GT(forms.size(), 2U);
  EXPECT_EQ(forms.front(), "int8");
  EXPECT_EQ(forms.back(), "int8");
  EXPECT_EQ(std::count(forms.begin(), forms.end(), "1-bit"),
            static_cast<std::ptrdiff_t>(forms.size()) - 2);
}

TEST_F(WeightsCommand, ConvertAndPackTakeThem) {
  Quantize("small.qvr", {"--weights", "ternary", "--layers", "*"});
  ExpectDone({"pack", Path("small.qvr"), "--target", "avx2", "-o", Path("packed.qvr")});
  EXPECT_TRUE(Contains(ExpectDone({"verify", Path("packed.qvr")}), "as packed from the plain"));
  EXPECT_EQ(Run("packed.qvr", "scalar"), Run("small.qvr", "scalar"));
  ExpectDone({"embed", Path("small.qvr"), "-o", Path("small")});
  ExpectDone({"convert", Path("tiny.tflite"), "--expand", "load", "-o", Path("tiny.qvr")});
  ExpectDone({"verify", Path("tiny.qvr")});
}

TEST_F(WeightsCommand, RefusesWhatCannotBe) {
  const auto refuse = [&](int code, std::vector<std::string> options,
                          const std::vector<std::string>& facts) {
    std::vector<std::string> arguments = {"quantize",           kMnistOnnx, "--data",
                                          Path("pictures.idx"), "-o",       Path("out.qvr")};
    arguments.insert(arguments.end(), options.begin(), options.end());
    ExpectRefused(code, arguments, facts);
    EXPECT_FALSE(Exists("out.qvr"));
  };
  refuse(kUsage, {"--weights", "int3"}, {"int3", "codebook16"});
  refuse(kUsage, {"--weights", "int4-g50"}, {"int4-g50"});
  refuse(kUsage, {"--prune", "1.5"}, {"--prune"});
  refuse(kUsage, {"--layers", "*"}, {"--layers", "--weights"});
  refuse(kUsage, {"--weights", "codebook256", "--prune", "0.5"}, {"codebook256", "--prune"});
  refuse(kFailure, {"--weights", "int4", "--layers", "nobody"},
         {"'nobody'", "layers with weights"});
}

}  // namespace
}  // namespace quaver::testing
