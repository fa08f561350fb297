// From a float graph and representative data to an integer graph.
#ifndef QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
#define QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// One sample: a float vector per graph input.
using Sample = std::vector<std::vector<float>>;

struct QuantizeOptions {
  /// Keep float inputs and outputs (a float border in the runtime) instead of int8 ones.
  bool float_io = false;
  /// Told after each calibration sample: done, total.
  std::function<void(std::size_t, std::size_t)> progress;
};

/// Per-channel symmetric weights, per-tensor asymmetric activations by min/max over the samples,
/// int32 biases: docs/quantization.md has the formulas. Runs the passes first. Throws Error: no
/// samples, samples that do not fit the inputs, a graph that is not float, values that are not
/// finite, an operator that cannot be quantized.
Graph Quantize(const Graph& graph, const std::vector<Sample>& samples,
               const QuantizeOptions& options = {});

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
