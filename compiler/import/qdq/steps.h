// The steps of ResolveQuantization, in order. Internal to compiler/import/qdq.
#ifndef QUAVER_COMPILER_IMPORT_QDQ_STEPS_H_
#define QUAVER_COMPILER_IMPORT_QDQ_STEPS_H_

#include "compiler/ir/graph.h"

namespace quaver::compiler::qdq {

/// uint8 tensors become int8 ones of the same reals: q - 128, zero point - 128. Inputs and outputs
/// of the graph stay uint8, behind a Quantize.
void ShiftToSigned(Graph* graph);

/// Of Quantize nodes with one input and one quantization, one stays.
void MergeQuantizes(Graph* graph);

/// Quantize after an operator that only selects values (a maximum, a ReLU, a reshape, ...) is
/// Quantize before it: rounding is monotonic, so both give the same integers. That brings the scale
/// to the operator that computed the values.
void HoistQuantizes(Graph* graph);

/// Replaces Dequantize, operator, Quantize by the operator on integers. Throws Error where a scale
/// is missing.
void MakeInteger(Graph* graph);

}  // namespace quaver::compiler::qdq

#endif  // QUAVER_COMPILER_IMPORT_QDQ_STEPS_H_
