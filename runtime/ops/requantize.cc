#include "runtime/ops/op_definition.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  if (!v->Operands(1, 1)) return false;
  const auto& p = v->params<fb::Requantize>();
  const fb::TensorType from = v->input(0).type();
  if (from != fb::TensorType::Int8 && from != fb::TensorType::Int16 &&
      !v->InputType(0, fb::TensorType::Int32)) {
    return false;
  }
  const bool to_int8 = v->output(0).type() == fb::TensorType::Int8;
  if (!to_int8 && !v->OutputType(0, fb::TensorType::Int16)) return false;
  const std::int32_t low = to_int8 ? INT8_MIN : INT16_MIN;
  const std::int32_t high = to_int8 ? INT8_MAX : INT16_MAX;
  // Of 8 bits only: wider values less a zero point could leave an int32.
  return (from == fb::TensorType::Int8 ||
          v->Equal("input_zero_point of more than 8 bits", 0, p.input_zero_point())) &&
         v->ZeroPoint("input_zero_point", p.input_zero_point()) &&
         (to_int8 || v->Equal("output_zero_point of int16", 0, p.output_zero_point())) &&
         v->ZeroPoint("output_zero_point", p.output_zero_point()) &&
         v->Multiplier("multiplier", p.multiplier()) && v->Shift("shift", p.shift()) &&
         v->Multiplier("negative_multiplier", p.negative_multiplier()) &&
         v->Shift("negative_shift", p.negative_shift()) &&
         v->InRange("clamp_min", low, high, p.clamp_min()) &&
         v->InRange("clamp_max", p.clamp_min(), high, p.clamp_max()) &&
         v->OutputElements(0, ElementCount(v->input(0)));
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Requantize>();
  kernels::RequantizeParams params{};
  params.input = preparer->Input(view.input(0));
  params.output = preparer->Output(view.output(0));
  params.count = ElementCount(view.input(0));
  params.input_zero_point = p.input_zero_point();
  params.output_zero_point = p.output_zero_point();
  params.multiplier = p.multiplier();
  params.shift = p.shift();
  params.negative_multiplier = p.negative_multiplier();
  params.negative_shift = p.negative_shift();
  params.clamp_min = p.clamp_min();
  params.clamp_max = p.clamp_max();
  params.input_bytes = static_cast<std::uint8_t>(ElementBytes(view.input(0)));
  params.output_bytes = static_cast<std::uint8_t>(ElementBytes(view.output(0)));
  preparer->Call(params, params.count);
}

}  // namespace

extern const OpDefinition kRequantizeDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
