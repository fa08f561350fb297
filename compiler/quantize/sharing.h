// Which tensors must share one scale and zero point, and what these are.
#ifndef QUAVER_COMPILER_QUANTIZE_SHARING_H_
#define QUAVER_COMPILER_QUANTIZE_SHARING_H_

#include <vector>

#include "compiler/quantize/scheme.h"

namespace quaver::compiler {

/// The quantization of every float tensor as an int8 activation. Operators that only move or
/// select values (reshape, pooling, pad, slice, concat, resize, ...) have the same on both sides:
/// that of the union of their ranges. Softmax and sigmoid give 1/256, -128 and tanh 1/128, 0
/// whatever the range: an input of a Concat that has these while others do not is listed in
/// `separate`, as {node, input}, to be requantized before it.
struct SharedQuantization {
  std::vector<Quantization> tensors;
  struct Edge {
    std::size_t node, input;
  };
  std::vector<Edge> separate;
};
SharedQuantization ShareQuantization(const Graph& graph, const std::vector<ValueRange>& ranges,
                                     const SchemeOptions& scheme = {});

/// The same as int16, for those that mixed precision makes so: by tensor.
std::vector<Quantization> ShareInt16Quantization(const Graph& graph,
                                                 const std::vector<ValueRange>& ranges,
                                                 const SchemeOptions& scheme = {});

/// Whether a node's outputs hold values of input 0 (or averages of them) in its quantization.
bool KeepsQuantization(const Node& node);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_SHARING_H_
