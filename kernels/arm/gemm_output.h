// The way out of a register tile of kernels/arm/gemm.h: sums to bytes, and their stores.
#ifndef QUAVER_KERNELS_ARM_GEMM_OUTPUT_H_
#define QUAVER_KERNELS_ARM_GEMM_OUTPUT_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/memory.h"
#include "kernels/arm/output_stage.h"

namespace quaver::kernels {
namespace {

/// Of the stages that narrow to 16 bits early: the shift of that, and how many shifts may be left.
///
/// kShortRelu narrows to unsigned numbers. What is negative becomes 0, the lowest result; what
/// saturates is at least 65535 / 2^8, which rounds to 256: beyond the highest (docs/arithmetic.md).
constexpr int EarlyShift(GemmStage stage) {
  return stage == GemmStage::kShortRelu ? 2 : stage == GemmStage::kShort ? 4 : 1;
}
constexpr int ShortRange(GemmStage stage) { return stage == GemmStage::kShortRelu ? 8 : 7; }

/// Sets the stage for kVectors vectors of channels, whose multipliers and shifts are set. Lanes of
/// channels that do not exist have a multiplier of 0, with which every shift gives 0.
template <int kVectors>
void ChooseStage(const Narrower& narrow, PanelHead& head) {
  head.stage.short_shifts = head.short_shifts;
  int32x4_t high = vdupq_n_s32(INT32_MIN);
  int32x4_t low = vdupq_n_s32(INT32_MAX);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const int32x4_t multiplier = vld1q_s32(head.stage.multipliers + 4 * v);
    const int32x4_t shift = vld1q_s32(head.stage.shifts + 4 * v);
    const uint32x4_t exists = vtstq_s32(multiplier, multiplier);
    high = vmaxq_s32(high, vbslq_s32(exists, shift, high));
    low = vminq_s32(low, vbslq_s32(exists, shift, low));
  }
  const std::int32_t most = LargestLane(high);
  const std::int32_t least = SmallestLane(low);
  constexpr GemmStage kStages[] = {GemmStage::kShortRelu, GemmStage::kShort,
                                   GemmStage::kShortLeast};
  for (const GemmStage stage : kStages) {
    const std::int32_t early = EarlyShift(stage);
    if (stage == GemmStage::kShortRelu && !narrow.is_relu()) continue;
    if (most >= -early || least < -early - ShortRange(stage)) continue;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const int32x4_t shift = vaddq_s32(vld1q_s32(head.stage.shifts + 4 * v), vdupq_n_s32(early));
      vst1_s16(head.short_shifts + 4 * v, vmovn_s32(shift));
    }
    head.stage.kind = stage;
    return;
  }
  head.stage.kind = most >= 0 ? GemmStage::kAny : GemmStage::kRight;
}

/// The head of a panel of kNr channels, as it is.
template <int kNr, int kVectors>
void PreparePanel(const std::uint8_t* panel, const Narrower& narrow, PanelHead& head) {
  head.bias = reinterpret_cast<const std::int32_t*>(panel);
  head.stage.multipliers = head.bias + kNr;
  head.stage.shifts = head.bias + 2 * kNr;
  ChooseStage<kVectors>(narrow, head);
}

/// Any shifts: `count` vectors of sums of the same four channels, in place. Out of line, as few
/// layers need it.
[[gnu::noinline, gnu::cold]] inline void RequantizeAny(int32x4_t* sums, int count,
                                                       const std::int32_t* multipliers,
                                                       const std::int32_t* shifts) {
  const int32x4_t shift = vld1q_s32(shifts);
  const Requantizer requantize(vld1q_s32(multipliers), shift);
  for (int i = 0; i < count; ++i) sums[i] = requantize(Requantizer::ShiftLeft(sums[i], shift));
}

