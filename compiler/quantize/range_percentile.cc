#include <numeric>

#include "compiler/quantize/ranges.h"

namespace quaver::compiler {
namespace {

// How many of the first bins hold no more than `left_out` values together.
std::size_t BinsWithin(const std::vector<std::uint64_t>& histogram, double left_out,
                       bool from_end) {
  double seen = 0;
  std::size_t bins = 0;
  while (bins + 1 < histogram.size()) {
    seen += static_cast<double>(histogram[from_end ? histogram.size() - 1 - bins : bins]);
    if (seen > left_out) break;
    ++bins;
  }
  return bins;
}

}  // namespace

ValueRange PercentileRange(const std::vector<std::uint64_t>& histogram, const ValueRange& range,
                           float percentile) {
  const auto total =
      static_cast<double>(std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0}));
  const bool two_sides = range.min < 0 && range.max > 0;
  const double left_out =
      total * (100.0 - static_cast<double>(percentile)) / (two_sides ? 200.0 : 100.0);
  const float width = (range.max - range.min) / static_cast<float>(histogram.size());
  ValueRange result = range;
  if (range.max > 0) {
    result.max -= width * static_cast<float>(BinsWithin(histogram, left_out, true));
  }
  if (range.min < 0) {
    result.min += width * static_cast<float>(BinsWithin(histogram, left_out, false));
  }
  return result;
}

}  // namespace quaver::compiler
