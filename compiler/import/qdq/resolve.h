// From a float graph with QuantizeLinear and DequantizeLinear in it (QDQ: what quantization-aware
// training and other quantizers export) to the integer graph that it stands for.
#ifndef QUAVER_COMPILER_IMPORT_QDQ_RESOLVE_H_
#define QUAVER_COMPILER_IMPORT_QDQ_RESOLVE_H_

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// Whether every value that the operator writes is one that it reads, or a constant limit: then it
/// computes the same on integers, in the quantization of its input.
bool SelectsValues(const Attributes& attributes);

/// Every operator between DequantizeLinear and QuantizeLinear becomes an integer one; scales and
/// zero points are kept exactly, uint8 activations become int8 of the same reals. Of inputs and
/// outputs, those that are float or uint8 stay so, with a Quantize or Dequantize at the border.
///
/// A graph without them is left as it is. In `graph`, a float constant with a Quantization (zero
/// points 0) consists of multiples of its scales; none is left afterwards. Throws Error, naming
/// operator and tensor, where a scale is missing.
void ResolveQuantization(Graph* graph);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IMPORT_QDQ_RESOLVE_H_
