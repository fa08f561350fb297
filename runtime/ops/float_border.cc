// Models that take or give float32. Built with QUAVER_FLOAT_BORDER only.
#include "kernels/float_border.h"

#include <cstring>

#include "runtime/ops/op_definition.h"

namespace quaver {

QUAVER_RECORD_BYTES(CallRecord<kernels::QuantizeFloatParams>, 44, 64);
QUAVER_RECORD_BYTES(CallRecord<kernels::DequantizeFloatParams>, 40, 64);

namespace {

constexpr kernels::Kernel<kernels::QuantizeFloatParams> kQuantize = {
    "QuantizeFloatScalar", Isa::kScalar, &kernels::QuantizeFloatScalar, {}, nullptr, nullptr};
constexpr kernels::Kernel<kernels::DequantizeFloatParams> kDequantize = {
    "DequantizeFloatScalar", Isa::kScalar, &kernels::DequantizeFloatScalar, {}, nullptr, nullptr};

/// Positive and finite: as bits, above zero and below infinity.
bool VerifyScale(OpVerifier* v, float scale) {
  constexpr std::int64_t kLargestFiniteBits = 0x7F7FFFFF;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &scale, sizeof(bits));
  return v->InRange("bits of the scale", 1, kLargestFiniteBits, bits);
}

bool IsUInt8(const fb::Tensor& tensor) { return tensor.type() == fb::TensorType::UInt8; }
std::int32_t Lowest(const fb::Tensor& tensor) { return IsUInt8(tensor) ? 0 : INT8_MIN; }
std::int32_t Highest(const fb::Tensor& tensor) { return IsUInt8(tensor) ? UINT8_MAX : INT8_MAX; }

bool VerifyQuantize(OpVerifier* v) {
  if (!(v->Operands(1, 1) && v->InputType(0, fb::TensorType::Float32) &&
        (IsUInt8(v->output(0)) || v->OutputType(0, fb::TensorType::Int8)))) {
    return false;
  }
  const auto& p = v->params<fb::QuantizeFloat>();
  const std::int32_t low = Lowest(v->output(0));
  const std::int32_t high = Highest(v->output(0));
  return v->OutputElements(0, ElementCount(v->input(0))) && VerifyScale(v, p.scale()) &&
         v->InRange("zero_point", low, high, p.zero_point()) &&
         v->InRange("clamp_min", low, high, p.clamp_min()) &&
         v->InRange("clamp_max", p.clamp_min(), high, p.clamp_max());
}

bool VerifyDequantize(OpVerifier* v) {
  if (!(v->Operands(1, 1) && v->OutputType(0, fb::TensorType::Float32) &&
        (IsUInt8(v->input(0)) || v->InputType(0, fb::TensorType::Int8)))) {
    return false;
  }
  const auto& p = v->params<fb::DequantizeFloat>();
  return v->OutputElements(0, ElementCount(v->input(0))) && VerifyScale(v, p.scale()) &&
         v->InRange("zero_point", Lowest(v->input(0)), Highest(v->input(0)), p.zero_point());
}

void PrepareQuantize(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::QuantizeFloat>();
  kernels::QuantizeFloatParams params{};
  params.input = preparer->Input<float>(view.input(0));
  params.output = preparer->Output<std::uint8_t>(view.output(0));
  params.scale = p.scale();
  params.zero_point = p.zero_point();
  params.clamp_min = p.clamp_min();
  params.clamp_max = p.clamp_max();
  preparer->AddRecord(kQuantize, params, ElementCount(view.input(0)));
}

void PrepareDequantize(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::DequantizeFloat>();
  kernels::DequantizeFloatParams params{};
  params.input = preparer->Input<std::uint8_t>(view.input(0));
  params.output = preparer->Output<float>(view.output(0));
  params.scale = p.scale();
  params.zero_point = p.zero_point();
  params.is_signed = !IsUInt8(view.input(0));
  preparer->AddRecord(kDequantize, params, ElementCount(view.input(0)));
}

}  // namespace

extern const OpDefinition kQuantizeFloatDefinition = {&VerifyQuantize, &PrepareQuantize, nullptr};
extern const OpDefinition kDequantizeFloatDefinition = {&VerifyDequantize, &PrepareDequantize,
                                                        nullptr};

}  // namespace quaver
