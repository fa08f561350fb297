// Weights of fewer bits than eight: the values that they take, how near they are, which layers.
#include "compiler/quantize/weight_form.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>

#include "compiler/compile.h"
#include "compiler/compress/compress.h"
#include "compiler/emit/checked_model.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/codebook.h"
#include "compiler/quantize/fidelity.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

std::vector<float> Normal(std::size_t count, float sigma = 1) {
  std::mt19937 engine(20240521);
  std::normal_distribution<float> normal(0, sigma);
  std::vector<float> values(count);
  for (float& value : values) value = normal(engine);
  return values;
}

/// 16 channels of 200 normal weights whose magnitudes differ by channel.
FloatLayer SomeLayer(ChannelAxis axis = ChannelAxis::kFirst) {
  FloatLayer layer;
  layer.channels = 16;
  layer.axis = axis;
  layer.weights = Normal(16 * 200, 0.1F);
  for (std::size_t c = 0; c < 16; ++c) {
    for (std::size_t k = 0; k < 200; ++k) {
      layer.weights[layer.Index(c, k)] *= static_cast<float>(c + 1);
    }
  }
  layer.bias.assign(16, 0.5F);
  return layer;
}

QuantizedLayer Apply(const FloatLayer& layer, const std::string& form,
                     std::vector<bool> pruned = {}) {
  QuantizedLayer result =
      QuantizeLayer(layer.weights, layer.bias, layer.channels, layer.axis, 0.02F, 0.1F);
  ApplyWeightForm(layer, *ParseWeightForm(form), std::move(pruned), 0.02F, 0.1F, {}, &result);
  return result;
}

double Decibels(const FloatLayer& layer, const QuantizedLayer& quantized) {
  SignalToNoise ratio;
  std::vector<float> found(layer.weights.size());
  for (std::size_t c = 0; c < layer.channels; ++c) {
    for (std::size_t k = 0; k < layer.depth(); ++k) {
      const std::size_t i = layer.Index(c, k);
      found[i] = quantized.weights_quantization.scale[c] * static_cast<float>(quantized.weights[i]);
    }
  }
  ratio.Add(layer.weights, found);
  return ratio.Decibels();
}

TEST(WeightForm, HasNames) {
  for (const char* name : {"int8", "int4", "int4-g32", "int4-g8", "ternary", "binary", "pow2",
                           "codebook4", "codebook16", "codebook256"}) {
    const auto form = ParseWeightForm(name);
    ASSERT_TRUE(form) << name;
    EXPECT_EQ(WeightFormName(*form), name);
  }
  for (const char* name : {"", "int3", "int4-g", "int4-g4", "int4-g50", "int4-g99999", "int4-g3x",
                           "codebook5", "codebook", "Ternary"}) {
    EXPECT_FALSE(ParseWeightForm(name)) << name;
  }
}

/// Of normal weights the optimal quantizers' ratios are known: 4 entries 9.3 dB, 16 entries 20.2 dB
/// (Max, Quantizing for minimum distortion, 1960); one bit 4.4 dB; TWN's threshold 7.2 dB.
TEST(WeightForm, IsAsNearAsTheTheorySays) {
  struct Case {
    const char* form;
    double least, most;
    std::size_t values;
  };
  for (const ChannelAxis axis : {ChannelAxis::kFirst, ChannelAxis::kLast}) {
    const FloatLayer layer = SomeLayer(axis);
    for (const Case& c : {Case{"binary", 4.2, 4.6, 2},
                          {"ternary", 6.8, 7.4, 3},
                          {"codebook4", 8.6, 9.6, 4},
                          {"codebook16", 19.4, 21, 16},
                          {"int4", 18.8, 20.0, 16},
                          {"pow2", 14, 18, 15},
                          {"codebook256", 20.0, 22.5, 255},
                          {"int8", 38, 45, 255}}) {
      const QuantizedLayer quantized = Apply(layer, c.form);
      EXPECT_GE(Decibels(layer, quantized), c.least) << c.form;
      EXPECT_LE(Decibels(layer, quantized), c.most) << c.form;
      const std::set<std::int8_t> values(quantized.weights.begin(), quantized.weights.end());
      EXPECT_LE(values.size(), c.values) << c.form;
      for (std::size_t ch = 0; ch < layer.channels; ++ch) {
        const double bias_scale = static_cast<double>(quantized.bias_quantization.scale[ch]);
        EXPECT_NEAR(quantized.bias[ch] * bias_scale, 0.5, bias_scale);
      }
    }
  }
}

