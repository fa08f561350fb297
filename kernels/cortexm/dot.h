// Dot products of int8 rows as they lie in memory.
#ifndef QUAVER_KERNELS_CORTEXM_DOT_H_
#define QUAVER_KERNELS_CORTEXM_DOT_H_

#include <cstdint>

#include "kernels/cortexm/output_stage.h"

namespace quaver::kernels {

struct DotOperands {
  const std::int8_t* input;
  const std::int8_t* weights;  // [channels, depth]
  std::int32_t depth;
};

/// Output channels [begin, end) of one output pixel, or row.
void DotChannels(const DotOperands& dot, const CommonStage& stage, std::int32_t begin,
                 std::int32_t end, std::int8_t* output);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_DOT_H_
