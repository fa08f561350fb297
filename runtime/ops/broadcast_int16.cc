// Add, Sub and Mul of int16.
#include "runtime/ops/broadcast.h"
#include "runtime/ops/int16.h"

namespace quaver {
namespace {

/// Of AddSub and Mul, which name them alike.
template <typename Table>
bool VerifyNoZeroPoints(OpVerifier* v, const Table& p) {
  return v->Equal("zero_point1 of int16", 0, p.zero_point1()) &&
         v->Equal("zero_point2 of int16", 0, p.zero_point2()) &&
         v->Equal("output_zero_point of int16", 0, p.output_zero_point());
}

// The inputs are scaled by multipliers up to 1 after the left shift, so that each is at most 2^30
// and their sum fits an int32; TensorFlow Lite uses 15 and multipliers up to 1/2.
bool VerifySum(OpVerifier* v) {
  const auto& p = v->params<fb::AddSub>();
  return VerifyBroadcast(v, *p.broadcast(), fb::TensorType::Int16) &&
         v->InRange("left_shift of int16", 0, 15, p.left_shift()) && VerifyNoZeroPoints(v, p) &&
         v->Multiplier("multiplier1", p.multiplier1()) &&
         v->Multiplier("multiplier2", p.multiplier2()) &&
         v->InRange("shift1", -31, 0, p.shift1()) && v->InRange("shift2", -31, 0, p.shift2()) &&
         v->Multiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         VerifyClampInt16(v, p.clamp_min(), p.clamp_max());
}

template <typename Params>
void PrepareSum(const OpView& view, Preparer* preparer) {
  Params params{};
  FillAddSubParams<std::int16_t>(view, *preparer, &params);
  preparer->Call(params, params.dims[0]);
}

bool VerifyProduct(OpVerifier* v) {
  const auto& p = v->params<fb::Mul>();
  return VerifyBroadcast(v, *p.broadcast(), fb::TensorType::Int16) && VerifyNoZeroPoints(v, p) &&
         v->Multiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         VerifyClampInt16(v, p.clamp_min(), p.clamp_max());
}

void PrepareProduct(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Mul>();
  kernels::MulInt16Params params{};
  FillBroadcastParams<std::int16_t>(view, *p.broadcast(), *preparer, &params);
  params.output_multiplier = p.output_multiplier();
  params.output_shift = p.output_shift();
  params.clamp_min = p.clamp_min();
  params.clamp_max = p.clamp_max();
  preparer->Call(params, params.dims[0]);
}

bool ProductInPlace(const OpView& view, std::int32_t input) {
  return BroadcastInPlace(*view.params<fb::Mul>().broadcast(), input);
}

}  // namespace

extern const OpDefinition kAddInt16Definition = {&VerifySum, &PrepareSum<kernels::AddInt16Params>,
                                                 &AddSubInPlace};
extern const OpDefinition kSubInt16Definition = {&VerifySum, &PrepareSum<kernels::SubInt16Params>,
                                                 &AddSubInPlace};
extern const OpDefinition kMulInt16Definition = {&VerifyProduct, &PrepareProduct, &ProductInPlace};

}  // namespace quaver
