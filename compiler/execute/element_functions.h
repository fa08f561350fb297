// The real functions behind UnaryOp and BinaryOp: for the float executor and for whoever makes
// tables of them.
#ifndef QUAVER_COMPILER_EXECUTE_ELEMENT_FUNCTIONS_H_
#define QUAVER_COMPILER_EXECUTE_ELEMENT_FUNCTIONS_H_

#include <algorithm>
#include <cstdint>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// op(x) in double precision. NaN where the function has no value (log and square root of
/// negative numbers), infinity at its poles.
double EvaluateUnary(const UnaryOp& op, double x);

/// a op b.
inline float EvaluateBinary(BinaryKind kind, float a, float b) {
  switch (kind) {
    case BinaryKind::kAdd:
      return a + b;
    case BinaryKind::kSub:
      return a - b;
    case BinaryKind::kMul:
      return a * b;
    case BinaryKind::kDiv:
      return a / b;
    case BinaryKind::kMaximum:
      return std::max(a, b);
    case BinaryKind::kMinimum:
      return std::min(a, b);
  }
  return a;
}

/// Clamps `count` values to the range of a fused activation.
void ApplyActivation(Activation activation, float* data, std::int64_t count);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_ELEMENT_FUNCTIONS_H_
