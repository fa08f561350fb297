// Calibration: from the values that a tensor takes to the range that its integers cover. What lies
// outside is clipped; what lies inside is rounded to one of 256 steps. A wider range clips less and
// rounds more.
#ifndef QUAVER_COMPILER_QUANTIZE_RANGES_H_
#define QUAVER_COMPILER_QUANTIZE_RANGES_H_

#include <vector>

#include "compiler/quantize/quantize.h"
#include "compiler/quantize/scheme.h"
#include "compiler/quantize/statistics.h"

namespace quaver::compiler {

/// Whether a method needs TensorStatistics::histogram.
bool NeedsHistogram(RangeMethod method);

/// The range by options.method; statistics.Range() where there is no histogram and the method
/// needs one. docs/quantization.md has the formulas.
ValueRange ChooseRange(const TensorStatistics& statistics, const RangeOptions& options);

/// ChooseRange for each tensor, but the whole range for the graph's inputs: their integers stay
/// those of the camera or the sensor.
std::vector<ValueRange> ChooseRanges(const Graph& graph,
                                     const std::vector<TensorStatistics>& statistics,
                                     const RangeOptions& options);

// --- The methods. The counts are of bins of equal width over `range`, which is not empty.
// ----------

/// An exponential moving average of the ends, in the samples' order: e += kAveraging * (x - e).
inline constexpr float kAveraging = 0.01F;
ValueRange MovingAverageRange(const std::vector<ValueRange>& samples);

/// The narrowest range that leaves out (100 - percentile) / 2 % of the values on each side; on one
/// side only, and then all of them, where no value is below (or above) 0.
ValueRange PercentileRange(const std::vector<std::uint64_t>& histogram, const ValueRange& range,
                           float percentile);

/// The range of least squared error, rounding and clipping together, by search on both ends.
ValueRange LeastSquaresRange(const std::vector<std::uint64_t>& histogram, const ValueRange& range);

/// The share of `range`, both ends alike, whose distribution over 256 steps is nearest to that of
/// the values other than 0, clipped, by the Kullback-Leibler divergence (Migacz, 8-bit inference
/// with TensorRT, 2017).
ValueRange EntropyRange(const std::vector<std::uint64_t>& counts, const ValueRange& range);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_RANGES_H_
