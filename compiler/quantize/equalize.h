// Cross-layer equalization (Nagel et al., Data-free quantization through weight equalization and
// bias correction, 2019).
#ifndef QUAVER_COMPILER_QUANTIZE_EQUALIZE_H_
#define QUAVER_COMPILER_QUANTIZE_EQUALIZE_H_

#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// What was done with a pair of layers that follow each other.
struct Equalization {
  std::string first, second;  ///< Names of the nodes.
  /// The largest ratio between ranges of two channels of the first layer's weights.
  double before, after;
  /// Why the pair was left alone; empty where it was not.
  std::string reason;
};

/// Scales channels between layers: where a layer's output goes to one other layer only, through no
/// activation or ReLU, output channel i of the first is divided by s_i and input channel i of the
/// second multiplied by it, which changes no output: ReLU(s x) = s ReLU(x) for s > 0. With
/// s_i = sqrt(r1_i / r2_i), r the ranges of the weights, both have the range sqrt(r1_i * r2_i).
/// Chains are gone through until nothing changes. A clipping activation (ReLU6) stands in the way
/// and is named in the result. `graph` is float and has been through RunPasses.
std::vector<Equalization> EqualizeLayers(Graph* graph);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_EQUALIZE_H_
