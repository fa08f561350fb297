#include "runtime/ops/broadcast.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::Mul>();
  return VerifyBroadcast(v, *p.broadcast()) && v->ZeroPoint("zero_point1", p.zero_point1()) &&
         v->ZeroPoint("zero_point2", p.zero_point2()) &&
         v->Multiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         v->ZeroPoint("output_zero_point", p.output_zero_point()) &&
         v->Clamp(p.clamp_min(), p.clamp_max());
}

bool InPlace(const OpView& view, std::int32_t input) {
  return BroadcastInPlace(*view.params<fb::Mul>().broadcast(), input);
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Mul>();
  kernels::MulParams params{};
  FillBroadcastParams<std::int8_t>(view, *p.broadcast(), *preparer, &params);
  params.zero_point1 = p.zero_point1();
  params.zero_point2 = p.zero_point2();
  params.output_multiplier = p.output_multiplier();
  params.output_shift = p.output_shift();
  params.output_zero_point = p.output_zero_point();
  params.clamp_min = p.clamp_min();
  params.clamp_max = p.clamp_max();
  preparer->Call(params, params.dims[0]);
}

}  // namespace

extern const OpDefinition kMulDefinition = {&Verify, &Prepare, &InPlace};

}  // namespace quaver
