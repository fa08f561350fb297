// Functions of one 8-bit value as 256-byte tables.
#ifndef QUAVER_COMPILER_LOWER_LUT_H_
#define QUAVER_COMPILER_LOWER_LUT_H_

#include <array>
#include <cstdint>
#include <functional>

#include "compiler/ir/graph.h"
#include "compiler/lower/program.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {

/// Indexed by the input byte taken as unsigned; entries are output bytes.
using Table = std::array<std::uint8_t, 256>;

/// Table of `function`, which maps a quantized value to one that need not be in range yet.
/// Values are those of the types, int8 or uint8.
Table MakeTable(DataType input, DataType output,
                const std::function<std::int64_t(std::int32_t)>& function);

/// Table of a real function: round_half_away(function(scale * (q - z)) / scale') + z' in double;
/// where the function is not a number, the output's zero point.
Table MakeRealTable(const Affine& input, const Affine& output,
                    const std::function<double(double)>& function);

/// From one scale, zero point and 8-bit type to another (TFLite: reference/requantize.h).
Table RequantizeTable(DataType input_type, const Affine& input, DataType output_type,
                      const Affine& output);

/// Appends a Lut8 from program tensor `input` to `output`.
void AppendTable(const Node& node, const Table& table, std::int32_t input, std::int32_t output,
                 Program* program);

/// Appends what brings graph tensor `id` to the type and quantization of `like`, a Lut8 or, where
/// one of the types is int16, a Requantize; returns the temporary that holds the result.
std::int32_t AppendRequantize(const Node& node, TensorId id, const Tensor& like, Program* program);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_LUT_H_
