// The values that tensors take over representative data.
#ifndef QUAVER_COMPILER_QUANTIZE_CALIBRATE_H_
#define QUAVER_COMPILER_QUANTIZE_CALIBRATE_H_

#include <vector>

#include "compiler/quantize/quantize.h"
#include "compiler/quantize/scheme.h"

namespace quaver::compiler {

/// The range of every float tensor of `graph`, by tensor: of activations over the samples, of
/// constants their own. Throws Error: no samples, samples that do not fit, values not finite.
std::vector<ValueRange> Calibrate(const Graph& graph, const std::vector<Sample>& samples,
                                  const QuantizeOptions& options);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_CALIBRATE_H_
