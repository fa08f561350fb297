// The real functions behind UnaryOp: for the float executor and for whoever makes tables of them.
#ifndef QUAVER_COMPILER_EXECUTE_UNARY_FUNCTION_H_
#define QUAVER_COMPILER_EXECUTE_UNARY_FUNCTION_H_

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// op(x) in double precision. NaN where the function has no value (log and square root of
/// negative numbers), infinity at its poles.
double EvaluateUnary(const UnaryOp& op, double x);

/// Clamps x to the range of a fused activation.
float ApplyActivation(Activation activation, float x);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_UNARY_FUNCTION_H_
