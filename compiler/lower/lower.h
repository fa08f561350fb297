// From the graph's operators to the runtime's: fixed-point multipliers, tables, strided copies.
#ifndef QUAVER_COMPILER_LOWER_LOWER_H_
#define QUAVER_COMPILER_LOWER_LOWER_H_

#include "compiler/ir/graph.h"
#include "quaver_generated.h"

namespace quaver::compiler {

/// The whole program but for the memory plan. Reshapes have vanished: a reshaped tensor is a view
/// of another (fb::Tensor.view_of). Throws Error where the runtime has no operator.
fb::ModelT Lower(const Graph& graph);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_LOWER_H_
