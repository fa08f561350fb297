// Real float models through the quantizer, the compiler and the runtime: how much of the signal
// is left, and the accuracy on MNIST.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "compiler/compile.h"
#include "compiler/data/array_file.h"
#include "compiler/data/dataset.h"
#include "compiler/execute/float_executor.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/import/import.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/signal_to_noise.h"
#include "quaver/quaver.hpp"

namespace quaver::compiler {
namespace {

const std::string kShared = QUAVER_SHARED_DIR;

/// A float graph's integer model.
class Model8 {
 public:
  explicit Model8(const Graph& quantized)
      : compiled_(Compile(quantized)), executor_(compiled_.model()) {}
  std::vector<float> Run(const Sample& sample) { return executor_.Run(sample)[0]; }
  [[nodiscard]] const Model& model() const { return compiled_.model(); }

 private:
  CheckedModel compiled_;
  IntegerExecutor executor_;
};

/// Signal over noise of the int8 model's output 0 against the float graph's, in dB.
double DecibelsOf(const Graph& graph, Model8* model, const std::vector<Sample>& samples) {
  SignalToNoise ratio;
  FloatExecutor executor(graph);
  for (const Sample& sample : samples) ratio.Add(executor.Run(sample)[0], model->Run(sample));
  return ratio.Decibels();
}

Graph ImportModel(const std::string& name) {
  const std::string path = kShared + "/models/" + name + ".tflite";
  return ImportTflite(ReadFile(path), path);
}

std::string GoldenFile(const std::string& model, const char* what, int k) {
  return kShared + "/golden/" + model + "/" + what + std::to_string(k) + "_0.bin";
}

std::vector<float> ReadFloats(const std::string& path) {
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<Sample> GoldenInputs(const std::string& model) {
  std::vector<Sample> samples;
  for (int k = 0; k < 9; ++k) samples.push_back({ReadFloats(GoldenFile(model, "in", k))});
  return samples;
}

class QuantizeModels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kShared + "/models")) {
      GTEST_SKIP() << "no reference data at " << kShared << " (QUAVER_SHARED_DIR)";
    }
  }
};

/// Against TensorFlow Lite Micro's float kernels. Both sum in float; where a compiler contracts a
/// product and a sum into one rounding, the last bits differ.
TEST_F(QuantizeModels, FloatExecutorGivesTheGoldenFloats) {
  for (const std::string name :
       {"hello_world_float", "ad01_fp32", "pretrainedResnet", "vww_96_float"}) {
    const Graph graph = ImportModel(name);
    FloatExecutor executor(graph);
    const std::vector<Sample> samples = GoldenInputs(name);
    for (std::size_t k = 0; k < samples.size(); ++k) {
      const std::vector<float> found = executor.Run(samples[k])[0];
      const std::vector<float> expected = ReadFloats(GoldenFile(name, "out", static_cast<int>(k)));
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_NEAR(found[i], expected[i], 1e-5F * (1 + std::abs(expected[i]))) << name << " " << k;
      }
    }
  }
}

/// The weights of an integer layer as reals, and the largest error of one: half a scale.
std::vector<float> RealWeights(const Graph& graph, const Node& layer, float* error) {
  const Tensor& weights = graph.tensor(layer.inputs[1]);
  const Quantization& quantization = weights.quantization;
  const std::size_t channels = quantization.scale.size();
  const bool last = layer.As<DepthwiseConv2DOp>() != nullptr;
  const std::vector<std::int8_t> values = weights.As<std::int8_t>();
  std::vector<float> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = last ? i % channels : i * channels / values.size();
    result.push_back(quantization.scale[channel] * values[i]);
    *error = std::max(*error, quantization.scale[channel] / 2);
  }
  return result;
}

/// No runtime's outputs of the dynamic-range model are here, but the int8 model that was made of
/// the same network: both models round the same weights, at most half a scale each.
TEST_F(QuantizeModels, DynamicRangeHasTheWeightsOfTheInt8ModelOfTheSameNetwork) {
  const Graph graph = ImportModel("kws_ref_model_float32");
  const Graph int8 = ImportModel("kws_ref_model");
  ASSERT_EQ(graph.nodes.size(), int8.nodes.size());
  std::size_t layers = 0;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (int8.nodes[n].inputs.size() < 2) continue;
    ++layers;
    float error = 0;
    const std::vector<float> expected = RealWeights(int8, int8.nodes[n], &error);
    const auto found = graph.tensor(graph.nodes[n].inputs[1]).As<float>();
    ASSERT_EQ(found.size(), expected.size());
    float most = 0;
    for (float value : found) most = std::max(most, std::abs(value));
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_NEAR(found[i], expected[i], 1.001F * (error + most / 127 / 2)) << layers;
    }
  }
  EXPECT_EQ(layers, 10U);
}

