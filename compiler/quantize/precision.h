// Which parts of a network compute in int16: mixed precision (16x8).
#ifndef QUAVER_COMPILER_QUANTIZE_PRECISION_H_
#define QUAVER_COMPILER_QUANTIZE_PRECISION_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// By tensor and by node: int16 in place of int8.
struct Precision {
  std::vector<bool> tensors;
  std::vector<bool> nodes;
};

/// All int8.
Precision Int8Precision(const Graph& graph);

/// What keeps the inputs and outputs of `layers` (nodes) in int16. An int16 tensor is worth its
/// bytes only where what makes it computes in int16, and what reads it: so these nodes do, too, and
/// the tensors that share its scale (sharing.h) are int16 with it. The graph's inputs and outputs,
/// and what operators without an int16 form make, stay int8.
Precision PrecisionFor(const Graph& graph, const std::set<std::size_t>& layers);

/// Multiply-accumulates of all layers, and of those that compute in int16.
struct LayerMacs {
  std::uint64_t all = 0;
  std::uint64_t int16 = 0;
};
LayerMacs CountMacs(const Graph& graph, const Precision& precision);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_PRECISION_H_
