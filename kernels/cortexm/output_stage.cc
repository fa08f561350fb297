#include "kernels/cortexm/output_stage.h"

#include "kernels/requantize.h"

namespace quaver::kernels {

std::int32_t RequantizeChannel(const OutputStage& stage, std::int32_t channel,
                               std::int32_t accumulator) {
  return Requantize(accumulator, stage.multiplier[channel], stage.shift[channel], stage.zero_point,
                    stage.clamp_min, stage.clamp_max);
}

}  // namespace quaver::kernels
