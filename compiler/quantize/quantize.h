// From a float graph and representative data to an integer graph.
#ifndef QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
#define QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// One sample: a float vector per graph input.
using Sample = std::vector<std::vector<float>>;

/// How the range of an activation follows from the values that it takes: ranges.h.
enum class RangeMethod : std::uint8_t { kMinMax, kMovingAverage, kPercentile, kMse, kEntropy };
const std::vector<RangeMethod>& AllRangeMethods();
/// "minmax", "moving-average", "percentile", "mse", "entropy".
const char* RangeMethodName(RangeMethod method);

struct RangeOptions {
  RangeMethod method = RangeMethod::kMse;
  float percentile = 99.99F;  ///< Of kPercentile: how many of the values are not clipped.
};

/// Which scales and zero points there may be: scheme.h.
struct SchemeOptions {
  bool per_channel_weights = true;     ///< Else one scale for all weights of a layer.
  bool symmetric_activations = false;  ///< Zero points of 0.
  bool power_of_two_scales = false;    ///< Of activations and weights, rounded up.
};

struct QuantizeOptions {
  RangeOptions range;
  SchemeOptions scheme;
  /// Tries what wins accuracy back without training, and keeps what helps: optimize.h. Needs 10
  /// samples or more.
  bool optimize = false;
  /// Keep float inputs and outputs (a float border in the runtime) instead of int8 ones.
  bool float_io = false;
  /// Of the host, while it looks at the samples; 0: one for each CPU. The result does not depend
  /// on it.
  std::size_t threads = 0;
  /// Told after each calibration sample, from one thread at a time: done, total.
  std::function<void(std::size_t, std::size_t)> progress;
};

/// What `optimize` tried, in order.
struct OptimizeStep {
  std::string name;
  double decibels;  ///< Signal to noise of the integer model on samples held out.
  bool kept;        ///< The first entry is the model without any step.
};

/// Symmetric weights, asymmetric activations of one scale a tensor, int32 biases:
/// docs/quantization.md has the formulas. Runs the passes first. Throws Error: no samples, samples
/// that do not fit the inputs, a graph that is not float, values that are not finite, an operator
/// that cannot be quantized. `steps`, if not null, gets what options.optimize tried.
Graph Quantize(const Graph& graph, const std::vector<Sample>& samples,
               const QuantizeOptions& options = {}, std::vector<OptimizeStep>* steps = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
