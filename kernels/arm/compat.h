// Advanced SIMD operations that 64-bit Arm has as one instruction and 32-bit Arm as two.
#ifndef QUAVER_KERNELS_ARM_COMPAT_H_
#define QUAVER_KERNELS_ARM_COMPAT_H_

#include <arm_neon.h>

namespace quaver::kernels {
namespace {

#ifdef __aarch64__

inline constexpr int kVectorRegisters = 32;

/// The products of the upper halves.
inline int16x8_t MultiplyHigh(int8x16_t a, int8x16_t b) { return vmull_high_s8(a, b); }
inline int32x4_t MultiplyHigh(int16x8_t a, int16x8_t b) { return vmull_high_s16(a, b); }
/// sum + those, modulo 2^16 or 2^32.
inline int16x8_t MultiplyAddHigh(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_high_s8(sum, a, b);
}
inline int32x4_t MultiplyAddHigh(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_high_s16(sum, a, b);
}
inline int32x4_t AddHigh(int32x4_t sum, int16x8_t a) { return vaddw_high_s16(sum, a); }
/// sum + the lower, or upper, half of a times one lane of b.
template <int lane>
int32x4_t MultiplyAddLaneLow(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_laneq_s16(sum, vget_low_s16(a), b, lane);
}
template <int lane>
int32x4_t MultiplyAddLaneHigh(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_high_laneq_s16(sum, a, b, lane);
}
/// The sums of neighbours: two of a, then two of b.
inline int32x4_t AddPairs(int32x4_t a, int32x4_t b) { return vpaddq_s32(a, b); }

#else

inline constexpr int kVectorRegisters = 16;

inline int16x8_t MultiplyHigh(int8x16_t a, int8x16_t b) {
  return vmull_s8(vget_high_s8(a), vget_high_s8(b));
}
inline int32x4_t MultiplyHigh(int16x8_t a, int16x8_t b) {
  return vmull_s16(vget_high_s16(a), vget_high_s16(b));
}
inline int16x8_t MultiplyAddHigh(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_s8(sum, vget_high_s8(a), vget_high_s8(b));
}
inline int32x4_t MultiplyAddHigh(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_s16(sum, vget_high_s16(a), vget_high_s16(b));
}
inline int32x4_t AddHigh(int32x4_t sum, int16x8_t a) { return vaddw_s16(sum, vget_high_s16(a)); }
template <int lane>
int32x4_t MultiplyAddLaneLow(int32x4_t sum, int16x8_t a, int16x8_t b) {
  const int16x4_t half = lane < 4 ? vget_low_s16(b) : vget_high_s16(b);
  return vmlal_lane_s16(sum, vget_low_s16(a), half, lane % 4);
}
template <int lane>
int32x4_t MultiplyAddLaneHigh(int32x4_t sum, int16x8_t a, int16x8_t b) {
  const int16x4_t half = lane < 4 ? vget_low_s16(b) : vget_high_s16(b);
  return vmlal_lane_s16(sum, vget_high_s16(a), half, lane % 4);
}
inline int32x4_t AddPairs(int32x4_t a, int32x4_t b) {
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}

#endif

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_COMPAT_H_
