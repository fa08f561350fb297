// What is known of the values that tensors take over representative data.
#ifndef QUAVER_COMPILER_QUANTIZE_STATISTICS_H_
#define QUAVER_COMPILER_QUANTIZE_STATISTICS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/parallel.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/scheme.h"

namespace quaver::compiler {

/// Bins of a histogram: eight for each step of int8.
inline constexpr std::size_t kHistogramBins = 2048;

struct TensorStatistics {
  /// Of each sample in which the tensor was seen, in the data's order. Of a constant: its own.
  std::vector<ValueRange> samples;
  /// Counts of values in kHistogramBins bins of equal width from the least to the largest value
  /// of all samples. Empty for constants, where no histograms were asked for, and for tensors that
  /// take one value only.
  std::vector<std::uint64_t> histogram;

  /// Of all samples.
  [[nodiscard]] ValueRange Range() const;
};

struct StatisticsOptions {
  bool histograms = false;  ///< Costs a second pass over the data.
  std::size_t threads = 0;  ///< 0: one for each CPU. The result does not depend on it.
  ProgressFunction progress;
};

/// Runs the float graph over the samples: statistics of every float tensor, by tensor. Throws
/// Error: no samples, samples that do not fit, values not finite.
std::vector<TensorStatistics> CollectStatistics(const Graph& graph,
                                                const std::vector<Sample>& samples,
                                                const StatisticsOptions& options = {});

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_STATISTICS_H_
