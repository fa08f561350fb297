#include "compiler/quantize/ranges.h"

namespace quaver::compiler {

const std::vector<RangeMethod>& AllRangeMethods() {
  static const std::vector<RangeMethod> kMethods = {
      RangeMethod::kMinMax, RangeMethod::kMovingAverage, RangeMethod::kPercentile,
      RangeMethod::kMse, RangeMethod::kEntropy};
  return kMethods;
}

const char* RangeMethodName(RangeMethod method) {
  switch (method) {
    case RangeMethod::kMinMax:
      return "minmax";
    case RangeMethod::kMovingAverage:
      return "moving-average";
    case RangeMethod::kPercentile:
      return "percentile";
    case RangeMethod::kMse:
      return "mse";
    case RangeMethod::kEntropy:
      return "entropy";
  }
  return "?";
}

bool NeedsHistogram(RangeMethod method) {
  return method == RangeMethod::kPercentile || method == RangeMethod::kMse ||
         method == RangeMethod::kEntropy;
}

ValueRange MovingAverageRange(const std::vector<ValueRange>& samples) {
  ValueRange average;
  for (const ValueRange& sample : samples) {
    if (average.empty()) {
      average = sample;
    } else {
      average.min += kAveraging * (sample.min - average.min);
      average.max += kAveraging * (sample.max - average.max);
    }
  }
  return average;
}

ValueRange ChooseRange(const TensorStatistics& statistics, const RangeOptions& options) {
  if (options.method == RangeMethod::kMovingAverage) return MovingAverageRange(statistics.samples);
  const ValueRange range = statistics.Range();
  if (statistics.histogram.empty()) return range;
  switch (options.method) {
    case RangeMethod::kMinMax:
    case RangeMethod::kMovingAverage:
      return range;
    case RangeMethod::kPercentile:
      return PercentileRange(statistics.histogram, range, options.percentile);
    case RangeMethod::kMse:
      return LeastSquaresRange(statistics.histogram, range);
    case RangeMethod::kEntropy:
      return EntropyRange(statistics.histogram, range);
  }
  return range;
}

std::vector<ValueRange> ChooseRanges(const Graph& graph,
                                     const std::vector<TensorStatistics>& statistics,
                                     const RangeOptions& options) {
  std::vector<ValueRange> ranges;
  for (const TensorStatistics& tensor : statistics) ranges.push_back(ChooseRange(tensor, options));
  for (TensorId id : graph.inputs) {
    ranges[static_cast<std::size_t>(id)] = statistics[static_cast<std::size_t>(id)].Range();
  }
  return ranges;
}

}  // namespace quaver::compiler
