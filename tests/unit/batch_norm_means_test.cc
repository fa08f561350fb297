// Bias correction from the statistics of batch norms: what they say of a layer's inputs is what
// data shows.
#include "compiler/quantize/batch_norm_means.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "compiler/passes/passes.h"
#include "compiler/quantize/adapt.h"
#include "compiler/quantize/equalize.h"
#include "compiler/quantize/optimize.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

using Floats = std::vector<float>;

class NormalRandom {
 public:
  Floats Normal(std::size_t count, float sigma, float mean = 0) {
    std::normal_distribution<float> normal(mean, sigma);
    Floats values(count);
    for (float& value : values) value = normal(engine_);
    return values;
  }

 private:
  std::mt19937 engine_{20240607};
};

/// Of normal x: ReLU's mean by the formula of the clipped normal, E = m Phi(m/s) + s phi(m/s).
TEST(MeanOfNormal, IsThatOfTheClippedNormal) {
  const auto relu = [](double x) { return std::max(x, 0.0); };
  for (const double mean : {-2.0, -0.3, 0.0, 1.5}) {
    for (const double deviation : {0.01, 0.5, 2.0}) {
      const double z = mean / deviation;
      const double expected = mean * 0.5 * std::erfc(-z / std::sqrt(2.0)) +
                              deviation * std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
      // Steps of a fiftieth of the deviation.
      EXPECT_NEAR(MeanOfNormal(mean, deviation, relu), expected, 1e-4 * deviation);
    }
  }
  EXPECT_DOUBLE_EQ(MeanOfNormal(3, 0, relu), 3);
  EXPECT_NEAR(MeanOfNormal(3, 2, [](double x) { return x; }), 3, 1e-9);
}

/// 1x1 convolution, batch norm that knows its outputs, ReLU; depthwise; 1x1, batch norm, an average
/// of the pixels, fully connected.
class NormalizedNetwork {
 public:
  static constexpr std::int32_t kChannels = 6;

  NormalizedNetwork() {
    const TensorId x = builder_.Input({1, 16, 16, kChannels});
    const TensorId a = Normalized(x);
    const TensorId relu = builder_.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {a});
    const TensorId b = builder_.Add(
        DepthwiseConv2DOp{},
        {relu, builder_.Floats({1, 1, 1, kChannels}, random_.Normal(kChannels, 1)), kNoTensor});
    const TensorId c = Normalized(b);
    const TensorId mean = builder_.Add(ReduceOp{ReduceKind::kMean, {1, 2}, false}, {c});
    const TensorId d = builder_.Add(
        FullyConnectedOp{},
        {mean, builder_.Floats({4, kChannels}, random_.Normal(4 * kChannels, 1)), kNoTensor});
    graph = builder_.Finish({d});
    RunPasses(&graph);
    for (int s = 0; s < 64; ++s) samples.push_back({random_.Normal(16 * 16 * kChannels, 1)});
  }

  Graph graph;
  std::vector<Sample> samples;

 private:
  // The statistics are those of normal inputs x: mean 0, variance the sum of the squared weights.
  // Those of the second, whose inputs are not normal, are never measured.
  TensorId Normalized(TensorId x) {
    const Floats weights = random_.Normal(kChannels * kChannels, 0.5F);
    Floats variance(kChannels, 0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      variance[i / kChannels] += weights[i] * weights[i];
    }
    const TensorId layer = builder_.Add(
        Conv2DOp{}, {x, builder_.Floats({kChannels, 1, 1, kChannels}, weights), kNoTensor});
    const auto constant = [&](const Floats& values) {
      return builder_.Floats({kChannels}, values);
    };
    return builder_.Add(BatchNormOp{0}, {layer, constant(random_.Normal(kChannels, 1, 0.5F)),
                                         constant(random_.Normal(kChannels, 1)),
                                         constant(Floats(kChannels, 0)), constant(variance)});
  }

  NormalRandom random_;
  GraphBuilder builder_;
};

