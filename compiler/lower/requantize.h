// The operator between types of which one is wider than 8 bits, and the functions of an int16 that
// are two straight lines.
#ifndef QUAVER_COMPILER_LOWER_REQUANTIZE_H_
#define QUAVER_COMPILER_LOWER_REQUANTIZE_H_

#include <cstdint>

#include "compiler/ir/graph.h"
#include "compiler/lower/program.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {

/// The function q -> q' of a tensor of one type and scale to another's.
struct Requantization {
  Affine input, output;
  Multiplier multiplier, negative_multiplier;  ///< The second of values below the zero point.
  ClampRange range;
};

/// From one scale, zero point and type to another (TFLite: reference/requantize.h).
Requantization MakeRequantization(const Node& node, const Tensor& input, const Tensor& output);

/// Appends it from program tensor `input` to `output`.
void AppendRequantization(const Node& node, const Requantization& requantization,
                          std::int32_t input, std::int32_t output, Program* program);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_REQUANTIZE_H_
