// Steps that several passes take.
#ifndef QUAVER_COMPILER_PASSES_REWRITE_H_
#define QUAVER_COMPILER_PASSES_REWRITE_H_

#include <cstddef>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// Same type, and scales and zero points equal to the bit: a tensor can stand for the other without
/// a change of any multiplier that is computed from it.
bool IdenticalQuantization(const Tensor& a, const Tensor& b);

/// The node that writes `id` if nothing else needs it: one reader, not a graph output. Else null.
Node* SoleProducer(Graph* graph, TensorId id);

/// The fused activation of the node's operator; null if it cannot have one.
Activation* FusedActivationOf(Node* node);

/// Removes a node whose output holds what its input 0 does (same shape and bytes). A graph output
/// keeps its tensor, with name and index. Returns false where that cannot be: the input of a graph
/// output is itself a graph input or output, or constant.
bool Bypass(Graph* graph, std::size_t node);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PASSES_REWRITE_H_
