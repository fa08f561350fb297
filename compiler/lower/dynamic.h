// Fully connected layers of float activations and int8 weights.
#ifndef QUAVER_COMPILER_LOWER_DYNAMIC_H_
#define QUAVER_COMPILER_LOWER_DYNAMIC_H_

#include "compiler/ir/graph.h"
#include "compiler/lower/program.h"

namespace quaver::compiler {

/// Appends DynamicQuantize and DynamicFullyConnected. Precondition: the input is float32, the
/// weights are int8, constant, with zero points of 0.
void LowerDynamic(const FullyConnectedOp& op, const Node& node, Program* program);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_DYNAMIC_H_
