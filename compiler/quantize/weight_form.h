// Weights of fewer bits than eight: which values they may take, and which of them they become.
#ifndef QUAVER_COMPILER_QUANTIZE_WEIGHT_FORM_H_
#define QUAVER_COMPILER_QUANTIZE_WEIGHT_FORM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/quantize/layers.h"
#include "compiler/quantize/quantize.h"

namespace quaver::compiler {

/// "int8", "int4", "int4-g32" (8, 16, ..., 4096), "ternary", "binary", "codebook4",
/// "codebook16", "codebook256", "pow2".
std::optional<WeightForm> ParseWeightForm(const std::string& text);
std::string WeightFormName(const WeightForm& form);

/// The nodes of `graph` whose weights options.form and options.prune are for, in order: those whose
/// name has one of the patterns, or without patterns all with weights but the first and the last of
/// more than two. Throws Error where a pattern is nobody's name.
std::vector<std::size_t> SelectLayers(const Graph& graph, const WeightOptions& options);

/// By layer of `nodes`: which weights magnitude pruning sets to 0, the smallest |w|, of each layer
/// as many or of all together (Han et al., 2015).
std::vector<std::vector<bool>> PruneWeights(const std::vector<FloatLayer>& layers,
                                            const WeightOptions& options);

/// Gives `layer`, which QuantizeLayer has made, weights of `form`, those of `pruned` 0 (empty:
/// none), and scales that suit them; the biases follow. docs/quantization.md has the formulas.
void ApplyWeightForm(const FloatLayer& original, const WeightForm& form, std::vector<bool> pruned,
                     float input_scale, float output_scale, const SchemeOptions& scheme,
                     QuantizedLayer* layer);

/// What became of the weights of each layer.
std::vector<WeightSummary> DescribeWeights(const Graph& graph, const QuantizedLayers& layers);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_WEIGHT_FORM_H_
