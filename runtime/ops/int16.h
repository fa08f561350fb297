// What operators on int16 activations share: zero points are 0, biases have 64 bits.
#ifndef QUAVER_RUNTIME_OPS_INT16_H_
#define QUAVER_RUNTIME_OPS_INT16_H_

#include "runtime/ops/op_definition.h"

namespace quaver {

/// One input and one output of int16.
inline bool VerifyInt16Unary(OpVerifier* v) {
  return v->Operands(1, 1) && v->InputType(0, fb::TensorType::Int16) &&
         v->OutputType(0, fb::TensorType::Int16);
}

inline bool VerifyClampInt16(OpVerifier* v, std::int32_t clamp_min, std::int32_t clamp_max) {
  return v->InRange("clamp_min", INT16_MIN, INT16_MAX, clamp_min) &&
         v->InRange("clamp_max", clamp_min, INT16_MAX, clamp_max);
}

/// Of the tables that operators on int8 and on int16 share.
template <typename Table>
bool VerifyStageInt16(OpVerifier* v, const Table& p, std::int32_t channels) {
  const fb::OutputStage& stage = *p.output();
  if (!(v->Equal("entries of bias", channels, Count(p.bias())) &&
        v->Equal("entries of bias_high", channels, Count(p.bias_high())) &&
        v->Equal("entries of multiplier", channels, Count(stage.multiplier())) &&
        v->Equal("entries of shift", channels, Count(stage.shift())) &&
        v->Equal("output zero point of int16", 0, stage.zero_point()) &&
        v->Equal("packed weights of an operator on int16", 0, Count(p.packed())) &&
        VerifyClampInt16(v, stage.clamp_min(), stage.clamp_max()))) {
    return false;
  }
  for (std::int32_t c = 0; c < channels; ++c) {
    const std::int32_t multiplier = At(*stage.multiplier(), c);
    // With biases below 2^46, and sums of products below 2^39, accumulators are below 2^47.
    if (!(v->InRange("upper half of a bias", -(1 << 14), (1 << 14) - 1, At(*p.bias_high(), c)) &&
          (multiplier == 0 ||
           v->InRange("output multiplier of int16", 1 << 14, INT16_MAX, multiplier)) &&
          v->InRange("output shift of int16", -31, 7, At(*stage.shift(), c)))) {
      return false;
    }
  }
  return true;
}

template <typename Table>
kernels::OutputStageInt16 MakeStageInt16(const Table& p) {
  const fb::OutputStage& stage = *p.output();
  return {p.bias()->data(),      p.bias_high()->data(), stage.multiplier()->data(),
          stage.shift()->data(), stage.clamp_min(),     stage.clamp_max()};
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_INT16_H_