// The bounds below: an 8-bit signal that uses its whole range has about 50 dB; each layer adds its
// own rounding noise of the same size, and outputs rarely use their range. 20 dB is noise of a
// tenth of the signal, where top-1 accuracy begins to suffer. The figures measured are in
// docs/quantization.md; a change that loses 3 dB (half a bit) should be noticed, so the bounds are
// that much below them.
TEST_F(QuantizeModels, HelloWorldFollowsTheSine) {
  const Graph graph = ImportModel("hello_world_float");
  std::vector<Sample> samples;
  for (int i = 0; i < 200; ++i) samples.push_back({{6.2831853F * static_cast<float>(i) / 199}});
  Model8 model(Quantize(graph, samples));
  const double decibels = DecibelsOf(graph, &model, samples);
  RecordProperty("decibels", std::to_string(decibels));
  EXPECT_GT(decibels, 29);
}

TEST_F(QuantizeModels, AnomalyDetector) {
  const Graph graph = ImportModel("ad01_fp32");
  const std::vector<Sample> samples = GoldenInputs("ad01_fp32");
  Model8 model(Quantize(graph, samples));
  const double decibels = DecibelsOf(graph, &model, samples);
  RecordProperty("decibels", std::to_string(decibels));
  EXPECT_GT(decibels, 25.5);
}

TEST_F(QuantizeModels, ResnetOnCifar10) {
  const Graph graph = ImportModel("pretrainedResnet");
  DatasetOptions pixels;
  pixels.scale = 1.0F;  // this network was trained on 0 to 255
  const std::string folder = kShared + "/cifar10/";
  const auto calibration =
      LoadSamples({folder + "calibration500-images.idx4-ubyte.gz"}, graph, pixels);
  const auto test = LoadSamples({folder + "test2000-images.idx4-ubyte.gz"}, graph, pixels);
  Model8 model(Quantize(graph, calibration));
  const double decibels = DecibelsOf(graph, &model, {test.begin(), test.begin() + 200});
  RecordProperty("decibels", std::to_string(decibels));
  EXPECT_GT(decibels, 21.0);  // of the probabilities after softmax

  const auto labels = LoadLabels(folder + "test2000-labels.idx1-ubyte.gz");
  Model8 published(ImportModel("pretrainedResnet_quant"));
  const Accuracy theirs = EvaluateModel(published.model(), test, labels);
  const Accuracy ours = EvaluateModel(model.model(), test, labels);
  RecordProperty("int8_right", std::to_string(ours.right));
  EXPECT_EQ(theirs.right, 1523U) << "76.15 % of 2,000";
  EXPECT_GE(ours.right, theirs.right);
  EXPECT_GE(ours.right + 6, EvaluateFloat(graph, test, labels).right) << "0.3 points";
}

/// Beside the int8 models that the same float networks were published with.
TEST_F(QuantizeModels, AtLeastAsFaithfulAsThePublishedModels) {
  for (const auto& [float_name, int8_name] :
       {std::pair{"ad01_fp32", "ad01_int8"}, std::pair{"vww_96_float", "vww_96_int8"}}) {
    const Graph graph = ImportModel(float_name);
    const std::vector<Sample> samples = GoldenInputs(float_name);
    Model8 published(ImportModel(int8_name));
    const double theirs = DecibelsOf(graph, &published, samples);
    Model8 model(Quantize(graph, samples));
    const double ours = DecibelsOf(graph, &model, samples);
    RecordProperty(float_name, std::to_string(ours));
    EXPECT_GE(ours, theirs) << float_name;
  }
}

/// The promise of the MNIST example: int8 within 0.1 points of float on the 10,000.
TEST_F(QuantizeModels, MnistKeepsItsAccuracy) {
  const std::string path = QUAVER_MNIST_ONNX;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const Graph graph = ImportOnnx(ReadFile(path), path);
  DatasetOptions options;
  options.limit = 500;
  const std::string folder = kShared + "/mnist/";
  const auto calibration = LoadSamples({folder + "train-images-idx3-ubyte.gz"}, graph, options);
  const Graph quantized = Quantize(graph, calibration);
  const Quantization& input = quantized.tensor(quantized.inputs[0]).quantization;
  EXPECT_EQ(input.scale[0], 1.0F / 255) << "so that the input is the pixel minus 128";
  EXPECT_EQ(input.zero_point[0], -128);

  const auto test = LoadSamples({folder + "t10k-images-idx3-ubyte.gz"}, graph);
  const auto labels = LoadLabels(folder + "t10k-labels-idx1-ubyte.gz");
  const Accuracy as_float = EvaluateFloat(graph, test, labels);
  Model8 model(quantized);
  std::size_t told = 0;
  EvaluateOptions evaluation;
  evaluation.progress = [&](std::size_t done, std::size_t) { told = done; };
  const Accuracy as_int8 = EvaluateModel(model.model(), test, labels, evaluation);
  RecordProperty("float_right", std::to_string(as_float.right));
  RecordProperty("int8_right", std::to_string(as_int8.right));
  EXPECT_EQ(told, 10000U);
  EXPECT_EQ(as_float.right, 9941U) << "what PyTorch counts of the same network";
  EXPECT_GE(as_int8.right + 10, as_float.right);
  EXPECT_THROW(EvaluateFloat(graph, test, {1, 2, 3}), std::runtime_error) << "too few labels";
}

}  // namespace
}  // namespace quaver::compiler
