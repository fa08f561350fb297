// Winning back accuracy without training.
#ifndef QUAVER_COMPILER_QUANTIZE_OPTIMIZE_H_
#define QUAVER_COMPILER_QUANTIZE_OPTIMIZE_H_

#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/layers.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {

/// All that Materialize needs.
struct QuantizationPlan {
  Graph graph;  ///< Float, after RunPasses.
  SharedQuantization shared;
  QuantizedLayers layers;
  std::vector<Quantization> int16;  ///< By tensor, where mixed precision makes it int16.
  SchemeOptions scheme;
};

/// Ranges, scales, weights and biases by options.range and options.scheme.
QuantizationPlan PlanQuantization(const Graph& graph, const std::vector<Sample>& samples,
                                  const QuantizeOptions& options);

/// Cross-layer equalization, adaptive rounding of the weights, correction of biases (of what each
/// layer's own weights do, by the batch norms before it or by the data; then layer by layer of what
/// is left): each is tried on four fifths
/// of the samples and kept if the integer model's outputs come nearer to the float ones on the
/// last fifth. Then what was kept is done again with all samples. `graph` is float, after
/// RunPasses. Throws Error as Quantize does.
QuantizationPlan OptimizeQuantization(const Graph& graph, const std::vector<Sample>& samples,
                                      const QuantizeOptions& options,
                                      std::vector<OptimizeStep>* steps);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_OPTIMIZE_H_