TEST(WeightForm, GroupsOfInt4AreNearer) {
  FloatLayer layer = SomeLayer();
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    if (i % 200 / 64 == 1) layer.weights[i] *= 8;
  }
  const QuantizedLayer grouped = Apply(layer, "int4-g64");
  EXPECT_GT(Decibels(layer, grouped), Decibels(layer, Apply(layer, "int4")) + 0.3);
  EXPECT_EQ(grouped.grid.multipliers.size(), 16U * 4);
  const auto compressed = CompressWeights(grouped.weights, 16);
  ASSERT_TRUE(compressed);
  EXPECT_EQ(compressed->table.bits, 4);
  EXPECT_FALSE(compressed->table.multipliers.empty());
}

TEST(WeightForm, StoresSoManyBits) {
  const FloatLayer layer = SomeLayer();
  const auto bytes = [&](const char* form) {
    return CompressWeights(Apply(layer, form).weights, 16)->bytes();
  };
  const std::size_t count = layer.weights.size();
  EXPECT_EQ(bytes("binary"), count / 8 + 2);
  EXPECT_EQ(bytes("codebook4"), count / 4 + 4);
  EXPECT_EQ(bytes("codebook16"), count / 2 + 16);
  EXPECT_EQ(bytes("int4"), count / 2 + 16);
  EXPECT_EQ(bytes("pow2"), count / 2 + 16);
  EXPECT_LE(bytes("codebook256"), count / 2 + 512);
  // A bit for each weight and one more for those that are not 0, 58 % of normal ones.
  EXPECT_LT(bytes("ternary"), count / 8 * 8 / 5);
}

TEST(WeightForm, LeavesPrunedWeightsAtZero) {
  const FloatLayer layer = SomeLayer();
  WeightOptions options;
  options.prune = 0.5;
  const std::vector<bool> pruned = PruneWeights({layer}, options)[0];
  EXPECT_EQ(std::count(pruned.begin(), pruned.end(), true), 1600);
  float largest = 0;
  float smallest = 100;
  for (std::size_t i = 0; i < pruned.size(); ++i) {
    const float magnitude = std::abs(layer.weights[i]);
    if (pruned[i]) {
      largest = std::max(largest, magnitude);
    } else {
      smallest = std::min(smallest, magnitude);
    }
  }
  EXPECT_LE(largest, smallest);
  for (const char* form : {"int8", "int4", "int4-g32", "ternary", "binary", "pow2", "codebook16"}) {
    const QuantizedLayer quantized = Apply(layer, form, pruned);
    for (std::size_t i = 0; i < pruned.size(); ++i) {
      ASSERT_TRUE(!pruned[i] || quantized.weights[i] == 0) << form;
    }
    EXPECT_TRUE(CompressWeights(quantized.weights, 16)) << form;
  }
}

TEST(WeightForm, PrunesOfEachLayerOrOfAll) {
  FloatLayer small = SomeLayer();
  FloatLayer large = SomeLayer();
  for (float& weight : small.weights) weight *= 0.001F;
  WeightOptions options;
  options.prune = 0.5;
  const auto count = [](const std::vector<bool>& pruned) {
    return std::count(pruned.begin(), pruned.end(), true);
  };
  const auto each = PruneWeights({small, large}, options);
  EXPECT_EQ(count(each[0]), 1600);
  EXPECT_EQ(count(each[1]), 1600);
  options.prune_globally = true;
  const auto all = PruneWeights({small, large}, options);
  EXPECT_EQ(count(all[0]) + count(all[1]), 3200);
  EXPECT_GT(count(all[0]), 3100);
}

TEST(Codebook, FindsWhatIsThere) {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i % 4 * 30.0 - 50 + i % 3 * 0.2);
  const std::vector<double> importance(values.size(), 1);
  const auto codebook = MakeCodebook(values, importance, 4, 1);
  EXPECT_EQ(codebook, (std::vector<std::int8_t>{-50, -20, 10, 40}));
  EXPECT_EQ(MakeCodebook(values, importance, 4, 1), codebook);
  const auto found = LookUpNearest({-51, 39, -4.9, -5.1}, std::vector<double>(4, 1), codebook, 1);
  EXPECT_EQ(found, (std::vector<std::int8_t>{-50, 40, 10, -20}));
  EXPECT_TRUE(MakeCodebook({}, {}, 4, 1).empty());
}

