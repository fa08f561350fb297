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

constexpr char kMnistQvr[] = QUAVER_SOURCE_DIR "/examples/mnist/mnist.qvr";
constexpr char kMnistOnnx[] = QUAVER_SOURCE_DIR "/examples/mnist/mnist.onnx";
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
