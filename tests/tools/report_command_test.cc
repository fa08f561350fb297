// --report: one page that is whole, carries the numbers of its facts, and survives any name.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/command_fixture.h"
#include "tests/unit/onnx_builder.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::testing {
namespace {

using Json = nlohmann::json;

constexpr char kPython[] = QUAVER_PYTHON;
constexpr char kChecker[] = QUAVER_SOURCE_DIR "/tests/tools/check_report.py";

class ReportCommand : public CommandTest {
 protected:
  void SetUp() override {
    if (std::string(kPython).empty()) GTEST_SKIP() << "no Python 3 to parse the page with";
    CommandTest::SetUp();
    constexpr std::uint8_t kCount = 12;
    FileBytes pictures = {0, 0, 8, 3, 0, 0, 0, kCount, 0, 0, 0, 28, 0, 0, 0, 28};
    for (std::size_t i = 0; i < std::size_t{kCount} * 28 * 28; ++i) {
      pictures.push_back(static_cast<std::uint8_t>(i * i >> 3));
    }
    Write("pictures.idx", pictures);
    FileBytes labels = {0, 0, 8, 1, 0, 0, 0, kCount};
    for (std::uint8_t i = 0; i < kCount; ++i) labels.push_back(i % 10);
    Write("labels.idx", labels);
  }

  // The facts of a page that keeps its promises.
  [[nodiscard]] Json Facts(const std::string& page) const {
    const ProcessResult result = RunProcess({kPython, kChecker, Path(page)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? Json::parse(result.out) : Json();
  }
  [[nodiscard]] std::string Text(const std::string& page) const {
    const FileBytes bytes = Read(page);
    return {bytes.begin(), bytes.end()};
  }
};

TEST_F(ReportCommand, CompareHasTheNumbersOfItsJson) {
  const Json json =
      Json::parse(ExpectDone({"compare", kMnistOnnx, kMnistQvr, "--data", Path("pictures.idx"),
                              "--order", "network", "--json", "--report", Path("page.html")}));
  const Json facts = Facts("page.html");
  ASSERT_EQ(facts.at("layers").size(), json.at("layers").size());
  for (std::size_t i = 0; i < json.at("layers").size(); ++i) {
    const Json& shown = facts.at("layers").at(i);
    const Json& found = json.at("layers").at(i);
    for (const char* key : {"index", "kind", "tensor", "sqnr_db", "cosine", "max_error"}) {
      EXPECT_EQ(shown.at(key), found.at(key)) << key;
    }
  }
  EXPECT_EQ(facts.at("samples"), 12);
  EXPECT_GT(facts.at("size").at("bytes_before"), facts.at("size").at("bytes_after"));
}

TEST_F(ReportCommand, QuantizeSaysWhatWasDecided) {
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "--labels",
              Path("labels.idx"), "--method", "percentile", "--percentile", "90", "-o",
              Path("m.qvr"), "--report", Path("page.html")});
  const Json facts = Facts("page.html");
  EXPECT_EQ(facts.at("layers").size(), 8U);
  EXPECT_EQ(facts.at("size").at("bytes_after"), Read("m.qvr").size());
  EXPECT_EQ(facts.at("accuracy").size(), 2U);
  EXPECT_EQ(facts.at("accuracy").at(0).at("total"), 12);
  const Json inspected = Json::parse(ExpectDone({"inspect", Path("m.qvr"), "--json"}));
  EXPECT_EQ(facts.at("memory").at("activation_bytes"), inspected.at("activation_bytes"));
  EXPECT_EQ(facts.at("memory").at("operators").size(), inspected.at("operators").size());
  // A tenth of the values is outside the range: the histogram says so.
  std::uint64_t clipped = 0;
  for (const Json& layer : facts.at("layers")) {
    clipped += layer.at("activations").at("clipped_above").get<std::uint64_t>();
    const Json& range = layer.at("range");
    EXPECT_LE(range.at(0), 0);
    EXPECT_GE(range.at(1), 0);
  }
  EXPECT_GT(clipped, 0U);
  const std::string page = Text("page.html");
  for (const char* part :
       {"percentile", "one scale for each output channel", "On the samples that"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  EXPECT_LT(page.size(), 200000U);
}

TEST_F(ReportCommand, QuantizeShowsWeightsOfFewerBits) {
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "--weights", "int4",
              "--prune", "0.5", "--layers", "*", "-o", Path("w.qvr"), "--report",
              Path("page.html")});
  const Json facts = Facts("page.html");
  EXPECT_EQ(facts.at("title"), "mnist.onnx in int8, weights in int4, 50 % of the weights pruned");
  ASSERT_EQ(facts.at("weights").size(), 4U);
  for (const Json& layer : facts.at("weights")) {
    EXPECT_NE(layer.at("form").get<std::string>().find("4-bit"), std::string::npos) << layer;
    EXPECT_LT(layer.at("stored"), layer.at("weights"));
    EXPECT_GE(layer.at("zeros").get<double>(), 0.49 * layer.at("weights").get<double>());
    EXPECT_GT(layer.at("sqnr_db"), 1);
  }
  const std::string page = Text("page.html");
  for (const char* part : {"weights as stored", "int4, layers *", "the smallest 50 %"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  // Of the file alone: what it holds, not what was lost when it was made.
  ExpectDone({"inspect", Path("w.qvr"), "--report", Path("inspect.html")});
  const Json inspected = Facts("inspect.html");
  ASSERT_EQ(inspected.at("weights").size(), 4U);
  EXPECT_EQ(inspected.at("weights").at(3).at("stored"), facts.at("weights").at(3).at("stored"));
  EXPECT_FALSE(inspected.at("weights").at(3).contains("sqnr_db"));
}

TEST_F(ReportCommand, QuantizeShowsWhichLayersAreInt16AndWhy) {
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "--per-tensor", "--method",
              "minmax", "--target-drop", "1e-3", "-o", Path("m.qvr"), "--report",
              Path("page.html")});
  const Json facts = Facts("page.html");
  EXPECT_EQ(facts.at("title"), "mnist.onnx in int8 and int16");
  const Json& precision = facts.at("precision");
  EXPECT_EQ(precision.at("met"), true);
  EXPECT_EQ(precision.at("target"), 50);
  EXPECT_GE(precision.at("tries").size(), 2U);
  ASSERT_FALSE(precision.at("layers").empty());
  std::size_t int16 = 0;
  for (const Json& layer : facts.at("layers")) int16 += layer.at("type") == "int16" ? 1 : 0;
  EXPECT_GE(int16, precision.at("layers").size());
  const std::string name = precision.at("layers").at(0).at("layer");
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "--int16-layers", name, "-o",
              Path("m.qvr"), "--report", Path("asked.html")});
  const Json asked = Facts("asked.html").at("precision");
  EXPECT_TRUE(asked.at("tries").empty());
  ASSERT_EQ(asked.at("layers").size(), 1U);
  EXPECT_EQ(asked.at("layers").at(0).at("layer"), name);
  // No number of layers comes this near, and none is nearer than int8 alone.
  ExpectDone({"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "--target-drop", "1e-5", "-o",
              Path("m.qvr"), "--report", Path("missed.html")});
  const Json missed = Facts("missed.html");
  EXPECT_EQ(missed.at("title"), "mnist.onnx in int8");
  EXPECT_EQ(missed.at("precision").at("met"), false);
  EXPECT_TRUE(missed.at("precision").at("layers").empty());
  EXPECT_NE(Text("missed.html").find("int8 alone comes nearest"), std::string::npos);
}

