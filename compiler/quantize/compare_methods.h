// Tries every calibration method on a model and says how each does.
#ifndef QUAVER_COMPILER_QUANTIZE_COMPARE_METHODS_H_
#define QUAVER_COMPILER_QUANTIZE_COMPARE_METHODS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/quantize.h"

namespace quaver::compiler {

struct MethodScore {
  RangeMethod method;
  double decibels;                   ///< Signal to noise of all outputs against float.
  std::optional<Accuracy> accuracy;  ///< Where there are labels.
};

/// Quantizes with each method of AllRangeMethods() on four of five samples and measures the
/// integer model on the fifth that is left. `labels`, of all samples, may be empty. In the order
/// of AllRangeMethods(). Throws Error as Quantize does, and if there are fewer than 10 samples.
std::vector<MethodScore> CompareMethods(const Graph& graph, const std::vector<Sample>& samples,
                                        const std::vector<std::int32_t>& labels,
                                        const QuantizeOptions& options);

/// The one with the highest accuracy where there are labels, else of the highest ratio; among
/// equals in accuracy that of the highest ratio. Precondition: there are some.
const MethodScore& BestMethod(const std::vector<MethodScore>& scores);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_COMPARE_METHODS_H_
