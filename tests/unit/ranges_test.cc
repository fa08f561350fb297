// Calibration: what is counted over the samples, and the range that each method makes of it.
#include "compiler/quantize/ranges.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "compiler/ir/error.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

using Histogram = std::vector<std::uint64_t>;

/// Values of 0 to 1, evenly spread.
Histogram Even(std::uint64_t count) { return Histogram(kHistogramBins, count); }

/// A hump: counts of exp(-(x / sigma)^2 / 2) over [-1, 1], times a million.
Histogram Normal(double sigma) {
  Histogram histogram;
  for (std::size_t b = 0; b < kHistogramBins; ++b) {
    const double x = 2 * (static_cast<double>(b) + 0.5) / kHistogramBins - 1;
    histogram.push_back(static_cast<std::uint64_t>(1e6 * std::exp(-x * x / (2 * sigma * sigma))));
  }
  return histogram;
}

TEST(MovingAverage, MovesByAHundredthOfTheDifference) {
  const ValueRange range = MovingAverageRange({{0, 10}, {-1, 20}, {0, 10}});
  EXPECT_FLOAT_EQ(range.min, -0.01F * 0.99F);
  EXPECT_FLOAT_EQ(range.max, 10.1F - 0.001F);
  EXPECT_TRUE(MovingAverageRange({}).empty());
}

TEST(Percentile, LeavesOutAShareOfTheValues) {
  // One side: 1 % of the values are above 0.99, to within a bin.
  const ValueRange one = PercentileRange(Even(7), {0, 1}, 99);
  EXPECT_EQ(one.min, 0);
  EXPECT_NEAR(one.max, 0.99, 1.0 / kHistogramBins);
  // Two sides: 1 % on each.
  const ValueRange two = PercentileRange(Even(7), {-1, 1}, 98);
  EXPECT_NEAR(two.min, -0.98, 2.0 / kHistogramBins);
  EXPECT_NEAR(two.max, 0.98, 2.0 / kHistogramBins);
  const ValueRange all = PercentileRange(Even(7), {-1, 1}, 100);
  EXPECT_EQ(all.min, -1);
  EXPECT_EQ(all.max, 1);
}

TEST(Percentile, ForgetsOneOutlier) {
  Histogram histogram(kHistogramBins, 0);
  for (std::size_t b = 0; b < kHistogramBins / 8; ++b) histogram[b] = 1000;
  histogram.back() = 1;
  EXPECT_NEAR(PercentileRange(histogram, {0, 8}, 99.99F).max, 1, 0.01);
}

TEST(LeastSquares, KeepsWhatIsEvenlySpread) {
  const ValueRange range = LeastSquaresRange(Even(100), {-1, 1});
  EXPECT_EQ(range.min, -1);
  EXPECT_EQ(range.max, 1);
}

/// The best 8-bit clipping of a normal distribution is at 3.9 sigma (Banner et al., Post training
/// 4-bit quantization of convolutional networks, 2019, from equation 5 with 8 bits).
TEST(LeastSquares, ClipsANormalDistributionWhereTheoryDoes) {
  const double sigma = 0.1;
  const ValueRange range = LeastSquaresRange(Normal(sigma), {-1, 1});
  EXPECT_NEAR(range.max / sigma, 3.9, 0.25);
  EXPECT_NEAR(range.min / sigma, -3.9, 0.25);
}

TEST(Entropy, KeepsWhatIsEvenlySpreadAndClipsTails) {
  const ValueRange even = EntropyRange(Even(100), {-1, 1});
  EXPECT_EQ(even.min, -1);
  EXPECT_EQ(even.max, 1);
  const ValueRange normal = EntropyRange(Normal(0.1), {-1, 1});
  EXPECT_LT(normal.max, 0.7F);
  EXPECT_GT(normal.max, 0.25F);
  EXPECT_NEAR(normal.min, -normal.max, 0.01);
}

TEST(Entropy, IsNotLedByTheZerosOfRelu) {
  Histogram histogram = Even(100);
  histogram[0] = 100'000'000;
  EXPECT_EQ(EntropyRange(histogram, {0, 1}).max, 1);
}

/// y = Relu(x + 1), over samples of 4 values.
struct ReluNetwork {
  Graph graph;
  TensorId x, sum, y;
  std::vector<Sample> samples;

  ReluNetwork() {
    GraphBuilder builder;
    x = builder.Input({1, 4});
    sum = builder.Add(BinaryOp{BinaryKind::kAdd, Activation::kNone},
                      {x, builder.Floats({1, 4}, {1, 1, 1, 1})});
    y = builder.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {sum});
    graph = builder.Finish({y});
    for (int s = 0; s < 100; ++s) {
      const auto value = static_cast<float>(s);
      samples.push_back({{-value, 0, value, value / 2}});
    }
  }
};

TEST(Statistics, CountEveryValueWhateverTheThreads) {
  const ReluNetwork network;
  std::vector<std::vector<TensorStatistics>> by_threads;
  for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{5}}) {
    by_threads.push_back(CollectStatistics(network.graph, network.samples, {true, threads, {}}));
  }
  for (TensorId id : {network.x, network.sum, network.y}) {
    const auto t = static_cast<std::size_t>(id);
    const TensorStatistics& tensor = by_threads[0][t];
    EXPECT_EQ(std::accumulate(tensor.histogram.begin(), tensor.histogram.end(), std::uint64_t{0}),
              400U);
    ASSERT_EQ(tensor.samples.size(), 100U);
    for (const auto& other : by_threads) {
      EXPECT_EQ(other[t].histogram, tensor.histogram);
      for (std::size_t s = 0; s < tensor.samples.size(); ++s) {
        EXPECT_EQ(other[t].samples[s].min, tensor.samples[s].min);
        EXPECT_EQ(other[t].samples[s].max, tensor.samples[s].max);
      }
    }
  }
  const ValueRange range = by_threads[0][static_cast<std::size_t>(network.sum)].Range();
  EXPECT_EQ(range.min, -98);
  EXPECT_EQ(range.max, 100);
}

TEST(Statistics, ProgressReachesTheEnd) {
  const ReluNetwork network;
  std::size_t calls = 0;
  std::size_t last = 0;
  const auto statistics = CollectStatistics(network.graph, network.samples,
                                            {true, 2, [&](std::size_t done, std::size_t total) {
                                               EXPECT_EQ(total, 200U);
                                               ++calls;
                                               last = done;
                                             }});
  EXPECT_EQ(calls, 200U);
  EXPECT_EQ(last, 200U);
}

TEST(Statistics, RefuseWhatIsNotFinite) {
  ReluNetwork network;
  network.samples[57][0][2] = std::nanf("");
  EXPECT_THROW(CollectStatistics(network.graph, network.samples, {true, 2, {}}), Error);
  EXPECT_THROW(CollectStatistics(network.graph, {}, {}), Error);
}

TEST(Ranges, OfInputsAreNeverClipped) {
  const ReluNetwork network;
  const auto statistics = CollectStatistics(network.graph, network.samples, {true, 1, {}});
  RangeOptions options;
  options.method = RangeMethod::kPercentile;
  options.percentile = 80;
  const std::vector<ValueRange> ranges = ChooseRanges(network.graph, statistics, options);
  EXPECT_EQ(ranges[static_cast<std::size_t>(network.x)].max, 99);
  EXPECT_LT(ranges[static_cast<std::size_t>(network.y)].max, 99);
}

}  // namespace
}  // namespace quaver::compiler
