#include "compiler/lower/requantize.h"

#include <utility>

namespace quaver::compiler {

Requantization MakeRequantization(const Node& node, const Tensor& input, const Tensor& output) {
  Requantization result;
  result.input = AffineOf(node, input);
  result.output = AffineOf(node, output);
  if (input.type == DataType::kInt32 && result.input.zero_point != 0) {
    Refuse(node, input,
           "expected zero point 0 of an int32, found " + std::to_string(result.input.zero_point) +
               "; quantize it symmetrically");
  }
  result.multiplier = result.negative_multiplier =
      QuantizeMultiplier(double{result.input.scale} / double{result.output.scale});
  result.range = TypeRange(output.type);
  return result;
}

void AppendRequantization(const Node& node, const Requantization& requantization,
                          std::int32_t input, std::int32_t output, Program* program) {
  fb::RequantizeT params;
  params.input_zero_point = requantization.input.zero_point;
  params.multiplier = requantization.multiplier.value;
  params.shift = requantization.multiplier.shift;
  params.negative_multiplier = requantization.negative_multiplier.value;
  params.negative_shift = requantization.negative_multiplier.shift;
  params.output_zero_point = requantization.output.zero_point;
  params.clamp_min = requantization.range.min;
  params.clamp_max = requantization.range.max;
  program->Append(node, fb::OperatorParams::Requantize, params, {input}, {output});
}

}  // namespace quaver::compiler
