// Every reference model is imported, or refused for the reason stated here.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/passes/passes.h"

namespace quaver::compiler {
namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Number of nodes after import.
const std::map<std::string, std::size_t> kImported = {
    {"ad01_fp32", 10},
    {"ad01_int8", 10},
    {"hello_world_float", 3},
    {"hello_world_int8", 3},
    {"kws_ref_model", 13},
    {"kws_ref_model_float32", 13},
    {"micro_speech_quantized", 5},
    {"person_detect", 31},
    {"model_ToyCar_quant_fullint", 12},
    {"pretrainedResnet", 16},
    {"pretrainedResnet_quant", 16},
    {"simple_add_model", 1},
    {"str_ww_ref_model", 11},
    {"te_detection", 79},
    {"tf2_mobilenet_v2_1.0_224_ptq", 68},
    {"vww_96_float", 31},
    {"vww_96_int8", 31},
};

/// Part of the message.
const std::map<std::string, std::string> kRefused = {
    {"keyword_scrambled_8bit", "SVDF is not supported: operators that keep state are not"},
    {"trained_lstm_int8", "operator 0 UNIDIRECTIONAL_SEQUENCE_LSTM is not supported"},
    {"mobilenet_v1_0.25_128_quant", "is uint8: the old quantization scheme"},
    {"mobilenet_v2_1.0_224_quant", "is uint8: the old quantization scheme"},
    {"te_ptq_mnist_lenet-300-100", "operator 6 LOG_SOFTMAX is not supported"},
};

/// Those named seanet_* hold one operator each, which another may follow.
bool IsOneOperator(const std::string& model) { return model.rfind("seanet_", 0) == 0; }

std::string ReasonFor(const std::string& model) {
  const auto refused = kRefused.find(model);
  if (refused != kRefused.end()) return refused->second;
  return "";
}

void CheckModel(const std::string& name, const std::vector<std::uint8_t>& bytes) {
  const auto expected = kImported.find(name);
  const std::string reason = ReasonFor(name);
  ASSERT_NE(expected == kImported.end() && !IsOneOperator(name), reason.empty())
      << "a model that this test does not know";
  try {
    const Graph graph = ImportTflite(bytes, name);
    ASSERT_TRUE(reason.empty()) << "imported, but should be refused";
    if (IsOneOperator(name)) {
      EXPECT_GE(graph.nodes.size(), 1U);
    } else {
      EXPECT_EQ(graph.nodes.size(), expected->second);
    }
    EXPECT_NO_THROW(Validate(graph));
    EXPECT_FALSE(graph.inputs.empty());
    for (TensorId id : graph.outputs) EXPECT_GE(graph.tensor(id).source_index, 0);
  } catch (const Error& error) {
    const std::string message = error.what();
    ASSERT_FALSE(reason.empty()) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message;
    EXPECT_EQ(message.rfind(name + ": ", 0), 0U) << message;
  }
}

TEST(ImportModels, EachIsImportedOrRefusedForItsReason) {
  const fs::path folder = fs::path(QUAVER_SHARED_DIR) / "models";
  if (!fs::exists(folder)) GTEST_SKIP() << "no reference models in " << folder;
  std::size_t models = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    SCOPED_TRACE(entry.path().filename().string());
    CheckModel(entry.path().stem().string(), ReadFile(entry.path()));
    ++models;
  }
  EXPECT_GE(models, kImported.size() + kRefused.size());
}

/// Nodes of `model` after the passes.
std::size_t NodesAfterPasses(const fs::path& model) {
  Graph graph = ImportTflite(ReadFile(model), model.filename().string());
  RunPasses(&graph);
  return graph.nodes.size();
}

TEST(ImportModels, PassesRemoveWhatTheyCan) {
  const fs::path folder = fs::path(QUAVER_SHARED_DIR) / "models";
  if (!fs::exists(folder)) GTEST_SKIP() << "no reference models in " << folder;
  EXPECT_EQ(NodesAfterPasses(folder / "te_detection.tflite"), 74U) << "five paddings of 79 nodes";
  EXPECT_EQ(NodesAfterPasses(folder / "pretrainedResnet.tflite"), 16U) << "nothing to do";
  for (const auto& [name, nodes] : kImported) {
    EXPECT_LE(NodesAfterPasses(folder / (name + ".tflite")), nodes) << name;
  }
}

class HelloWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path path = fs::path(QUAVER_SHARED_DIR) / "models/hello_world_int8.tflite";
    if (!fs::exists(path)) GTEST_SKIP() << "no reference model " << path;
    bytes_ = ReadFile(path);
  }
  std::vector<std::uint8_t> bytes_;
};

TEST_F(HelloWorld, EveryTruncationIsRefused) {
  // A flatbuffer is built from its end: the last bytes hold what the others refer to.
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    const std::vector<std::uint8_t> part(bytes_.begin(),
                                         bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THROW(ImportTflite(part, "part"), Error) << size << " of " << bytes_.size() << " bytes";
  }
}

TEST_F(HelloWorld, AlignmentOfTheBytesDoesNotMatter) {
  std::vector<std::uint8_t> shifted(bytes_.size() + 1);
  std::copy(bytes_.begin(), bytes_.end(), shifted.begin() + 1);
  const Graph expected = ImportTflite(bytes_, "model");
  const Graph found =
      ImportTflite(Span<const std::uint8_t>(shifted.data() + 1, bytes_.size()), "model");
  EXPECT_EQ(Dump(found), Dump(expected));
}

}  // namespace
}  // namespace quaver::compiler
