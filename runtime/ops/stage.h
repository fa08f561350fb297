// The file's output stage as the kernels' type, used in place.
#ifndef QUAVER_RUNTIME_OPS_STAGE_H_
#define QUAVER_RUNTIME_OPS_STAGE_H_

#include "kernels/params.h"
#include "runtime/tensor_access.h"

namespace quaver {

inline kernels::OutputStage MakeStage(const Int32Vector& bias, const fb::OutputStage& stage) {
  kernels::OutputStage result{};
  result.bias = bias.data();
  result.multiplier = stage.multiplier()->data();
  result.shift = stage.shift()->data();
  result.zero_point = stage.zero_point();
  result.clamp_min = stage.clamp_min();
  result.clamp_max = stage.clamp_max();
  return result;
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_STAGE_H_
