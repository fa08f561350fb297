// What torch.onnx.export writes of networks of many styles gives PyTorch's outputs: by the float
// executor, and, quantized, as an integer program. export_models.py makes the files, where PyTorch
// is installed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/data/array_file.h"
#include "compiler/data/dataset.h"
#include "compiler/emit/checked_model.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/fidelity.h"
#include "compiler/quantize/quantize.h"

namespace quaver::compiler {
namespace {

const std::string kFolder = QUAVER_TORCH_EXPORTS;

// Of float sums in another order, relative to the largest output.
constexpr float kTolerance = 1e-4F;
// Of int8 models calibrated with the very samples; random weights keep no layer from losing much.
constexpr double kLeastDecibels = 15;

struct Export {
  std::string name, opset;
};

std::vector<Export> List() {
  std::ifstream file(kFolder + "/list.txt");
  std::vector<Export> list;
  Export line;
  while (file >> line.name >> line.opset) list.push_back(line);
  return list;
}

Graph Import(const Export& item) {
  const std::string path = kFolder + "/" + item.name + "_opset" + item.opset + ".onnx";
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  return ImportOnnx({bytes.data(), bytes.size()}, path);
}

/// The file's floats, by sample.
std::vector<Outputs> ReadOutputs(const Export& item, std::size_t samples) {
  const std::vector<std::uint8_t> bytes = ReadFile(kFolder + "/" + item.name + "_out.bin");
  const std::size_t count = bytes.size() / sizeof(float) / samples;
  std::vector<Outputs> outputs;
  for (std::size_t s = 0; s < samples; ++s) {
    std::vector<float> values(count);
    std::memcpy(values.data(), bytes.data() + s * count * sizeof(float), count * sizeof(float));
    outputs.push_back({std::move(values)});
  }
  return outputs;
}

float LargestError(const std::vector<Outputs>& expected, const std::vector<Outputs>& found) {
  float largest = 0;
  float error = 0;
  for (std::size_t s = 0; s < expected.size(); ++s) {
    for (std::size_t i = 0; i < expected[s][0].size(); ++i) {
      largest = std::max(largest, std::abs(expected[s][0][i]));
      error = std::max(error, std::abs(expected[s][0][i] - found[s][0].at(i)));
    }
  }
  return error / largest;
}

bool IsQuantized(const Graph& graph) {
  return std::any_of(graph.tensors.begin(), graph.tensors.end(),
                     [](const Tensor& tensor) { return !tensor.quantization.empty(); });
}

void CheckExport(const Export& item) {
  Graph graph = Import(item);
  const std::vector<Sample> samples = LoadSamples({kFolder + "/" + item.name + "_in.bin"}, graph);
  const std::vector<Outputs> expected = ReadOutputs(item, samples.size());
  if (!IsQuantized(graph)) {  // else trained with fake quantization: its output is on a grid
    EXPECT_LE(LargestError(expected, RunFloat(graph, samples, 1)), kTolerance);
    if (graph.tensor(graph.outputs[0]).type != DataType::kFloat32) return;  // indices of ArgMax
    graph = Quantize(graph, samples);
  }
  const CheckedModel model(Compile(graph));
  const double decibels =
      CompareOutputs(expected, RunInteger(model.model(), samples, 1)).Decibels();
  EXPECT_GE(decibels, kLeastDecibels);
  ::testing::Test::RecordProperty(item.name + "_opset" + item.opset,
                                  std::to_string(decibels) + " dB");
}

TEST(TorchExports, GiveTheOutputsOfPyTorch) {
  const std::vector<Export> list = List();
  if (list.empty()) GTEST_SKIP() << "no exports in " << kFolder << "; they need python3-torch";
  for (const Export& item : list) {
    SCOPED_TRACE(item.name + ", operator set " + item.opset);
    try {
      CheckExport(item);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace
}  // namespace quaver::compiler
