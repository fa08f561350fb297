// Dynamic quantization: int8 weights, activations quantized while the network runs.
#ifndef QUAVER_COMPILER_QUANTIZE_DYNAMIC_H_
#define QUAVER_COMPILER_QUANTIZE_DYNAMIC_H_

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// A graph of float activations whose fully connected layers have int8 weights, symmetric, one
/// scale for each output channel (scale = max |w| / 127); weights that the source model holds as
/// int8 keep their integers and scales. Needs no data. Runs the passes first. Throws Error:
/// operators other than fully connected layers, what is fused into them, and reshapes; weights that
/// are not constant or more than 65,535 a channel; a graph that is not float.
Graph QuantizeDynamically(const Graph& graph);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_DYNAMIC_H_
