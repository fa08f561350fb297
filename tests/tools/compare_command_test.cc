// quaver compare, as scripts use it.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/command_fixture.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::testing {
namespace {

using Json = nlohmann::json;

class CompareCommand : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    // Three pictures of 28x28 as IDX.
    FileBytes pictures = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28};
    for (std::size_t i = 0; i < std::size_t{3} * 28 * 28; ++i) {
      pictures.push_back(static_cast<std::uint8_t>(i * i >> 3));
    }
    Write("pictures.idx", pictures);
  }

  [[nodiscard]] std::vector<std::string> Compare(const std::string& a, const std::string& b,
                                                 std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"compare", a, b, "--data", Path("pictures.idx")});
    return more;
  }
};

TEST_F(CompareCommand, WorstFirstOrInNetworkOrder) {
  const Json worst = Json::parse(ExpectDone(Compare(kMnistOnnx, kMnistQvr, {"--json"})));
  const Json network =
      Json::parse(ExpectDone(Compare(kMnistOnnx, kMnistQvr, {"--json", "--order", "network"})));
  EXPECT_EQ(worst.at("samples"), 3);
  EXPECT_EQ(worst.at("arithmetic_a"), "float");
  EXPECT_EQ(worst.at("arithmetic_b"), "integer");
  ASSERT_EQ(worst.at("layers").size(), 8U);
  double before = -1000;
  for (const Json& layer : worst.at("layers")) {
    const double decibels =
        layer.at("sqnr_db").is_null() ? 1000 : layer.at("sqnr_db").get<double>();
    EXPECT_LE(before, decibels);
    before = decibels;
    // The same layer with the same numbers, wherever it stands.
    EXPECT_EQ(network.at("layers").at(layer.at("index").get<std::size_t>()), layer);
    EXPECT_EQ(layer.at("tensor"), layer.at("tensor_b"));
  }
  EXPECT_EQ(network.at("layers").at(0).at("kind"), "Input");
  EXPECT_EQ(network.at("layers").at(0).at("equal"), true);
  const std::string table = ExpectDone(Compare(kMnistOnnx, kMnistQvr));
  for (const char* part : {"SQNR", "cosine", "max error", "/relu1/Relu", "equal", "3 samples"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " is not in:\n" << table;
  }
}

TEST_F(CompareCommand, StrippedNamesAreFoundByOrder) {
  ExpectDone({"convert", Path("tiny.tflite"), "-o", Path("stripped.qvr"), "--strip-names"});
  FileBytes image(8 * 8 * 3);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i * 37);
  Write("image.bin", image);
  const Json json = Json::parse(ExpectDone({"compare", Path("tiny.tflite"), Path("stripped.qvr"),
                                            "--data", Path("image.bin"), "--json"}));
  EXPECT_TRUE(json.at("only_in_a").empty());
  EXPECT_TRUE(json.at("only_in_b").empty());
  for (const Json& layer : json.at("layers")) EXPECT_EQ(layer.at("equal"), true) << layer;
}

TEST_F(CompareCommand, ToleranceDecidesTheExitCode) {
  ExpectDone(Compare(kMnistOnnx, kMnistQvr, {"--tolerance", "10 dB"}));
  ExpectDone(Compare(kMnistQvr, kMnistQvr, {"--tolerance", "0"}));
  const ProcessResult result =
      Quaver(Compare(kMnistOnnx, kMnistQvr, {"--tolerance", "200dB", "--json"}));
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(Json::parse(result.out).at("first_beyond"), 1) << "the input is equal";
  for (const char* part : {"Conv2D '/relu1/Relu' (layer 1)", "expected 200dB", "found"}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  }
}

TEST_F(CompareCommand, DynamicModelsNeedNoDataAndAreNearFloat) {
  Write("float.tflite", TinyFloat());
  ExpectDone({"quantize", Path("float.tflite"), "--dynamic", "-o", Path("dynamic.qvr")});
  ExpectDone({"verify", Path("dynamic.qvr")});
  const Json inspected = Json::parse(ExpectDone({"inspect", Path("dynamic.qvr"), "--json"}));
  EXPECT_EQ(inspected.at("operators").at(0).at("kind"), "DynamicQuantize");
  EXPECT_EQ(inspected.at("operators").at(1).at("kind"), "DynamicFullyConnected");
  EXPECT_EQ(inspected.at("macs"), 8);
  const std::vector<float> values = {0.25F, -1, 3, 0.5F};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  Write("data.bin", FileBytes(bytes, bytes + values.size() * sizeof(float)));
  const Json json = Json::parse(ExpectDone({"compare", Path("float.tflite"), Path("dynamic.qvr"),
                                            "--data", Path("data.bin"), "--json"}));
  EXPECT_EQ(json.at("layers").size(), 2U) << "the input and the layer";
  ExpectRefused(kUsage,
                {"quantize", Path("float.tflite"), "--dynamic", "--data", Path("data.bin"), "-o",
                 Path("x.qvr")},
                {"--dynamic", "--data", "Leave out one"});
  for (const std::vector<std::string>& other : std::vector<std::vector<std::string>>{
           {"--weights", "int4"}, {"--target-drop", "1"}, {"--int16-layers", "x"}}) {
    ExpectRefused(
        kUsage,
        {"quantize", Path("float.tflite"), "--dynamic", other[0], other[1], "-o", Path("x.qvr")},
        {"--dynamic", other[0]});
  }
  ExpectRefused(kUsage, {"quantize", Path("float.tflite"), "-o", Path("x.qvr")}, {"--data"});
  ExpectRefused(kFailure, {"quantize", kMnistOnnx, "--dynamic", "-o", Path("x.qvr")},
                {"Conv2D", "cannot be quantized dynamically", "--data"});
}

TEST_F(CompareCommand, Refusals) {
  ExpectRefused(kUsage, Compare(kMnistOnnx, kMnistQvr, {"--tolerance", "much"}),
                {"--tolerance much", "25dB"});
  ExpectRefused(kFailure, Compare(kMnistOnnx, Path("tiny.tflite")),
                {"different inputs", "784", "192"});
  ExpectRefused(kUsage, {"compare", kMnistOnnx, "--data", Path("pictures.idx")}, {"B"});
}

}  // namespace
}  // namespace quaver::testing
