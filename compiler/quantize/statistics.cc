#include "compiler/quantize/statistics.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "compiler/execute/float_executor.h"
#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

using Histograms = std::vector<std::vector<std::uint64_t>>;

ValueRange RangeOf(const std::vector<float>& values, const Graph& graph, TensorId id) {
  ValueRange range;
  for (float value : values) {
    if (!std::isfinite(value)) {
      throw Error(TensorString(graph, id) + ": takes the value " + std::to_string(value) +
                  " on the representative data; check the model and how the data is scaled");
    }
    range.Include(value);
  }
  return range;
}

void Count(const std::vector<float>& values, const ValueRange& range,
           std::vector<std::uint64_t>* histogram) {
  const float bins_per_unit = static_cast<float>(kHistogramBins) / (range.max - range.min);
  for (float value : values) {
    const auto bin = static_cast<std::size_t>((value - range.min) * bins_per_unit);
    ++(*histogram)[std::min(bin, kHistogramBins - 1)];
  }
}

void CollectRanges(const Graph& graph, const std::vector<Sample>& samples,
                   const StatisticsOptions& options, const ProgressFunction& progress,
                   std::vector<TensorStatistics>* statistics) {
  // By sample, so that threads write to different places and the order is the data's.
  std::vector<std::vector<ValueRange>> ranges(samples.size());
  RunParallel(
      samples.size(), options.threads,
      [&] {
        const auto executor = std::make_shared<FloatExecutor>(graph);
        return [&, executor](std::size_t s) {
          ranges[s].resize(graph.tensors.size());
          executor->Run(samples[s], [&](TensorId id, const std::vector<float>& values) {
            ranges[s][static_cast<std::size_t>(id)] = RangeOf(values, graph, id);
          });
        };
      },
      progress);
  for (const std::vector<ValueRange>& sample : ranges) {
    for (std::size_t t = 0; t < sample.size(); ++t) {
      if (!sample[t].empty()) (*statistics)[t].samples.push_back(sample[t]);
    }
  }
}

void CollectHistograms(const Graph& graph, const std::vector<Sample>& samples,
                       const StatisticsOptions& options, const ProgressFunction& progress,
                       std::vector<TensorStatistics>* statistics) {
  std::vector<ValueRange> ranges;
  for (const TensorStatistics& tensor : *statistics) ranges.push_back(tensor.Range());
  const auto counted = [&](std::size_t t) {
    return !graph.tensors[t].constant() && ranges[t].min < ranges[t].max;
  };
  for (std::size_t t = 0; t < ranges.size(); ++t) {
    if (counted(t)) (*statistics)[t].histogram.assign(kHistogramBins, 0);
  }
  // Each thread counts for itself: sums of integers, whose order does not matter.
  std::mutex mutex;
  std::deque<Histograms> counts;
  RunParallel(
      samples.size(), options.threads,
      [&] {
        const auto executor = std::make_shared<FloatExecutor>(graph);
        const std::lock_guard<std::mutex> lock(mutex);
        Histograms* own = &counts.emplace_back(graph.tensors.size());
        return [&, executor, own](std::size_t s) {
          executor->Run(samples[s], [&](TensorId id, const std::vector<float>& values) {
            const auto t = static_cast<std::size_t>(id);
            if (!counted(t)) return;
            (*own)[t].resize(kHistogramBins);
            Count(values, ranges[t], &(*own)[t]);
          });
        };
      },
      progress);
  for (const Histograms& histograms : counts) {
    for (std::size_t t = 0; t < histograms.size(); ++t) {
      for (std::size_t b = 0; b < histograms[t].size(); ++b) {
        (*statistics)[t].histogram[b] += histograms[t][b];
      }
    }
  }
}

}  // namespace

ValueRange TensorStatistics::Range() const {
  ValueRange range;
  for (const ValueRange& sample : samples) range.Include(sample);
  return range;
}

std::vector<TensorStatistics> CollectStatistics(const Graph& graph,
                                                const std::vector<Sample>& samples,
                                                const StatisticsOptions& options) {
  if (samples.empty()) {
    throw Error("no representative data: give some typical inputs, a hundred or more");
  }
  std::vector<TensorStatistics> statistics(graph.tensors.size());
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Tensor& tensor = graph.tensors[t];
    if (!tensor.constant() || tensor.type != DataType::kFloat32) continue;
    statistics[t].samples = {RangeOf(tensor.As<float>(), graph, static_cast<TensorId>(t))};
  }
  const std::size_t passes = options.histograms ? 2 : 1;
  const auto progress_of = [&](std::size_t pass) -> ProgressFunction {
    if (!options.progress) return nullptr;
    return [&, pass](std::size_t done, std::size_t total) {
      options.progress(pass * total + done, passes * total);
    };
  };
  CollectRanges(graph, samples, options, progress_of(0), &statistics);
  if (options.histograms) CollectHistograms(graph, samples, options, progress_of(1), &statistics);
  return statistics;
}

}  // namespace quaver::compiler
