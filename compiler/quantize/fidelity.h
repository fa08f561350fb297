// How faithful an integer model is to its float graph: both run on samples that it was not
// calibrated with.
#ifndef QUAVER_COMPILER_QUANTIZE_FIDELITY_H_
#define QUAVER_COMPILER_QUANTIZE_FIDELITY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/signal_to_noise.h"
#include "quaver/model.h"

namespace quaver::compiler {

/// Samples to calibrate with, and every fifth to measure with. `labels` of those; empty if none
/// were given.
struct Split {
  std::vector<Sample> calibration, held_out;
  std::vector<std::int32_t> held_out_labels;
};
/// Throws Error if there are fewer than 10 samples.
Split SplitSamples(const std::vector<Sample>& samples,
                   const std::vector<std::int32_t>& labels = {});

/// All outputs of a network for one sample.
using Outputs = std::vector<std::vector<float>>;

/// By sample. `threads` of the host; 0: one for each CPU.
std::vector<Outputs> RunFloat(const Graph& graph, const std::vector<Sample>& samples,
                              std::size_t threads);
std::vector<Outputs> RunInteger(const Model& model, const std::vector<Sample>& samples,
                                std::size_t threads);

/// Over all outputs of all samples.
SignalToNoise CompareOutputs(const std::vector<Outputs>& expected,
                             const std::vector<Outputs>& found);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_FIDELITY_H_
