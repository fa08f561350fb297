// int32 accumulators to int8 for eight channels, exactly as kernels/requantize.h.
// Included only by files compiled for NEON; everything has internal linkage.
#ifndef QUAVER_KERNELS_NEON_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_NEON_OUTPUT_STAGE_H_

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

#include "kernels/generic/gemm.h"

namespace quaver::kernels {
namespace {

// Row 0: bias, 1: multiplier, 2: shift. Eight int32 each.
inline int32x4x2_t LoadHeader(const std::uint8_t* panel, int row) {
  const std::uint8_t* values = panel + row * 32;
  return {vreinterpretq_s32_u8(vld1q_u8(values)), vreinterpretq_s32_u8(vld1q_u8(values + 16))};
}

// SQDMULH is floor(2 * x * m / 2^32) and SRSHL by r >= 1 is floor((y + 2^(r-1)) / 2^r): together
// floor((x * m + 2^(30+r)) / 2^(31+r)), one rounding, as nested floors are one. A shift s >= 0
// takes r = 1 after x * 2^(s+1), saturated: where that overflows, the result is beyond every clamp
// either way (docs/arithmetic.md).
class OutputStageNeon {
 public:
  OutputStageNeon(const std::uint8_t* panel, const TileOutput& output)
      : multiplier_(LoadHeader(panel, 1)),
        right_(LoadHeader(panel, 2)),
        zero_point_(vdupq_n_s32(output.zero_point)),
        low_(vdup_n_s8(static_cast<std::int8_t>(output.clamp_min))),
        high_(vdup_n_s8(static_cast<std::int8_t>(output.clamp_max))) {
    for (int half = 0; half < 2; ++half) {
      const int32x4_t shift = right_.val[half];
      right_.val[half] = vminq_s32(shift, vdupq_n_s32(-1));
      left_.val[half] = vsubq_s32(shift, right_.val[half]);
    }
  }

  [[nodiscard]] int8x8_t Requantize(const int32x4x2_t& accumulator) const {
    const int16x8_t words = vcombine_s16(vqmovn_s32(Scale(accumulator.val[0], 0)),
                                         vqmovn_s32(Scale(accumulator.val[1], 1)));
    return vmin_s8(vmax_s8(vqmovn_s16(words), low_), high_);
  }

 private:
  // At most 2^30 in magnitude before the zero point.
  [[nodiscard]] int32x4_t Scale(int32x4_t x, int half) const {
    const int32x4_t high = vqdmulhq_s32(vqshlq_s32(x, left_.val[half]), multiplier_.val[half]);
    return vaddq_s32(vrshlq_s32(high, right_.val[half]), zero_point_);
  }

  int32x4x2_t multiplier_;
  int32x4x2_t left_;   // >= 0
  int32x4x2_t right_;  // <= -1
  int32x4_t zero_point_;
  int8x8_t low_, high_;
};

inline void StoreChannels(int8x8_t bytes, const TileOutput& output, std::int8_t* target) {
  if (output.end - output.begin == 8) {
    vst1_s8(target, bytes);
    return;
  }
  std::int8_t channels[8];
  vst1_s8(channels, bytes);
  std::memcpy(target + output.begin, channels + output.begin,
              static_cast<std::size_t>(output.end - output.begin));
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEON_OUTPUT_STAGE_H_
