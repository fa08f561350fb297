// What wins accuracy back after calibration, step by step and together.
#include "compiler/quantize/optimize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/execute/float_executor.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/adapt.h"
#include "compiler/quantize/equalize.h"
#include "compiler/quantize/fidelity.h"
#include "compiler/quantize/sensitivity.h"
#include "kernels/isa.h"
#include "quaver/quaver.hpp"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

class Random {
 public:
  std::vector<float> Normal(std::size_t count, float sigma = 1) {
    std::normal_distribution<float> normal(0, sigma);
    std::vector<float> values(count);
    for (float& value : values) value = normal(engine_);
    return values;
  }

 private:
  std::mt19937 engine_{20240521};
};

std::vector<Sample> Pictures(std::size_t count, std::size_t elements) {
  Random random;
  std::vector<Sample> samples;
  for (std::size_t s = 0; s < count; ++s) samples.push_back({random.Normal(elements)});
  return samples;
}

/// 1x1, depthwise 3x3, 1x1, as in MobileNet. Four of the sixteen channels between them are as good
/// as dead: their inputs are next to nothing and their depthwise weights, as folding a batch norm
/// of no variance leaves them, a thousand times those of the others.
Graph BadRanges(Activation activation = Activation::kRelu) {
  constexpr std::size_t kChannels = 16;
  Random random;
  std::vector<float> first = random.Normal(kChannels * 8, 0.4F);
  std::vector<float> depthwise = random.Normal(9 * kChannels, 0.4F);
  for (std::size_t c = 12; c < kChannels; ++c) {
    for (std::size_t k = 0; k < 8; ++k) first[c * 8 + k] *= 1e-6F;
    for (std::size_t k = 0; k < 9; ++k) depthwise[k * kChannels + c] *= 1000;
  }
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 8, 8, 8});
  Conv2DOp pointwise;
  pointwise.activation = activation;
  const TensorId a = builder.Add(pointwise, {x, builder.Floats({16, 1, 1, 8}, first),
                                             builder.Floats({16}, std::vector<float>(16, 0))});
  DepthwiseConv2DOp window;
  window.window.padding = {1, 1, 1, 1};
  window.activation = activation;
  const TensorId b = builder.Add(window, {a, builder.Floats({1, 3, 3, 16}, depthwise), kNoTensor});
  const TensorId c = builder.Add(
      Conv2DOp{}, {b, builder.Floats({4, 1, 1, 16}, random.Normal(64, 0.4F)), kNoTensor});
  return builder.Finish({c});
}

double Decibels(const Graph& graph, const Graph& quantized, const std::vector<Sample>& samples) {
  const CheckedModel compiled(Compile(quantized));
  return CompareOutputs(RunFloat(graph, samples, 2), RunInteger(compiled.model(), samples, 2))
      .Decibels();
}

/// The bounds: 8 bits through three layers leave some 35 dB; 10 dB would be noise of a third of
/// the signal.
std::vector<std::string> NamesOf(const PrecisionReport& report) {
  std::vector<std::string> names;
  for (const PrecisionReport::Layer& layer : report.layers) names.push_back(layer.name);
  return names;
}

/// The test vector of a compiled model on every instruction set of this machine.
void ExpectSelfTestOnEveryIsa(const Graph& quantized) {
  const CheckedModel compiled(Compile(quantized));
  int tested = 0;
  const auto test = [&](const char* isa) {
    SessionOptions options;
    options.isa = isa;
    const Result<std::size_t> bytes = compiled.model().ArenaBytes(options);
    if (!bytes) return;  // another machine's
    AlignedBytes arena(*bytes);
    Result<Session> session = Session::Create(compiled.model(), arena.span(), options);
    ASSERT_TRUE(session.ok()) << isa;
    EXPECT_TRUE(session->SelfTest().ok()) << isa;
    ++tested;
  };
#define QUAVER_X(name, text, fallback) test(text);
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  EXPECT_GE(tested, 1);
}

/// How many tensors of a graph are int16.
std::ptrdiff_t CountInt16(const Graph& graph) {
  return std::count_if(graph.tensors.begin(), graph.tensors.end(),
                       [](const Tensor& tensor) { return tensor.type == DataType::kInt16; });
}

