// int32 accumulators to int8, exactly as kernels/requantize.h, with fewer operations on 64 bits.
#ifndef QUAVER_KERNELS_CORTEXM_PLAIN_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_CORTEXM_PLAIN_OUTPUT_STAGE_H_

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// Channels of a pixel whose sums are kept before they are stored, a multiple of 4.
inline constexpr std::int32_t kPlainBlock = 32;

/// Output channels [channel, channel + count) of one pixel from their sums without the bias;
/// `output` is channel 0.
void StoreSums(const OutputStage& stage, std::int32_t channel, std::int32_t count,
               const std::int32_t* sums, std::int8_t* output);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_PLAIN_OUTPUT_STAGE_H_