/// Three fully connected layers and their names.
Graph ThreeLayers() {
  GraphBuilder builder;
  TensorId x = builder.Input({1, 32});
  for (int i = 0; i < 3; ++i) {
    FullyConnectedOp op;
    op.activation = i < 2 ? Activation::kRelu : Activation::kNone;
    x = builder.Add(op, {x, builder.Floats({32, 32}, Normal(1024, 0.2F)), kNoTensor});
  }
  Graph graph = builder.Finish({x});
  graph.nodes[0].name = "net/first";
  graph.nodes[1].name = "net/middle";
  graph.nodes[2].name = "head";
  return graph;
}

TEST(SelectLayers, LeavesTheFirstAndTheLastUnlessTold) {
  const Graph graph = ThreeLayers();
  const auto select = [&](const std::vector<std::string>& patterns) {
    WeightOptions options;
    options.layers = patterns;
    return SelectLayers(graph, options);
  };
  using Nodes = std::vector<std::size_t>;
  EXPECT_EQ(select({}), (Nodes{1}));
  EXPECT_EQ(select({"*"}), (Nodes{0, 1, 2}));
  EXPECT_EQ(select({"head", "net/f*"}), (Nodes{0, 2}));
  EXPECT_EQ(select({"net/?i*"}), (Nodes{0, 1}));
  try {
    select({"tail"});
    ADD_FAILURE() << "no layer is called so";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("'tail'"), std::string::npos) << text;
    EXPECT_NE(text.find("'net/middle'"), std::string::npos) << text;
  }
}

std::vector<Sample> SomeSamples() {
  std::vector<Sample> samples;
  const std::vector<float> values = Normal(std::size_t{20} * 32);
  for (std::size_t s = 0; s < 20; ++s) {
    samples.push_back({{values.begin() + static_cast<std::ptrdiff_t>(s * 32),
                        values.begin() + static_cast<std::ptrdiff_t>(s * 32 + 32)}});
  }
  return samples;
}

TEST(Quantize, GivesLayersTheirForm) {
  const Graph graph = ThreeLayers();
  for (const char* form : {"int4", "ternary", "binary", "pow2", "codebook16", "codebook256"}) {
    for (const bool optimize : {false, true}) {
      QuantizeOptions options;
      options.weights.form = *ParseWeightForm(form);
      options.optimize = optimize;
      std::vector<WeightSummary> layers;
      const Graph quantized = Quantize(graph, SomeSamples(), options, nullptr, &layers);
      ASSERT_EQ(layers.size(), 3U);
      EXPECT_EQ(layers[0].compressed_bytes, 1024U) << form;
      EXPECT_LT(layers[1].compressed_bytes, form[0] == 'c' && form[8] == '2' ? 1025U : 540U)
          << form << optimize;
      EXPECT_GT(layers[0].decibels, 35) << form;
      EXPECT_LT(layers[1].decibels, 35) << form;
      CompileOptions compile;
      compile.weights = WeightStorage::kExpandAtLoad;
      const CheckedModel checked(Compile(quantized, compile));
      const fb::Model& root = *checked.model().root();
      // As the report says.
      for (std::uint32_t op = 0, layer = 0; op < root.operators()->size(); ++op) {
        const auto weights = root.operators()->Get(op)->inputs()->Get(1);
        EXPECT_EQ(StoredBytes(root, *root.tensors()->Get(static_cast<std::uint32_t>(weights))),
                  layers[layer++].compressed_bytes);
      }
    }
  }
}

TEST(Quantize, PrunesAndAdaptsWhatIsLeft) {
  QuantizeOptions options;
  options.weights.form = *ParseWeightForm("int4");
  options.weights.prune = 0.5;
  options.weights.layers = {"*"};
  options.optimize = true;
  std::vector<WeightSummary> layers;
  Quantize(ThreeLayers(), SomeSamples(), options, nullptr, &layers);
  for (const WeightSummary& layer : layers) {
    EXPECT_GE(layer.zeros, 512U);
    // A bit for each weight, four for each of the half.
    EXPECT_LE(layer.compressed_bytes, 1024U / 8 + 256 + 16);
  }
}

}  // namespace
}  // namespace quaver::compiler