/// The results of kRows rows without their zero point, as words: unsigned ones of kShortRelu.
template <GemmStage kStage, int kRows, int kVectors>
[[gnu::always_inline]] inline void RequantizeRows(const PanelStage& stage,
                                                  const int32x4_t (&acc)[kRows][kVectors],
                                                  int16x8_t (&words)[kRows][kVectors / 2]) {
  int32x4_t multipliers[kVectors];
  LoadTwoAt<0>(stage.multipliers, multipliers[0], multipliers[1]);
  if constexpr (kVectors == 4) LoadTwoAt<32>(stage.multipliers, multipliers[2], multipliers[3]);
  int32x4_t short_shifts[2];
  if constexpr (kStage != GemmStage::kRight) {
    LoadTwoAt<0>(stage.short_shifts, short_shifts[0], short_shifts[1]);
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v += 2) {
    const int32x4_t(&m)[kVectors] = multipliers;
    if constexpr (kStage == GemmStage::kRight) {
      const int32x4_t low = vld1q_s32(stage.shifts + 4 * v);
      const int32x4_t high = vld1q_s32(stage.shifts + 4 * v + 4);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        words[r][v / 2] = Narrow32(vrshlq_s32(vqdmulhq_s32(acc[r][v], m[v]), low),
                                   vrshlq_s32(vqdmulhq_s32(acc[r][v + 1], m[v + 1]), high));
      }
    } else if constexpr (kStage == GemmStage::kShortRelu) {
      const int16x8_t shift = vreinterpretq_s16_s32(short_shifts[v / 2]);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        words[r][v / 2] = vreinterpretq_s16_u16(
            vrshlq_u16(ShiftRightNarrowUnsigned<EarlyShift(kStage)>(
                           vqdmulhq_s32(acc[r][v], m[v]), vqdmulhq_s32(acc[r][v + 1], m[v + 1])),
                       shift));
      }
    } else {
      const int16x8_t shift = vreinterpretq_s16_s32(short_shifts[v / 2]);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        words[r][v / 2] = vrshlq_s16(
            MultiplyShort<EarlyShift(kStage)>(acc[r][v], acc[r][v + 1], m[v], m[v + 1]), shift);
      }
    }
  }
}

template <int kRows, int kVectors>
[[gnu::always_inline]] inline void RequantizeRowsAny(const PanelStage& stage,
                                                     const int32x4_t (&acc)[kRows][kVectors],
                                                     int16x8_t (&words)[kRows][kVectors / 2]) {
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v += 2) {
    int32x4_t low[kRows];
    int32x4_t high[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) low[r] = acc[r][v], high[r] = acc[r][v + 1];
    RequantizeAny(low, kRows, stage.multipliers + 4 * v, stage.shifts + 4 * v);
    RequantizeAny(high, kRows, stage.multipliers + 4 * v + 4, stage.shifts + 4 * v + 4);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) words[r][v / 2] = Narrow32(low[r], high[r]);
  }
}

/// The bytes of kRows rows of 4 kVectors channels: a row after the other, 16 bytes a register.
template <GemmStage kStage, int kRows, int kVectors, int kRegisters>
[[gnu::always_inline]] inline void RowsToBytes(const PanelStage& stage, const Narrower& narrow,
                                               const int32x4_t (&acc)[kRows][kVectors],
                                               int8x16_t (&bytes)[kRegisters]) {
  int16x8_t words[kRows][kVectors / 2];
  if constexpr (kStage == GemmStage::kAny) {
    RequantizeRowsAny(stage, acc, words);
  } else {
    RequantizeRows<kStage>(stage, acc, words);
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRegisters; ++i) {
    const int16x8_t low = kVectors == 4 ? words[i][0] : words[2 * i][0];
    const int16x8_t high = kVectors == 4       ? words[i][kVectors / 4]
                           : 2 * i + 1 < kRows ? words[2 * i + 1][0]
                                               : low;
    bytes[i] =
        kStage == GemmStage::kShortRelu ? Narrower::ReluBytes(low, high) : narrow.Bytes(low, high);
  }
  if (kStage != GemmStage::kShortRelu && narrow.clamps()) {
#pragma GCC unroll 8
    for (int8x16_t& v : bytes) v = narrow.Clamp(v);
  }
}

