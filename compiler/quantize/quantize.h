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

/// Which values weights may take: weight_form.h.
struct WeightForm {
  enum class Kind : std::uint8_t { kInt8, kInt4, kTernary, kBinary, kPow2, kCodebook };
  Kind kind = Kind::kInt8;
  std::size_t group = 0;    ///< Of kInt4: inputs that share a multiplier; 0: a channel's all.
  std::size_t entries = 0;  ///< Of kCodebook: 4, 16, 256.
};

struct WeightOptions {
  WeightForm form;
  double prune = 0;             ///< The part of the weights that becomes 0, in [0, 1).
  bool prune_globally = false;  ///< Of all layers together, else of each.
  /// Names of layers, with * and ?; empty: all but the first and the last.
  std::vector<std::string> layers;

  /// Whether any layer's weights are other than int8 as they come.
  [[nodiscard]] bool any() const { return form.kind != WeightForm::Kind::kInt8 || prune > 0; }
};

struct QuantizeOptions {
  RangeOptions range;
  SchemeOptions scheme;
  WeightOptions weights;
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

/// A layer's weights, as they were quantized.
struct WeightSummary {
  std::string name;
  std::size_t weights = 0;           ///< How many; as int8, so many bytes.
  std::size_t compressed_bytes = 0;  ///< In the smallest form that the file has.
  std::size_t zeros = 0;
  double decibels = 0;  ///< Signal to noise against the float weights.
};

/// Symmetric weights, asymmetric activations of one scale a tensor, int32 biases:
/// docs/quantization.md has the formulas. Runs the passes first. Throws Error: no samples, samples
/// that do not fit the inputs, a graph that is not float, values that are not finite, an operator
/// that cannot be quantized, a pattern of options.weights that no layer has. `steps`, if not null,
/// gets what options.optimize tried, and `weights` what became of the weights, by layer.
Graph Quantize(const Graph& graph, const std::vector<Sample>& samples,
               const QuantizeOptions& options = {}, std::vector<OptimizeStep>* steps = nullptr,
               std::vector<WeightSummary>* weights = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
