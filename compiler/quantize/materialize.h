// The last step of quantizing: from a float graph and everything that was chosen for it to an
// integer graph.
#ifndef QUAVER_COMPILER_QUANTIZE_MATERIALIZE_H_
#define QUAVER_COMPILER_QUANTIZE_MATERIALIZE_H_

#include "compiler/ir/graph.h"
#include "compiler/quantize/layers.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {

/// `graph` is float and has been through RunPasses; `layers` has every node with weights. With
/// `float_io`, inputs and outputs stay float. Throws Error for operators that have no integer form.
Graph Materialize(const Graph& graph, const SharedQuantization& shared,
                  const QuantizedLayers& layers, bool float_io);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_MATERIALIZE_H_
