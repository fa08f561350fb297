// From a float graph and representative data to an integer graph.
#ifndef QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
#define QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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
  /// Layers, by the names of their nodes, that keep their inputs and outputs in int16.
  std::vector<std::string> int16_layers;
  /// As many more of the worst layers as it takes to lose no more than this: percentage points of
  /// accuracy where there are `labels` (one for each sample), else percent of noise in the energy
  /// of the outputs, on samples held out (mixed_precision.h). Above 0. Needs 10 samples or more.
  std::optional<double> target_drop;
  std::vector<std::int32_t> labels;
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

/// A model with the `layers` worst layers in int16, measured on samples held out.
struct PrecisionTry {
  std::size_t layers = 0;
  std::uint64_t int16_macs = 0;  ///< Of all that then computes in int16.
  std::uint64_t macs = 0;
  std::size_t arena_bytes = 0;  ///< On this machine.
  double score = 0;             ///< Accuracy in percent, or signal to noise in decibels.
  bool met = false;
};

/// What options.target_drop led to.
struct PrecisionReport {
  struct Layer {
    std::string name;
    double decibels;  ///< Signal to noise at the outputs with this layer alone in int8.
  };
  bool by_accuracy = false;
  double float_accuracy = 0;        ///< In percent, of the same samples.
  std::vector<PrecisionTry> tries;  ///< In order; the first has no layer in int16.
  std::vector<Layer> layers;        ///< Those that got int16, the worst first.
  bool met = true;
};

/// The signal-to-noise ratio at which the noise is `target_drop` percent of the signal's energy.
double LeastDecibels(double target_drop);

/// Symmetric weights, asymmetric activations of one scale a tensor, int32 biases:
/// docs/quantization.md has the formulas. Runs the passes first. Throws Error: no samples, samples
/// that do not fit the inputs, a graph that is not float, values that are not finite, an operator
/// that cannot be quantized, a pattern of options.weights or a name of options.int16_layers that no
/// layer has. If not null, `steps` gets what options.optimize tried, `weights` what became of the
/// weights, by layer, and `precision` what options.target_drop led to.
Graph Quantize(const Graph& graph, const std::vector<Sample>& samples,
               const QuantizeOptions& options = {}, std::vector<OptimizeStep>* steps = nullptr,
               std::vector<WeightSummary>* weights = nullptr, PrecisionReport* precision = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_QUANTIZE_H_
