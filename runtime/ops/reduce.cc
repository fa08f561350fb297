#include "runtime/ops/reduce_dims.h"

namespace quaver {
namespace {

bool VerifyScaling(OpVerifier* v) {
  const auto& p = v->params<fb::Reduce>();
  return v->ZeroPoint("input_zero_point", p.input_zero_point()) &&
         v->AnyMultiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         v->ZeroPoint("output_zero_point", p.output_zero_point()) &&
         v->Clamp(p.clamp_min(), p.clamp_max());
}

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::Reduce>();
  return v->Int8Unary() &&
         v->InRange("kind of reduction", 0, static_cast<std::int32_t>(fb::ReduceKind::MAX),
                    static_cast<std::int32_t>(p.kind())) &&
         VerifyReduceDims(v) && VerifyScaling(v);
}

template <typename Params>
void PrepareAs(const OpView& view, Preparer* preparer) {
  Params params{};
  FillReduceParams<std::int8_t>(view, *preparer, &params);
  preparer->Call(params, params.output_count);
}

void Prepare(const OpView& view, Preparer* preparer) {
  switch (view.params<fb::Reduce>().kind()) {
    case fb::ReduceKind::Mean:
    case fb::ReduceKind::Sum:
      return PrepareAs<kernels::ReduceMeanParams>(view, preparer);
    case fb::ReduceKind::Max:
      return PrepareAs<kernels::ReduceMaxParams>(view, preparer);
    case fb::ReduceKind::Min:
      return PrepareAs<kernels::ReduceMinParams>(view, preparer);
  }
}

}  // namespace

extern const OpDefinition kReduceDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
