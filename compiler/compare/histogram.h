// How often each value occurs, and what an integer range leaves out.
#ifndef QUAVER_COMPILER_COMPARE_HISTOGRAM_H_
#define QUAVER_COMPILER_COMPARE_HISTOGRAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/compare/network.h"
#include "compiler/quantize/parallel.h"

namespace quaver::compiler {

/// The reals that integers of one scale and zero point stand for.
struct RealRange {
  double low = 0, high = 0;
  double step = 0;  ///< From one integer to the next.
};
/// Of a layer's output; nothing for float.
std::optional<RealRange> RepresentableRange(const NetworkLayer& layer);

struct Histogram {
  double low = 0, high = 0;           ///< The least and the largest value; equal: there is one.
  std::vector<std::uint64_t> counts;  ///< In bins of equal width from low to high.
  std::uint64_t total = 0;
  /// Values that no integer is near: more than half a step outside the range.
  std::uint64_t clipped_below = 0, clipped_above = 0;

  [[nodiscard]] double ClippedShare() const {
    return total == 0
               ? 0
               : static_cast<double>(clipped_below + clipped_above) / static_cast<double>(total);
  }
};

inline constexpr std::size_t kLayerHistogramBins = 96;

/// Of finite values.
Histogram MakeHistogram(const std::vector<float>& values, const std::optional<RealRange>& range);

/// Of every layer's values over all samples, which are run twice. `ranges`: by layer. The result
/// does not depend on `threads`.
std::vector<Histogram> LayerHistograms(const Network& network,
                                       const std::vector<std::optional<RealRange>>& ranges,
                                       const std::vector<Sample>& samples, std::size_t threads = 0,
                                       const ProgressFunction& progress = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_COMPARE_HISTOGRAM_H_