void ExpectMeansOfData(const Graph& graph, const std::vector<Sample>& samples, std::size_t node) {
  const PatchStatistics found = CollectPatches(graph, samples, nullptr);
  const PatchStatistics expected = PatchesFromBatchNorms(graph);
  ASSERT_EQ(expected.count(node), 1U);
  ASSERT_EQ(expected.at(node).size(), found.at(node).size());
  for (std::size_t b = 0; b < found.at(node).size(); ++b) {
    ASSERT_EQ(expected.at(node)[b].sum.size(), found.at(node)[b].sum.size());
    for (std::size_t k = 0; k < found.at(node)[b].sum.size(); ++k) {
      // Of 16,384 patches of a deviation of about 1: four standard errors.
      EXPECT_NEAR(expected.at(node)[b].Mean(k), found.at(node)[b].Mean(k), 4.0 / 128) << b;
    }
  }
}

TEST(BatchNormMeans, AreThoseOfTheData) {
  NormalizedNetwork network;
  const PatchStatistics known = PatchesFromBatchNorms(network.graph);
  EXPECT_EQ(known.count(0), 0U) << "nothing is known of the input";
  ASSERT_EQ(network.graph.nodes.size(), 5U) << "batch norms and the ReLU are folded";
  ExpectMeansOfData(network.graph, network.samples, 1);
  EqualizeLayers(&network.graph);
  ExpectMeansOfData(network.graph, network.samples, 1);
}

TEST(BatchNormMeans, ReachLayersBehindAveragesOfPixels) {
  const NormalizedNetwork network;
  const PatchStatistics known = PatchesFromBatchNorms(network.graph);
  const std::size_t last = network.graph.nodes.size() - 1;
  ASSERT_EQ(known.count(last), 1U);
  const ChannelNormals& normals = network.graph.nodes[2].normals;
  ASSERT_EQ(normals.mean.size(), static_cast<std::size_t>(NormalizedNetwork::kChannels));
  for (std::size_t c = 0; c < normals.mean.size(); ++c) {
    EXPECT_NEAR(known.at(last)[0].Mean(c), static_cast<double>(normals.mean[c]), 1e-6);
  }
}

/// Weights that are all rounded up shift the outputs; the correction takes that back.
TEST(BatchNormMeans, CorrectTheBiasAsDataDoes) {
  const NormalizedNetwork network;
  QuantizationPlan plan = PlanQuantization(network.graph, network.samples, {});
  constexpr std::size_t kNode = 1;
  QuantizedLayer& layer = plan.layers.at(kNode);
  for (std::int8_t& weight : layer.weights) weight = static_cast<std::int8_t>(weight - 3);
  QuantizedLayer by_data = layer;
  const FloatLayer original = FloatLayerOf(plan.graph, kNode);
  const float scale =
      plan.shared.tensors[static_cast<std::size_t>(plan.graph.nodes[kNode].inputs[0])].scale[0];
  const auto analytic = PatchesFromBatchNorms(plan.graph).at(kNode);
  const auto measured = CollectPatches(plan.graph, network.samples, nullptr).at(kNode);
  CorrectBias(original, analytic, analytic, scale, &layer);
  CorrectBias(original, measured, measured, scale, &by_data);
  double all = 0;
  for (std::size_t c = 0; c < layer.bias.size(); ++c) {
    const auto size = std::abs(static_cast<double>(by_data.bias[c]));
    all += size;
    EXPECT_NEAR(layer.bias[c], by_data.bias[c], 0.1 * size + 2) << "as far as the means agree";
  }
  EXPECT_GT(all, 1000) << "there was something to correct";
}

TEST(BatchNormMeans, AreAStepOfOptimizeWhereThereAreAny) {
  const NormalizedNetwork network;
  QuantizeOptions options;
  options.optimize = true;
  std::vector<OptimizeStep> steps;
  static_cast<void>(OptimizeQuantization(network.graph, network.samples, options, &steps));
  ASSERT_EQ(steps.size(), 6U);
  EXPECT_EQ(steps[3].name, "bias correction, from batch norms");
}

}  // namespace
}  // namespace quaver::compiler
