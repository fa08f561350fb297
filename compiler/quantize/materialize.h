// The last step of quantizing: from a float graph and everything that was chosen for it to an
// integer graph.
#ifndef QUAVER_COMPILER_QUANTIZE_MATERIALIZE_H_
#define QUAVER_COMPILER_QUANTIZE_MATERIALIZE_H_

#include "compiler/ir/graph.h"
#include "compiler/quantize/optimize.h"
#include "compiler/quantize/precision.h"

namespace quaver::compiler {

/// `plan.layers` has every node with weights. A node that computes in int16 gets its weights per
/// output channel whatever the scheme says, as 16x8 defines them; a Quantize stands where a tensor
/// of one type goes to a node of the other. With `float_io`, inputs and outputs stay float. Throws
/// Error for operators that have no integer form.
Graph Materialize(const QuantizationPlan& plan, const Precision& precision, bool float_io);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_MATERIALIZE_H_
