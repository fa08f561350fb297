// The last step of an operator with weights, for one value.
#ifndef QUAVER_KERNELS_SCALAR_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_SCALAR_OUTPUT_STAGE_H_

#include <cstdint>

#include "kernels/params.h"
#include "kernels/requantize.h"

namespace quaver::kernels {

/// `sum` of products to an output value. The bias is added modulo 2^32: it may hold a large
/// folded zero-point term that the sum cancels (docs/arithmetic.md).
inline std::int8_t ApplyOutputStage(const OutputStage& stage, std::int32_t channel,
                                    std::int32_t sum) {
  const std::uint32_t accumulator =
      static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(stage.bias[channel]);
  return Requantize(static_cast<std::int32_t>(accumulator), stage.multiplier[channel],
                    stage.shift[channel], stage.zero_point, stage.clamp_min, stage.clamp_max);
}

/// The same of operators on int16.
inline std::int16_t ApplyOutputStage(const OutputStageInt16& stage, std::int32_t channel,
                                     std::int64_t sum) {
  const std::int64_t bias = std::int64_t{stage.bias_high[channel]} * (std::int64_t{1} << 32) +
                            static_cast<std::uint32_t>(stage.bias[channel]);
  return RequantizeInt16(sum + bias, stage.multiplier[channel], stage.shift[channel],
                         stage.clamp_min, stage.clamp_max);
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_SCALAR_OUTPUT_STAGE_H_
