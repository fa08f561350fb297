// The real functions behind UnaryOp and BinaryOp: for the float executor and for whoever makes
// tables of them.
#ifndef QUAVER_COMPILER_EXECUTE_ELEMENT_FUNCTIONS_H_
#define QUAVER_COMPILER_EXECUTE_ELEMENT_FUNCTIONS_H_

#include <cstdint>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// op(x) in double precision. NaN where the function has no value (log and square root of
/// negative numbers), infinity at its poles.
double EvaluateUnary(const UnaryOp& op, double x);

/// a op b.
float EvaluateBinary(BinaryKind kind, float a, float b);

/// Clamps x to the range of a fused activation.
float ApplyActivation(Activation activation, float x);
void ApplyActivation(Activation activation, float* data, std::int64_t count);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_ELEMENT_FUNCTIONS_H_
