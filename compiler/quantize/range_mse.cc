#include <cmath>
#include <limits>

#include "compiler/quantize/ranges.h"

namespace quaver::compiler {
namespace {

constexpr int kCandidates = 64;  // of each end, from the whole of it to a fourth
constexpr int kRounds = 2;       // each end in turn

// Sum over the values of the squared difference that quantization makes. A bin's values are taken
// to be spread evenly: inside the range they err by scale^2 / 12 on average (uniform rounding
// error), beyond it by the distance of the bin's middle.
double SquaredError(const std::vector<std::uint64_t>& histogram, const ValueRange& values,
                    const ValueRange& range) {
  const Quantization quantization = ActivationQuantization(range);
  const auto scale = static_cast<double>(quantization.scale[0]);
  const double low = scale * (-128 - quantization.zero_point[0]);
  const double high = scale * (127 - quantization.zero_point[0]);
  const double width = (static_cast<double>(values.max) - static_cast<double>(values.min)) /
                       static_cast<double>(histogram.size());
  double error = 0;
  for (std::size_t b = 0; b < histogram.size(); ++b) {
    if (histogram[b] == 0) continue;
    const double value = static_cast<double>(values.min) + width * (static_cast<double>(b) + 0.5);
    const double clipped = value < low ? low - value : value > high ? value - high : 0;
    error += static_cast<double>(histogram[b]) * (clipped * clipped + scale * scale / 12);
  }
  return error;
}

}  // namespace

ValueRange LeastSquaresRange(const std::vector<std::uint64_t>& histogram, const ValueRange& range) {
  ValueRange best = range;
  double least = SquaredError(histogram, range, range);
  const auto search = [&](float ValueRange::*end) {
    for (int i = 1; i <= kCandidates; ++i) {
      ValueRange candidate = best;
      candidate.*end = range.*end * (1 - 0.75F * static_cast<float>(i) / kCandidates);
      const double error = SquaredError(histogram, range, candidate);
      if (error < least) {
        least = error;
        best = candidate;
      }
    }
  };
  for (int round = 0; round < kRounds; ++round) {
    if (range.max > 0) search(&ValueRange::max);
    if (range.min < 0) search(&ValueRange::min);
  }
  return best;
}

}  // namespace quaver::compiler