TEST(BadRanges, CollapseByTensorAndAreRecoveredByChannelAndByEqualization) {
  const Graph graph = BadRanges();
  const std::vector<Sample> samples = Pictures(20, 512);
  QuantizeOptions by_channel;
  QuantizeOptions by_tensor;
  by_tensor.scheme.per_channel_weights = false;
  EXPECT_LT(Decibels(graph, Quantize(graph, samples, by_tensor), samples), 1);
  EXPECT_GT(Decibels(graph, Quantize(graph, samples, by_channel), samples), 30);
  Graph equalized = graph;
  EqualizeLayers(&equalized);
  EXPECT_GT(Decibels(graph, Quantize(equalized, samples, by_tensor), samples), 30);
  // `optimize` finds that out by itself.
  by_tensor.optimize = true;
  std::vector<OptimizeStep> steps;
  EXPECT_GT(Decibels(graph, Quantize(graph, samples, by_tensor, &steps), samples), 30);
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[1].name, "cross-layer equalization");
  EXPECT_TRUE(steps[1].kept);
  EXPECT_GT(steps[1].decibels, steps[0].decibels + 20);
}

TEST(BadRanges, CollapseByTensorAndAreRecoveredByMixedPrecision) {
  const Graph graph = BadRanges();
  const std::vector<Sample> samples = Pictures(20, 512);
  QuantizeOptions options;
  options.scheme.per_channel_weights = false;
  // Noise of a thousandth: 30 dB. One layer is worth it, the depthwise one; its neighbours compute
  // in int16 with it.
  options.target_drop = 0.1;
  PrecisionReport report;
  const Graph mixed = Quantize(graph, samples, options, nullptr, nullptr, &report);
  EXPECT_TRUE(report.met);
  EXPECT_FALSE(report.by_accuracy);
  EXPECT_EQ(NamesOf(report), std::vector<std::string>{graph.nodes[1].name});
  ASSERT_EQ(report.tries.size(), 2U);
  EXPECT_LT(report.tries[0].score, 1);
  EXPECT_EQ(report.tries[0].int16_macs, 0U);
  EXPECT_GT(report.tries[1].score, 30);
  EXPECT_EQ(report.tries[1].int16_macs, report.tries[1].macs);
  EXPECT_GT(Decibels(graph, mixed, samples), 30);
  ExpectSelfTestOnEveryIsa(mixed);
  // Input and output are those of an int8 model.
  EXPECT_EQ(mixed.tensor(mixed.inputs[0]).type, DataType::kInt8);
  EXPECT_EQ(mixed.tensor(mixed.outputs[0]).type, DataType::kInt8);
}

/// The same layers, but half of the channels between the first two are a thousand times as loud as
/// the others, which the depthwise weights take back: the outputs need both halves.
Graph LoudChannels() {
  constexpr std::size_t kChannels = 16;
  Random random;
  std::vector<float> first = random.Normal(kChannels * 8, 0.4F);
  std::vector<float> depthwise = random.Normal(9 * kChannels, 0.4F);
  for (std::size_t c = 8; c < kChannels; ++c) {
    for (std::size_t k = 0; k < 8; ++k) first[c * 8 + k] *= 1000;
    for (std::size_t k = 0; k < 9; ++k) depthwise[k * kChannels + c] *= 0.001F;
  }
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 8, 8, 8});
  Conv2DOp pointwise;
  pointwise.activation = Activation::kRelu;
  const TensorId a = builder.Add(pointwise, {x, builder.Floats({16, 1, 1, 8}, first), kNoTensor});
  DepthwiseConv2DOp window;
  window.window.padding = {1, 1, 1, 1};
  const TensorId b = builder.Add(window, {a, builder.Floats({1, 3, 3, 16}, depthwise), kNoTensor});
  return builder.Finish({builder.Add(
      Conv2DOp{}, {b, builder.Floats({4, 1, 1, 16}, random.Normal(64, 0.4F)), kNoTensor})});
}

/// Here scales by channel do not help: activations have one scale. 256 steps leave the quiet half
/// nothing, 65,536 leave it 65.
TEST(LoudChannels, CollapseAlsoByChannelAndAreRecoveredByInt16) {
  const Graph graph = LoudChannels();
  const std::vector<Sample> samples = Pictures(20, 512);
  QuantizeOptions options;
  EXPECT_LT(Decibels(graph, Quantize(graph, samples, options), samples), 8);
  options.int16_layers = {graph.nodes[0].name};
  const Graph forced = Quantize(graph, samples, options);
  EXPECT_GT(Decibels(graph, forced, samples), 25);
  EXPECT_EQ(CountInt16(forced), 3) << "the loud tensor, the input's twin, the depthwise output's";
  options.int16_layers.clear();
  options.target_drop = 0.5;
  PrecisionReport report;
  const Graph chosen = Quantize(graph, samples, options, nullptr, nullptr, &report);
  EXPECT_TRUE(report.met);
  EXPECT_LT(report.tries[0].score, 8);
  EXPECT_EQ(report.layers.size(), 1U);
  EXPECT_GT(Decibels(graph, chosen, samples), 23);
  // With the steps of `optimize` before it, equalization leaves nothing to do.
  options.optimize = true;
  PrecisionReport optimized;
  EXPECT_GT(
      Decibels(graph, Quantize(graph, samples, options, nullptr, nullptr, &optimized), samples),
      23);
  EXPECT_TRUE(optimized.layers.empty());
  Graph equalized = graph;
  EqualizeLayers(&equalized);
  EXPECT_GT(Decibels(graph, Quantize(equalized, samples), samples), 25);
}

