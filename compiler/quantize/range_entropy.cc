#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/quantize/ranges.h"

namespace quaver::compiler {
namespace {

constexpr std::size_t kSteps = 256;
constexpr std::size_t kLeastBins = 256;  // of a candidate: fewer would be fewer than the steps

// Sum of p * log(p / q) for the bins [begin, end): p, the counts with all that is clipped added to
// the first and the last; q, the counts inside merged into kSteps and spread evenly again over
// those bins of a step that hold anything.
double Divergence(const std::vector<std::uint64_t>& histogram, std::size_t begin, std::size_t end) {
  std::vector<double> p(histogram.begin() + static_cast<std::ptrdiff_t>(begin),
                        histogram.begin() + static_cast<std::ptrdiff_t>(end));
  const std::vector<double> inside = p;
  const auto sum = [&](std::size_t from, std::size_t to) {
    return static_cast<double>(
        std::accumulate(histogram.begin() + static_cast<std::ptrdiff_t>(from),
                        histogram.begin() + static_cast<std::ptrdiff_t>(to), std::uint64_t{0}));
  };
  p.front() += sum(0, begin);
  p.back() += sum(end, histogram.size());
  const double p_total = std::accumulate(p.begin(), p.end(), 0.0);
  const double q_total = std::accumulate(inside.begin(), inside.end(), 0.0);
  if (q_total == 0) return std::numeric_limits<double>::infinity();
  double divergence = 0;
  const std::size_t bins = end - begin;
  for (std::size_t step = 0; step < kSteps; ++step) {
    const std::size_t from = step * bins / kSteps;
    const std::size_t to = (step + 1) * bins / kSteps;
    double total = 0;
    double filled = 0;
    for (std::size_t b = from; b < to; ++b) {
      total += inside[b];
      if (inside[b] > 0) ++filled;
    }
    for (std::size_t b = from; b < to; ++b) {
      if (p[b] == 0) continue;
      // What is clipped onto an empty bin has no q: as if it held a ten thousandth of a value.
      const double q = inside[b] > 0 ? total / filled : 1e-4;
      divergence += p[b] / p_total * std::log(p[b] / p_total / (q / q_total));
    }
  }
  return divergence;
}

}  // namespace

ValueRange EntropyRange(const std::vector<std::uint64_t>& counts, const ValueRange& range) {
  const std::size_t bins = counts.size();
  if (bins <= kLeastBins) return range;
  const float width = (range.max - range.min) / static_cast<float>(bins);
  // Bins below and above 0.
  const auto below = static_cast<std::size_t>(
      std::clamp(std::round(-range.min / width), 0.0F, static_cast<float>(bins)));
  const std::size_t above = bins - below;
  // Zero itself, of which ReLU makes so many, is always exact: its bin counts as its neighbour's.
  std::vector<std::uint64_t> histogram = counts;
  const std::size_t zero = std::min(below, bins - 1);
  histogram[zero] = histogram[zero == 0 ? 1 : zero - 1];
  double least = std::numeric_limits<double>::infinity();
  ValueRange best = range;
  for (std::size_t size = kLeastBins; size <= bins; size += 16) {
    const std::size_t begin = below - below * size / bins;
    const std::size_t end = below + (above * size + bins - 1) / bins;
    const double divergence = Divergence(histogram, begin, end);
    if (divergence >= least) continue;
    least = divergence;
    best.min = begin == 0 ? range.min : range.min + width * static_cast<float>(begin);
    best.max = end == bins ? range.max : range.min + width * static_cast<float>(end);
  }
  return best;
}

}  // namespace quaver::compiler