TEST_F(ReportCommand, CompareMarksDynamicLayers) {
  Write("float.tflite", TinyFloat());
  Write("data.bin", FileBytes(16 * 3, 0x3E));
  ExpectDone({"quantize", Path("float.tflite"), "--dynamic", "-o", Path("dynamic.qvr")});
  ExpectDone({"compare", Path("float.tflite"), Path("dynamic.qvr"), "--data", Path("data.bin"),
              "--report", Path("page.html")});
  const Json facts = Facts("page.html");
  ASSERT_EQ(facts.at("layers").size(), 2U);
  EXPECT_FALSE(facts.at("layers").at(0).contains("dynamic"));
  EXPECT_EQ(facts.at("layers").at(1).at("dynamic"), true);
  EXPECT_NE(Text("page.html").find("quantized while running"), std::string::npos);
}

TEST_F(ReportCommand, EvalAndInspect) {
  ExpectDone({"eval", kMnistOnnx, kMnistQvr, "--data", Path("pictures.idx"), "--labels",
              Path("labels.idx"), "--report", Path("eval.html")});
  const Json eval = Facts("eval.html");
  EXPECT_EQ(eval.at("accuracy").size(), 2U);
  EXPECT_EQ(eval.at("layers").size(), 8U);
  ExpectDone({"inspect", Path("tiny.tflite"), "--report", Path("inspect.html")});
  const Json inspect = Facts("inspect.html");
  EXPECT_TRUE(inspect.at("layers").empty());
  EXPECT_FALSE(inspect.at("memory").at("blocks").empty());
}

TEST_F(ReportCommand, HostileNamesStayText) {
  const std::string name = "a</script><script>alert('1')</script>&amp;\"'<!--]]>";
  const std::string bytes_of_none = "\x01\x1b[31m\xff\xed\xa0\x80z";
  compiler::OnnxBuilder builder;
  builder.Input(name, {1, 4}).Floats("w" + name, compiler::Noise({4, 3}, 1));
  builder.Node("MatMul", {name, "w" + name}, bytes_of_none + name);
  builder.Node("Softmax", {bytes_of_none + name}, "y" + name).Output("y" + name);
  const std::string model = builder.model.SerializeAsString();
  Write("hostile.onnx", {model.begin(), model.end()});
  Write("data.bin", FileBytes(16 * 12, 0x3E));
  ExpectDone({"quantize", Path("hostile.onnx"), "--data", Path("data.bin"), "-o", Path("h.qvr"),
              "--report", Path("page.html")});
  const Json facts = Facts("page.html");
  ASSERT_EQ(facts.at("layers").size(), 3U);
  EXPECT_EQ(facts.at("layers").at(0).at("tensor"), name);
  const std::string page = Text("page.html");
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page.find('\x01'), std::string::npos);
}

TEST_F(ReportCommand, RefusesToOverwriteItsInputs) {
  ExpectRefused(kUsage, {"inspect", Path("tiny.tflite"), "--report", Path("tiny.tflite")},
                {"tiny.tflite"});
  ExpectRefused(kUsage,
                {"quantize", kMnistOnnx, "--data", Path("pictures.idx"), "-o", Path("m.qvr"),
                 "--report", Path("m.qvr")},
                {"m.qvr"});
}

}  // namespace
}  // namespace quaver::testing
