#include "compiler/lower/lut.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "compiler/lower/requantize.h"

namespace quaver::compiler {
namespace {

std::int32_t Lowest(DataType type) { return type == DataType::kUInt8 ? 0 : -128; }

Affine EightBitAffineOf(const Node& node, const Tensor& tensor) {
  if (tensor.type != DataType::kInt8 && tensor.type != DataType::kUInt8) {
    Refuse(node, tensor,
           std::string("expected int8 or uint8, found ") + DataTypeName(tensor.type) +
               "; convert the model with int8 quantization");
  }
  return AffineOf(node, tensor);
}

}  // namespace

Table MakeTable(DataType input, DataType output,
                const std::function<std::int64_t(std::int32_t)>& function) {
  Table table{};
  const std::int32_t low = Lowest(output);
  for (std::int32_t i = 0; i < 256; ++i) {
    const std::int32_t q = Lowest(input) + i;
    const std::int64_t value = std::clamp<std::int64_t>(function(q), low, low + 255);
    table[static_cast<std::uint8_t>(q)] = static_cast<std::uint8_t>(value);
  }
  return table;
}

Table MakeRealTable(const Affine& input, const Affine& output,
                    const std::function<double(double)>& function) {
  return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) -> std::int64_t {
    const double result = function(double{input.scale} * (q - input.zero_point));
    if (std::isnan(result)) return output.zero_point;
    const double quotient = std::round(result / double{output.scale});
    return static_cast<std::int64_t>(std::clamp(quotient, -1e6, 1e6)) + output.zero_point;
  });
}

Table RequantizeTable(DataType input_type, const Affine& input, DataType output_type,
                      const Affine& output) {
  const Multiplier multiplier = QuantizeMultiplier(double{input.scale} / double{output.scale});
  return MakeTable(input_type, output_type, [&](std::int32_t q) {
    return Multiply(q - input.zero_point, multiplier) + output.zero_point;
  });
}

void AppendTable(const Node& node, const Table& table, std::int32_t input, std::int32_t output,
                 Program* program) {
  fb::Lut8T params;
  params.table.assign(table.begin(), table.end());
  program->Append(node, fb::OperatorParams::Lut8, std::move(params), {input}, {output});
}

std::int32_t AppendRequantize(const Node& node, TensorId id, const Tensor& like, Program* program) {
  const Tensor& input = program->tensor(id);
  Tensor target = input;
  target.type = like.type;
  target.quantization = like.quantization;
  target.name = input.name + " requantized";
  const std::int32_t source = program->Place(id);
  const std::int32_t result = program->AddTemporary(target);
  if (input.type == DataType::kInt16 || like.type == DataType::kInt16) {
    AppendRequantization(node, MakeRequantization(node, input, like), source, result, program);
  } else {
    AppendTable(node,
                RequantizeTable(input.type, EightBitAffineOf(node, input), like.type,
                                EightBitAffineOf(node, like)),
                source, result, program);
  }
  return result;
}

}  // namespace quaver::compiler
