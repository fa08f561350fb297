#include "runtime/ops/int16.h"
#include "runtime/ops/reduce_dims.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::Reduce>();
  return VerifyInt16Unary(v) &&
         v->InRange("kind of reduction of int16 (0 mean, 1 sum)", 0, 1,
                    static_cast<std::int32_t>(p.kind())) &&
         VerifyReduceDims(v) && v->Equal("input_zero_point of int16", 0, p.input_zero_point()) &&
         v->AnyMultiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         v->Equal("output_zero_point of int16", 0, p.output_zero_point()) &&
         VerifyClampInt16(v, p.clamp_min(), p.clamp_max());
}

void Prepare(const OpView& view, Preparer* preparer) {
  kernels::ReduceMeanInt16Params params{};
  FillReduceParams<std::int16_t>(view, *preparer, &params);
  preparer->Call(params, params.output_count);
}

}  // namespace

extern const OpDefinition kReduceInt16Definition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
