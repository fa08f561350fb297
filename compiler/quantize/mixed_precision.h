// Automatic mixed precision: the layers that lose most in int8 get int16 activations, as few of
// them as the target needs.
#ifndef QUAVER_COMPILER_QUANTIZE_MIXED_PRECISION_H_
#define QUAVER_COMPILER_QUANTIZE_MIXED_PRECISION_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"

namespace quaver::compiler {

/// The nodes of `names`. Throws Error: a name that no layer with weights has, with those there are.
std::set<std::size_t> LayersNamed(const Graph& graph, const std::vector<std::string>& names);

/// The nodes that options.target_drop needs in int16 beside `forced`. Calibrates on four fifths of
/// the samples; ranks the layers by what each loses when it alone is quantized (sensitivity.h);
/// then measures integer models with the worst 0, 1, 2, 4, ... layers in int16 on the last fifth,
/// and between the last that missed the target and the first that met it searches by halves.
/// `report` gets what was tried; where no number of layers is enough, the one that came nearest is
/// taken. `graph` is float, after RunPasses. Throws Error: fewer than 10 samples.
std::set<std::size_t> ChooseInt16Layers(const Graph& graph, const std::vector<Sample>& samples,
                                        const QuantizeOptions& options,
                                        const std::set<std::size_t>& forced,
                                        PrecisionReport* report);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_MIXED_PRECISION_H_
