// int32 accumulators to int8, exactly as kernels/requantize.h, for all Advanced SIMD kernels.
// Everything has internal linkage: each instruction set compiles its own copy.
#ifndef QUAVER_KERNELS_ARM_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_ARM_OUTPUT_STAGE_H_

#include <arm_neon.h>

#include <cstdint>

#include "kernels/arm/compat.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// The multipliers and shifts of four channels.
///
/// SQDMULH is floor(2 * x * m / 2^32) and SRSHL by r >= 1 is floor((y + 2^(r-1)) / 2^r): together
/// floor((x * m + 2^(30+r)) / 2^(31+r)), one rounding, as nested floors are one. A shift s >= 0
/// takes r = 1 after x * 2^(s+1), saturated: where that overflows, the result is beyond every clamp
/// either way (docs/arithmetic.md).
class Requantizer {
 public:
  /// multiplier: 0 or in [2^30, 2^31); shift in [-31, 30].
  Requantizer(int32x4_t multiplier, int32x4_t shift)
      : multiplier_(multiplier), right_(vminq_s32(shift, vdupq_n_s32(-1))) {}

  /// accumulator * 2^(shift + 1) where shift >= 0, saturated: what operator() needs first then.
  static int32x4_t ShiftLeft(int32x4_t accumulator, int32x4_t shift) {
    return vqshlq_s32(accumulator, vmaxq_s32(vaddq_s32(shift, vdupq_n_s32(1)), vdupq_n_s32(0)));
  }

  /// At most 2^30 in magnitude.
  [[nodiscard]] int32x4_t operator()(int32x4_t accumulator) const {
    return vrshlq_s32(vqdmulhq_s32(accumulator, multiplier_), right_);
  }

 private:
  int32x4_t multiplier_;
  int32x4_t right_;  // <= -1
};

/// Zero point, clamp and narrowing. Saturation to 16 bits changes nothing that the clamp would not.
class Narrower {
 public:
  Narrower(std::int32_t zero_point, std::int32_t clamp_min, std::int32_t clamp_max)
      : clamps_(clamp_min > INT8_MIN || clamp_max < INT8_MAX),
        is_relu_(!clamps_ && zero_point == INT8_MIN),
        zero_point_(vdupq_n_s16(static_cast<std::int16_t>(zero_point))),
        low_(vdupq_n_s8(static_cast<std::int8_t>(clamp_min))),
        high_(vdupq_n_s8(static_cast<std::int8_t>(clamp_max))) {}
  explicit Narrower(const OutputStage& stage)
      : Narrower(stage.zero_point, stage.clamp_min, stage.clamp_max) {}

  /// Words with their zero point to bytes, not clamped yet; whether the clamp changes any byte.
  [[nodiscard]] int8x16_t Bytes(int16x8_t low, int16x8_t high) const {
    return Narrow16(vqaddq_s16(low, zero_point_), vqaddq_s16(high, zero_point_));
  }
  [[nodiscard]] bool clamps() const { return clamps_; }
  /// Whether results are clamped at their zero point, and bytes are words - 128.
  [[nodiscard]] bool is_relu() const { return is_relu_; }
  [[nodiscard]] std::int32_t zero_point() const { return vgetq_lane_s16(zero_point_, 0); }
  [[nodiscard]] int8x16_t Clamp(int8x16_t bytes) const {
    return vminq_s8(vmaxq_s8(bytes, low_), high_);
  }

  /// Where is_relu(): unsigned words to bytes.
  [[nodiscard]] static int8x16_t ReluBytes(int16x8_t low, int16x8_t high) {
    const uint8x16_t bytes =
        NarrowUnsigned(vreinterpretq_u16_s16(low), vreinterpretq_u16_s16(high));
    return vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)));
  }

  [[nodiscard]] int8x16_t operator()(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d) const {
    const int8x16_t bytes = vcombine_s8(vqmovn_s16(Words(a, b)), vqmovn_s16(Words(c, d)));
    return vminq_s8(vmaxq_s8(bytes, low_), high_);
  }
  [[nodiscard]] int8x8_t operator()(int32x4_t a, int32x4_t b) const {
    return vmin_s8(vmax_s8(vqmovn_s16(Words(a, b)), vget_low_s8(low_)), vget_low_s8(high_));
  }

 private:
  [[nodiscard]] int16x8_t Words(int32x4_t a, int32x4_t b) const {
    return vqaddq_s16(vcombine_s16(vqmovn_s32(a), vqmovn_s32(b)), zero_point_);
  }

  bool clamps_, is_relu_;
  int16x8_t zero_point_;
  int8x16_t low_, high_;
};

/// Eight sums times their multipliers, divided by 2^(31 + kEarly): words for SRSHL.
///
/// SRSHL of int16 takes half the instructions of that of int32. For r = -shift in
/// [kEarly + 1, kEarly + 7], SQSHRN by kEarly is floor(y / 2^kEarly), saturated to int16, and SRSHL
/// by r - kEarly >= 1 rounds the same as by r before: floors are nested. What saturates is at least
/// 32767 / 2^7, which rounds to 256, in magnitude: beyond every clamp, whatever the zero point
/// (docs/arithmetic.md).
template <int kEarly>
int16x8_t MultiplyShort(int32x4_t a, int32x4_t b, int32x4_t multiplier_a, int32x4_t multiplier_b) {
  return ShiftRightNarrow<kEarly>(vqdmulhq_s32(a, multiplier_a), vqdmulhq_s32(b, multiplier_b));
}

inline int32x4_t LoadWords(const std::uint8_t* p) { return vreinterpretq_s32_u8(vld1q_u8(p)); }

/// Whether some lane is >= 0.
inline bool AnyNotNegative(int32x4_t v) { return LargestLane(v) >= 0; }

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_OUTPUT_STAGE_H_