/// Requantizes kRows rows. Vector v of a row holds the sums of channels 4 v to 4 v + 3.
template <int kRows, int kVectors, int kRegisters>
[[gnu::always_inline]] inline void RequantizeTile(const PanelStage& stage, const Narrower& narrow,
                                                  const int32x4_t (&acc)[kRows][kVectors],
                                                  int8x16_t (&bytes)[kRegisters]) {
  if (__builtin_expect(stage.kind == GemmStage::kShortRelu, 1)) {
    RowsToBytes<GemmStage::kShortRelu>(stage, narrow, acc, bytes);
  } else if (__builtin_expect(stage.kind == GemmStage::kShort, 1)) {
    RowsToBytes<GemmStage::kShort>(stage, narrow, acc, bytes);
  } else if (stage.kind == GemmStage::kShortLeast) {
    RowsToBytes<GemmStage::kShortLeast>(stage, narrow, acc, bytes);
  } else if (__builtin_expect(stage.kind == GemmStage::kRight, 1)) {
    RowsToBytes<GemmStage::kRight>(stage, narrow, acc, bytes);
  } else {
    RowsToBytes<GemmStage::kAny>(stage, narrow, acc, bytes);
  }
}

/// Writes rows of 16 bytes, and moves the output on behind them, as those below do.
template <int kRows>
[[gnu::always_inline]] inline void StoreRows(const int8x16_t (&bytes)[kRows], std::int8_t*& output,
                                             std::ptrdiff_t stride) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) StoreAndMove(output, stride, bytes[r]);
}

/// Where rows of eight bytes are: two neighbours in a register, or of four rows the even ones in a
/// register and the odd ones in the next.
enum class HalfRows { kNeighbours, kEvenOdd };

template <HalfRows kOrder>
constexpr int RegisterOfRow(int r) {
  return kOrder == HalfRows::kNeighbours ? r / 2 : r / 4 * 2 + r % 2;
}
template <HalfRows kOrder>
constexpr int HalfOfRow(int r) {
  return kOrder == HalfRows::kNeighbours ? r % 2 : r / 2 % 2;
}

template <int kRows, HalfRows kOrder, int kRegisters>
[[gnu::always_inline]] inline void StoreHalfRows(const int8x16_t (&bytes)[kRegisters],
                                                 std::int8_t*& output, std::ptrdiff_t stride) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    if (HalfOfRow<kOrder>(r) == 0) {
      StoreHalfAndMove<0>(output, stride, bytes[RegisterOfRow<kOrder>(r)]);
    } else {
      StoreHalfAndMove<1>(output, stride, bytes[RegisterOfRow<kOrder>(r)]);
    }
  }
}

/// Writes kRows pixels of kChannels, 16 bytes in a register.
template <int kRows, int kChannels, HalfRows kOrder, int kRegisters>
[[gnu::always_inline]] inline void StoreBytes(const int8x16_t (&bytes)[kRegisters],
                                              std::int8_t*& output, std::ptrdiff_t stride) {
  if constexpr (kChannels == 16) {
    StoreRows(bytes, output, stride);
  } else {
    StoreHalfRows<kRows, kOrder>(bytes, output, stride);
  }
}

/// Sums begin with the bias.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void LoadBias(const std::int32_t* bias,
                                            int32x4_t (&acc)[kRows][kVectors]) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    LoadTwoAt<0>(Hidden(bias), acc[r][0], acc[r][1]);
    if constexpr (kVectors == 4) LoadTwoAt<32>(Hidden(bias), acc[r][2], acc[r][3]);
  }
}

/// Requantizes and writes kRows pixels, and moves the output on behind them. Vector v of a pixel
/// holds the sums, with their bias, of channels 4 v to 4 v + 3.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void StoreTile(const PanelStage& stage, const Narrower& narrow,
                                             const int32x4_t (&acc)[kRows][kVectors],
                                             std::int8_t*& output, std::ptrdiff_t stride) {
  int8x16_t bytes[(kRows * kVectors + 3) / 4];
  RequantizeTile(stage, narrow, acc, bytes);
  StoreBytes<kRows, 4 * kVectors, HalfRows::kNeighbours>(bytes, output, stride);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_OUTPUT_H_
