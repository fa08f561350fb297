// The integer network in float ("fake quantization"): values are rounded to what their integers
// stand for, sums are not. What the steps after calibration decide by.
#ifndef QUAVER_COMPILER_QUANTIZE_SIMULATE_H_
#define QUAVER_COMPILER_QUANTIZE_SIMULATE_H_

#include <cstddef>
#include <vector>

#include "compiler/execute/float_executor.h"
#include "compiler/ir/graph.h"
#include "compiler/quantize/layers.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {

/// A copy of the float graph in which the layers that `layers` has hold the real values of their
/// integers.
Graph WithQuantizedLayers(const Graph& graph, const QuantizedLayers& layers);

/// For FloatExecutor::Run: rounds the activations for which `rounded` is set (by tensor) to the
/// real values of their integers. Keeps references.
FloatExecutor::Observer RoundActivations(const SharedQuantization& shared,
                                         const std::vector<bool>& rounded);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_SIMULATE_H_
