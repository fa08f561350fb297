#include "runtime/ops/broadcast.h"

namespace quaver {
namespace {

/// The last element read is inside the input, whose elements are `count`.
bool VerifyStrides(OpVerifier* v, const char* what, const Int32Vector& dims,
                   const Int32Vector& strides, std::int32_t count) {
  if (!v->Equal(what, Count(dims), Count(strides))) return false;
  std::int64_t last = 0;
  for (std::int32_t i = 0; i < Count(dims); ++i) {
    // At most 6 products of 62 bits, each checked before the next is added.
    if (!v->InRange(what, 0, INT32_MAX, At(strides, i))) return false;
    last += (std::int64_t{At(dims, i)} - 1) * At(strides, i);
    if (!v->InRange(what, 0, count - 1, last)) return false;
  }
  return true;
}

}  // namespace

bool VerifyBroadcast(OpVerifier* v, const fb::Broadcast& b, fb::TensorType type) {
  if (!(v->Operands(2, 1) && v->InputType(0, type) && v->InputType(1, type) &&
        v->OutputType(0, type))) {
    return false;
  }
  const Int32Vector& dims = *b.dims();
  if (!v->InRange("number of broadcast dimensions", 1, kMaxRank, Count(dims))) return false;
  std::int64_t elements = 1;
  for (std::int32_t i = 0; i < Count(dims); ++i) {
    if (!v->InRange("broadcast dimension", 1, INT32_MAX, At(dims, i))) return false;
    elements *= At(dims, i);
    if (!v->InRange("broadcast elements", 1, INT32_MAX, elements)) return false;
  }
  return v->OutputElements(0, elements) &&
         VerifyStrides(v, "strides of input 0", dims, *b.strides1(), ElementCount(v->input(0))) &&
         VerifyStrides(v, "strides of input 1", dims, *b.strides2(), ElementCount(v->input(1)));
}

bool BroadcastInPlace(const fb::Broadcast& b, std::int32_t input) {
  const Int32Vector& strides = input == 0 ? *b.strides1() : *b.strides2();
  std::int32_t contiguous = 1;
  for (std::int32_t i = Count(b.dims()); i-- > 0;) {
    const std::int32_t dim = At(*b.dims(), i);
    if (dim != 1 && At(strides, i) != contiguous) return false;
    contiguous *= dim;
  }
  return true;
}

template <typename T>
void FillBroadcastParams(const OpView& view, const fb::Broadcast& b, const Preparer& preparer,
                         kernels::BroadcastParamsOf<T>* params) {
  params->input1 = preparer.Input<T>(view.input(0));
  params->input2 = preparer.Input<T>(view.input(1));
  params->output = preparer.Output<T>(view.output(0));
  params->dims = b.dims()->data();
  params->strides1 = b.strides1()->data();
  params->strides2 = b.strides2()->data();
  params->rank = Count(b.dims());
}

template void FillBroadcastParams(const OpView&, const fb::Broadcast&, const Preparer&,
                                  kernels::BroadcastParamsOf<std::int8_t>*);
template void FillBroadcastParams(const OpView&, const fb::Broadcast&, const Preparer&,
                                  kernels::BroadcastParamsOf<std::int16_t>*);

// The inputs are scaled by multipliers up to 1 after the left shift, so that each is at most
// 255 * 2^22 < 2^30 and their sum fits an int32; TensorFlow Lite uses 20 and multipliers up to 1/2.
bool VerifyAddSub(OpVerifier* v) {
  const auto& p = v->params<fb::AddSub>();
  return VerifyBroadcast(v, *p.broadcast()) && v->InRange("left_shift", 0, 22, p.left_shift()) &&
         v->ZeroPoint("zero_point1", p.zero_point1()) &&
         v->ZeroPoint("zero_point2", p.zero_point2()) &&
         v->Multiplier("multiplier1", p.multiplier1()) &&
         v->Multiplier("multiplier2", p.multiplier2()) &&
         v->InRange("shift1", -31, 0, p.shift1()) && v->InRange("shift2", -31, 0, p.shift2()) &&
         v->Multiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         v->ZeroPoint("output_zero_point", p.output_zero_point()) &&
         v->Clamp(p.clamp_min(), p.clamp_max());
}

bool AddSubInPlace(const OpView& view, std::int32_t input) {
  return BroadcastInPlace(*view.params<fb::AddSub>().broadcast(), input);
}

bool AddSubTakesTiles(const OpView& view, std::int32_t input) {
  const fb::Broadcast& b = *view.params<fb::AddSub>().broadcast();
  const Int32Vector& strides = input == 0 ? *b.strides1() : *b.strides2();
  return Count(b.dims()) == 1 && At(strides, 0) == 1 &&
         At(*b.dims(), 0) == ElementCount(view.input(input));
}

template <typename T>
void FillAddSubParams(const OpView& view, const Preparer& preparer,
                      kernels::AddSubParamsOf<T>* params) {
  const auto& p = view.params<fb::AddSub>();
  FillBroadcastParams<T>(view, *p.broadcast(), preparer, params);
  params->left_shift = p.left_shift();
  params->zero_point1 = p.zero_point1();
  params->zero_point2 = p.zero_point2();
  params->multiplier1 = p.multiplier1();
  params->multiplier2 = p.multiplier2();
  params->shift1 = p.shift1();
  params->shift2 = p.shift2();
  params->output_multiplier = p.output_multiplier();
  params->output_shift = p.output_shift();
  params->output_zero_point = p.output_zero_point();
  params->clamp_min = p.clamp_min();
  params->clamp_max = p.clamp_max();
}

template void FillAddSubParams(const OpView&, const Preparer&,
                               kernels::AddSubParamsOf<std::int8_t>*);
template void FillAddSubParams(const OpView&, const Preparer&,
                               kernels::AddSubParamsOf<std::int16_t>*);

}  // namespace quaver