TEST(MixedPrecision, LooksAtAccuracyWhereThereAreLabels) {
  const Graph graph = LoudChannels();
  const std::vector<Sample> samples = Pictures(40, 512);
  QuantizeOptions options;
  // Of eight held out, one may be wrong: the int8 outputs may have equal largest ones.
  options.target_drop = 13;
  // The float network's own answers: it is always right.
  for (const Outputs& outputs : RunFloat(graph, samples, 2)) {
    options.labels.push_back(static_cast<std::int32_t>(
        std::max_element(outputs[0].begin(), outputs[0].end()) - outputs[0].begin()));
  }
  PrecisionReport report;
  const Graph mixed = Quantize(graph, samples, options, nullptr, nullptr, &report);
  EXPECT_TRUE(report.by_accuracy);
  EXPECT_EQ(report.float_accuracy, 100);
  EXPECT_TRUE(report.met);
  EXPECT_LT(report.tries[0].score, 87);
  EXPECT_FALSE(report.layers.empty());
  ExpectSelfTestOnEveryIsa(mixed);
}

TEST(MixedPrecision, SaysWhenTheTargetIsOutOfReach) {
  const Graph graph = BadRanges();
  QuantizeOptions options;
  options.target_drop = 1e-6;  // 80 dB: the int8 output alone loses more.
  PrecisionReport report;
  Quantize(graph, Pictures(20, 512), options, nullptr, nullptr, &report);
  EXPECT_FALSE(report.met);
  EXPECT_EQ(report.tries.size(), 4U) << "0, 1, 2 and all 3 layers";
}

TEST(MixedPrecision, RefusesLayersThatAreNotThere) {
  QuantizeOptions options;
  options.int16_layers = {"nobody"};
  try {
    Quantize(BadRanges(), Pictures(10, 512), options);
    FAIL();
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("no layer 'nobody'"), std::string::npos) << message;
    EXPECT_NE(message.find(BadRanges().nodes[1].name), std::string::npos) << message;
  }
}

TEST(Equalize, ChangesNoOutput) {
  const Graph graph = BadRanges();
  Graph equalized = graph;
  const std::vector<Equalization> pairs = EqualizeLayers(&equalized);
  ASSERT_EQ(pairs.size(), 2U);
  for (const Equalization& pair : pairs) {
    EXPECT_EQ(pair.reason, "");
    EXPECT_LT(pair.after, pair.before) << pair.first;
  }
  const std::vector<Sample> samples = Pictures(3, 512);
  const std::vector<Outputs> expected = RunFloat(graph, samples, 1);
  const std::vector<Outputs> found = RunFloat(equalized, samples, 1);
  for (std::size_t s = 0; s < samples.size(); ++s) {
    for (std::size_t i = 0; i < expected[s][0].size(); ++i) {
      // Each of the factors rounds once: a few last places of a float.
      EXPECT_NEAR(found[s][0][i], expected[s][0][i], 1e-4);
    }
  }
}

TEST(Equalize, LeavesClippedLayersAloneAndSaysSo) {
  Graph graph = BadRanges(Activation::kRelu6);
  const std::vector<Equalization> pairs = EqualizeLayers(&graph);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_NE(pairs[0].reason.find("clips"), std::string::npos) << pairs[0].reason;
  EXPECT_EQ(pairs[0].before, pairs[0].after);
}

/// x -> fully connected, with inputs that go up and down together.
struct Correlated {
  Graph graph;
  std::vector<Sample> samples;

  Correlated() {
    Random random;
    GraphBuilder builder;
    const TensorId x = builder.Input({1, 24});
    graph = builder.Finish(
        {builder.Add(FullyConnectedOp{}, {x, builder.Floats({6, 24}, random.Normal(144)),
                                          builder.Floats({6}, random.Normal(6))})});
    for (int s = 0; s < 200; ++s) {
      const float common = random.Normal(1)[0];
      std::vector<float> values = random.Normal(24, 0.2F);
      for (float& value : values) value += common + 0.5F;
      samples.push_back({values});
    }
  }
};

