// Advanced SIMD operations that 64-bit Arm has as one instruction and 32-bit Arm as two.
#ifndef QUAVER_KERNELS_ARM_COMPAT_H_
#define QUAVER_KERNELS_ARM_COMPAT_H_

#include <arm_neon.h>

#include <cstdint>

namespace quaver::kernels {
namespace {

#ifdef __aarch64__

inline constexpr int kVectorRegisters = 32;

/// A register, or the part of one that is as good, with the same two bytes in all lanes.
using PairInAllLanes = int8x16_t;

/// The products of the lower halves.
inline int16x8_t MultiplyLow(int8x16_t a, int8x16_t b) {
  return vmull_s8(vget_low_s8(a), vget_low_s8(b));
}
inline int16x8_t MultiplyAddLow(int16x8_t sum, int8x16_t a, int8x16_t b) {
  return vmlal_s8(sum, vget_low_s8(a), vget_low_s8(b));
}
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
/// sum - the products of the upper halves.
inline int32x4_t MultiplySubtractHigh(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlsl_high_s16(sum, a, b);
}
/// The difference of the upper halves.
inline int16x8_t SubtractHigh(int8x16_t a, int8x16_t b) { return vsubl_high_s8(a, b); }
/// The upper 16 bits of each number of a, then of b.
inline int16x8_t HighHalves(int32x4_t a, int32x4_t b) {
  return vuzp2q_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
}
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
/// Half as wide, with saturation: what came of `low`, then of `high`.
inline int16x8_t Narrow32(int32x4_t low, int32x4_t high) {
  return vqmovn_high_s32(vqmovn_s32(low), high);
}
inline int8x16_t Narrow16(int16x8_t low, int16x8_t high) {
  return vqmovn_high_s16(vqmovn_s16(low), high);
}
/// To unsigned numbers: what is negative becomes 0.
inline uint16x8_t NarrowUnsigned(int32x4_t low, int32x4_t high) {
  return vqmovun_high_s32(vqmovun_s32(low), high);
}
inline uint8x16_t NarrowUnsigned(uint16x8_t low, uint16x8_t high) {
  return vqmovn_high_u16(vqmovn_u16(low), high);
}
/// Divided by 2^kShift, rounded down, before that.
template <int kShift>
uint16x8_t ShiftRightNarrowUnsigned(int32x4_t low, int32x4_t high) {
  return vqshrun_high_n_s32(vqshrun_n_s32(low, kShift), high, kShift);
}
/// The largest lane.
inline std::int32_t LargestLane(int32x4_t v) { return vmaxvq_s32(v); }
inline std::int32_t SmallestLane(int32x4_t v) { return vminvq_s32(v); }
inline std::int8_t LargestLane(int8x16_t v) { return vmaxvq_s8(v); }
inline std::int8_t SmallestLane(int8x16_t v) { return vminvq_s8(v); }
/// Bytes of a by their numbers, each below 16.
inline int8x16_t LookUp(int8x16_t a, uint8x16_t numbers) { return vqtbl1q_s8(a, numbers); }
/// A byte of a, one of b, and so on.
inline uint8x16_t Interleave(uint8x8_t a, uint8x8_t b) {
  const uint8x8_t none = vdup_n_u8(0);
  return vzip1q_u8(vcombine_u8(a, none), vcombine_u8(b, none));
}
/// 32 bytes, in one instruction.
inline uint8x16x2_t Load32Bytes(const std::uint8_t* p) { return vld1q_u8_x2(p); }

/// Both divided by 2^kShift, rounded down, then narrowed with saturation.
template <int kShift>
int16x8_t ShiftRightNarrow(int32x4_t low, int32x4_t high) {
  return vqshrn_high_n_s32(vqshrn_n_s32(low, kShift), high, kShift);
}

/// Divided by 2^kShift, rounded, halves up, then narrowed with saturation.
template <int kShift>
int8x16_t RoundedShiftNarrow(int16x8_t low, int16x8_t high) {
  return vqrshrn_high_n_s16(vqrshrn_n_s16(low, kShift), high, kShift);
}

#else

inline constexpr int kVectorRegisters = 16;

using PairInAllLanes = int8x8_t;

inline int16x8_t MultiplyLow(int8x16_t a, PairInAllLanes b) { return vmull_s8(vget_low_s8(a), b); }
inline int16x8_t MultiplyAddLow(int16x8_t sum, int8x16_t a, PairInAllLanes b) {
  return vmlal_s8(sum, vget_low_s8(a), b);
}
inline int16x8_t MultiplyHigh(int8x16_t a, PairInAllLanes b) {
  return vmull_s8(vget_high_s8(a), b);
}
inline int16x8_t MultiplyAddHigh(int16x8_t sum, int8x16_t a, PairInAllLanes b) {
  return vmlal_s8(sum, vget_high_s8(a), b);
}
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
inline int32x4_t MultiplySubtractHigh(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlsl_s16(sum, vget_high_s16(a), vget_high_s16(b));
}
inline int16x8_t SubtractHigh(int8x16_t a, int8x16_t b) {
  return vsubl_s8(vget_high_s8(a), vget_high_s8(b));
}
inline int16x8_t HighHalves(int32x4_t a, int32x4_t b) {
  return vcombine_s16(vshrn_n_s32(a, 16), vshrn_n_s32(b, 16));
}
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
inline int16x8_t Narrow32(int32x4_t low, int32x4_t high) {
  return vcombine_s16(vqmovn_s32(low), vqmovn_s32(high));
}
inline int8x16_t Narrow16(int16x8_t low, int16x8_t high) {
  return vcombine_s8(vqmovn_s16(low), vqmovn_s16(high));
}
inline uint16x8_t NarrowUnsigned(int32x4_t low, int32x4_t high) {
  return vcombine_u16(vqmovun_s32(low), vqmovun_s32(high));
}
inline uint8x16_t NarrowUnsigned(uint16x8_t low, uint16x8_t high) {
  return vcombine_u8(vqmovn_u16(low), vqmovn_u16(high));
}
template <int kShift>
uint16x8_t ShiftRightNarrowUnsigned(int32x4_t low, int32x4_t high) {
  return vcombine_u16(vqshrun_n_s32(low, kShift), vqshrun_n_s32(high, kShift));
}
inline std::int32_t LargestLane(int32x4_t v) {
  const int32x2_t half = vmax_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpmax_s32(half, half), 0);
}
inline std::int32_t SmallestLane(int32x4_t v) {
  const int32x2_t half = vmin_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpmin_s32(half, half), 0);
}
inline std::int8_t LargestLane(int8x16_t v) {
  int8x8_t some = vmax_s8(vget_low_s8(v), vget_high_s8(v));
  for (int i = 0; i < 3; ++i) some = vpmax_s8(some, some);
  return vget_lane_s8(some, 0);
}
inline std::int8_t SmallestLane(int8x16_t v) {
  return static_cast<std::int8_t>(~LargestLane(vmvnq_s8(v)));
}
inline int8x16_t LookUp(int8x16_t a, uint8x16_t numbers) {
  const int8x8x2_t table = {{vget_low_s8(a), vget_high_s8(a)}};
  const int8x16_t indices = vreinterpretq_s8_u8(numbers);
  return vcombine_s8(vtbl2_s8(table, vget_low_s8(indices)), vtbl2_s8(table, vget_high_s8(indices)));
}
inline uint8x16_t Interleave(uint8x8_t a, uint8x8_t b) {
  const uint8x8x2_t both = vzip_u8(a, b);
  return vcombine_u8(both.val[0], both.val[1]);
}
inline uint8x16x2_t Load32Bytes(const std::uint8_t* p) { return {{vld1q_u8(p), vld1q_u8(p + 16)}}; }
template <int kShift>
int16x8_t ShiftRightNarrow(int32x4_t low, int32x4_t high) {
  return vcombine_s16(vqshrn_n_s32(low, kShift), vqshrn_n_s32(high, kShift));
}

template <int kShift>
int8x16_t RoundedShiftNarrow(int16x8_t low, int16x8_t high) {
  return vcombine_s8(vqrshrn_n_s16(low, kShift), vqrshrn_n_s16(high, kShift));
}

#endif

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_COMPAT_H_
