// Models that take or give float32. Built with QUAVER_FLOAT_BORDER only.
#include "kernels/float_border.h"

#include "runtime/ops/float_border_scale.h"
#include "runtime/ops/op_definition.h"

namespace quaver {

QUAVER_RECORD_BYTES(CallRecord<kernels::QuantizeFloatParams>, 48, 72);
QUAVER_RECORD_BYTES(CallRecord<kernels::DequantizeFloatParams>, 40, 64);

namespace {

constexpr kernels::Kernel<kernels::QuantizeFloatParams> kQuantize = {
    "QuantizeFloatScalar", Isa::kScalar, &kernels::QuantizeFloatScalar, {}, nullptr, nullptr};
constexpr kernels::Kernel<kernels::DequantizeFloatParams> kDequantize = {
    "DequantizeFloatScalar", Isa::kScalar, &kernels::DequantizeFloatScalar, {}, nullptr, nullptr};

constexpr char kScaleBits[] = "bits of the scale";

/// What a quantized type holds.
struct QuantizedRange {
  std::int32_t low, high;
  std::int32_t least_zero_point, most_zero_point;
};
constexpr QuantizedRange kInt8Range = {INT8_MIN, INT8_MAX, INT8_MIN, INT8_MAX};
constexpr QuantizedRange kUInt8Range = {0, UINT8_MAX, 0, UINT8_MAX};
constexpr QuantizedRange kInt16Range = {INT16_MIN, INT16_MAX, 0, 0};
/// Null where the tensor is not quantized.
const QuantizedRange* RangeOf(const fb::Tensor& tensor) {
  switch (tensor.type()) {
    case fb::TensorType::Int8:
      return &kInt8Range;
    case fb::TensorType::UInt8:
      return &kUInt8Range;
    case fb::TensorType::Int16:
      return &kInt16Range;
    default:
      return nullptr;
  }
}
bool IsInt16(const fb::Tensor& tensor) { return tensor.type() == fb::TensorType::Int16; }

bool VerifyQuantize(OpVerifier* v) {
  if (!(v->Operands(1, 1) && v->InputType(0, fb::TensorType::Float32))) return false;
  const auto& p = v->params<fb::QuantizeFloat>();
  const QuantizedRange* range = RangeOf(v->output(0));
  if (range == nullptr) return v->OutputType(0, fb::TensorType::Int8);
  return v->OutputElements(0, ElementCount(v->input(0))) && VerifyScale(v, kScaleBits, p.scale()) &&
         v->InRange("zero_point", range->least_zero_point, range->most_zero_point,
                    p.zero_point()) &&
         v->InRange("clamp_min", range->low, range->high, p.clamp_min()) &&
         v->InRange("clamp_max", p.clamp_min(), range->high, p.clamp_max());
}

bool VerifyDequantize(OpVerifier* v) {
  if (!(v->Operands(1, 1) && v->OutputType(0, fb::TensorType::Float32))) return false;
  const auto& p = v->params<fb::DequantizeFloat>();
  const QuantizedRange* range = RangeOf(v->input(0));
  if (range == nullptr) return v->InputType(0, fb::TensorType::Int8);
  return v->OutputElements(0, ElementCount(v->input(0))) && VerifyScale(v, kScaleBits, p.scale()) &&
         v->InRange("zero_point", range->least_zero_point, range->most_zero_point, p.zero_point());
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
  params.is_wide = IsInt16(view.output(0));
  preparer->AddRecord(kQuantize, params, ElementCount(view.input(0)));
}

void PrepareDequantize(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::DequantizeFloat>();
  kernels::DequantizeFloatParams params{};
  params.input = preparer->Input<std::uint8_t>(view.input(0));
  params.output = preparer->Output<float>(view.output(0));
  params.scale = p.scale();
  params.zero_point = p.zero_point();
  params.is_signed = view.input(0).type() != fb::TensorType::UInt8;
  params.is_wide = IsInt16(view.input(0));
  preparer->AddRecord(kDequantize, params, ElementCount(view.input(0)));
}

}  // namespace

extern const OpDefinition kQuantizeFloatDefinition = {&VerifyQuantize, &PrepareQuantize, nullptr};
extern const OpDefinition kDequantizeFloatDefinition = {&VerifyDequantize, &PrepareDequantize,
                                                        nullptr};

}  // namespace quaver