// The layer's squared output error over the samples, its mean by channel taken out.
double ErrorOf(const FloatLayer& layer, const QuantizedLayer& quantized,
               const std::vector<Sample>& samples) {
  double total = 0;
  for (std::size_t c = 0; c < layer.channels; ++c) {
    double sum = 0;
    double squares = 0;
    for (const Sample& sample : samples) {
      double error = 0;
      for (std::size_t k = 0; k < layer.depth(); ++k) {
        const std::size_t i = layer.Index(c, k);
        error += (static_cast<double>(layer.weights[i]) -
                  static_cast<double>(quantized.weights_quantization.scale[c]) *
                      static_cast<double>(quantized.weights[i])) *
                 static_cast<double>(sample[0][k]);
      }
      sum += error;
      squares += error * error;
    }
    const auto count = static_cast<double>(samples.size());
    total += squares - sum * sum / count;
  }
  return total;
}

TEST(AdaptRounding, LetsWeightsMakeGoodEachOthersErrors) {
  const Correlated network;
  const PatchStatistics patches =
      CollectPatches(network.graph, network.samples, nullptr, {true, 1 << 20, 2, nullptr});
  const FloatLayer layer = FloatLayerOf(network.graph, 0);
  // Four bits would show it best, but the scales of eight do too.
  QuantizedLayer nearest =
      QuantizeLayer(layer.weights, layer.bias, 6, ChannelAxis::kFirst, 0.05F, 0.05F);
  QuantizedLayer adapted = nearest;
  AdaptRounding(layer, patches.at(0), &adapted);
  EXPECT_LT(ErrorOf(layer, adapted, network.samples),
            0.5 * ErrorOf(layer, nearest, network.samples));
  EXPECT_EQ(adapted.weights_quantization.scale, nearest.weights_quantization.scale);
}

TEST(CorrectBias, TakesTheMeanErrorAway) {
  const Correlated network;
  const PatchStatistics patches =
      CollectPatches(network.graph, network.samples, nullptr, {false, 1 << 20, 2, nullptr});
  EXPECT_EQ(patches.at(0)[0].count, 200);
  EXPECT_NEAR(patches.at(0)[0].Mean(3), 0.5, 0.2);
  const FloatLayer layer = FloatLayerOf(network.graph, 0);
  constexpr float kInputScale = 0.05F;
  QuantizedLayer quantized =
      QuantizeLayer(layer.weights, {}, 6, ChannelAxis::kFirst, kInputScale, 0.05F);
  // No bias at all, though the float layer has one: the correction finds it.
  CorrectBias(layer, patches.at(0), patches.at(0), kInputScale, &quantized);
  for (std::size_t c = 0; c < 6; ++c) {
    double mean = static_cast<double>(layer.bias[c]) -
                  static_cast<double>(quantized.bias_quantization.scale[c]) * quantized.bias[c];
    for (std::size_t k = 0; k < 24; ++k) {
      mean += (static_cast<double>(layer.weights[c * 24 + k]) -
               static_cast<double>(quantized.weights_quantization.scale[c]) *
                   static_cast<double>(quantized.weights[c * 24 + k])) *
              patches.at(0)[0].Mean(k);
    }
    // Half a step of the bias.
    EXPECT_LE(std::abs(mean), 0.501 * static_cast<double>(quantized.bias_quantization.scale[c]));
  }
}

TEST(Patches, DoNotDependOnThreads) {
  Graph graph = BadRanges();
  const std::vector<Sample> samples = Pictures(9, 512);
  const PatchStatistics one = CollectPatches(graph, samples, nullptr, {true, 300, 1, nullptr});
  const PatchStatistics three = CollectPatches(graph, samples, nullptr, {true, 300, 3, nullptr});
  ASSERT_EQ(one.size(), 3U);
  EXPECT_EQ(one.at(1).size(), 16U) << "depthwise: one for each input channel";
  EXPECT_EQ(one.at(1)[0].sum.size(), 9U);
  for (const auto& [node, blocks] : one) {
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      EXPECT_EQ(blocks[b].sum, three.at(node)[b].sum);
      EXPECT_EQ(blocks[b].products, three.at(node)[b].products);
    }
  }
}

TEST(Sensitivity, NamesTheWorstLayerFirst) {
  const Graph graph = BadRanges();
  const std::vector<Sample> samples = Pictures(12, 512);
  QuantizeOptions options;
  options.scheme.per_channel_weights = false;
  const QuantizationPlan plan = PlanQuantization(graph, samples, options);
  const std::vector<LayerSensitivity> layers =
      AnalyzeSensitivity(plan.graph, plan.shared, plan.layers, samples, 2);
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[0].node, 1U) << "the depthwise convolution";
  EXPECT_LT(layers[0].decibels, 1);
  EXPECT_GT(layers[1].decibels, 20);
}

TEST(Optimize, NeedsSomeSamplesToMeasureWith) {
  QuantizeOptions options;
  options.optimize = true;
  EXPECT_THROW(Quantize(BadRanges(), Pictures(9, 512), options), std::runtime_error);
}

}  // namespace
}  // namespace quaver::compiler
