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

/// Sums begin with the bias, which a panel begins with.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void LoadBias(const std::uint8_t* panel,
                                            int32x4_t (&acc)[kRows][kVectors]) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    LoadTwoAt<0>(Hidden(panel), acc[r][0], acc[r][1]);
    if constexpr (kVectors == 4) LoadTwoAt<32>(Hidden(panel), acc[r][2], acc[r][3]);
  }
}

/// Any shifts: `count` vectors of sums of the same four channels, in place. Out of line, as few
/// layers need it.
[[gnu::noinline]] inline void RequantizeAny(int32x4_t* sums, int count, int32x4_t multiplier,
                                            int32x4_t shift) {
  const Requantizer requantize(multiplier, shift);
  for (int i = 0; i < count; ++i) sums[i] = requantize(Requantizer::ShiftLeft(sums[i], shift));
}

template <int kEarly, int kRows, int kVectors>
[[gnu::always_inline]] inline void RequantizeShort(const GemmTile& tile,
                                                   const int32x4_t (&acc)[kRows][kVectors],
                                                   const int32x4_t (&multipliers)[kVectors],
                                                   int16x8_t (&words)[kRows][kVectors / 2]) {
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v += 2) {
    const int16x8_t shift = vld1q_s16(tile.short_shifts + 4 * v);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      words[r][v / 2] = vrshlq_s16(
          MultiplyShort<kEarly>(acc[r][v], acc[r][v + 1], multipliers[v], multipliers[v + 1]),
          shift);
    }
  }
}

/// The results of kRows rows as words, without their zero point. `channels_of(p, v)` are the values
/// at p, one a channel, for the lanes of vector v.
template <int kNr, int kRows, int kVectors, typename ChannelsOf>
[[gnu::always_inline]] inline void RequantizeRows(const GemmTile& tile,
                                                  const int32x4_t (&acc)[kRows][kVectors],
                                                  const int32x4_t (&multipliers)[kVectors],
                                                  ChannelsOf channels_of,
                                                  int16x8_t (&words)[kRows][kVectors / 2]) {
  if (__builtin_expect(tile.short_shifts != nullptr, 1)) {
    if (__builtin_expect(tile.early_shift == kMostEarly, 1)) {
      RequantizeShort<kMostEarly>(tile, acc, multipliers, words);
    } else {
      RequantizeShort<kLeastEarly>(tile, acc, multipliers, words);
    }
    return;
  }
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; v += 2) {
    int32x4_t low[kRows];
    int32x4_t high[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) low[r] = acc[r][v], high[r] = acc[r][v + 1];
    const std::uint8_t* shifts = tile.panels + 8 * kNr;
    RequantizeAny(low, kRows, multipliers[v], channels_of(shifts, v));
    RequantizeAny(high, kRows, multipliers[v + 1], channels_of(shifts, v + 1));
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) words[r][v / 2] = Narrow32(low[r], high[r]);
  }
}

/// Fills in GemmTile::short_shifts, in an array that the caller has, for kVectors vectors of
/// channels of a panel.
template <int kNr, int kVectors>
void PrepareShifts(GemmTile& tile, std::int16_t* shifts) {
  tile.short_shifts = nullptr;
  constexpr int kEarlyShifts[] = {kMostEarly, kLeastEarly};
  for (const int early : kEarlyShifts) {
    uint32x4_t differ = vdupq_n_u32(0);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const int32x4_t multiplier = LoadWords(tile.panels + 4 * kNr + 16 * v);
      const int32x4_t shift = LoadWords(tile.panels + 8 * kNr + 16 * v);
      vst1_s16(shifts + 4 * v, ShortShift(multiplier, shift, early, differ));
    }
    if (!AnyBit(differ)) {
      tile.short_shifts = shifts;
      tile.early_shift = early;
      return;
    }
  }
}

/// Writes rows of 16 bytes.
template <int kRows>
[[gnu::always_inline]] inline void StoreRows(const int8x16_t (&bytes)[kRows], std::int8_t* output,
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
                                                 std::int8_t* output, std::ptrdiff_t stride) {
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    if (HalfOfRow<kOrder>(r) == 0) {
      StoreHalfAndMove<0>(output, stride, bytes[RegisterOfRow<kOrder>(r)]);
    } else {
      StoreHalfAndMove<1>(output, stride, bytes[RegisterOfRow<kOrder>(r)]);
    }
  }
}

/// Clamps and writes kRows pixels of kChannels, 16 bytes in a register.
template <int kRows, int kChannels, HalfRows kOrder, int kRegisters>
[[gnu::always_inline]] inline void StoreBytes(const GemmTile& tile, const Narrower& narrow,
                                              int8x16_t (&bytes)[kRegisters], std::int8_t* output) {
  if (narrow.clamps()) {
#pragma GCC unroll 8
    for (int8x16_t& v : bytes) v = narrow.Clamp(v);
  }
  const auto store = [&bytes](std::int8_t* target, std::ptrdiff_t stride) {
    if constexpr (kChannels == 16) {
      StoreRows(bytes, target, stride);
    } else {
      StoreHalfRows<kRows, kOrder>(bytes, target, stride);
    }
  };
  if (tile.skip == 0 && tile.channels == kChannels) {
    store(output, tile.output_stride);
    return;
  }
  std::int8_t buffer[kRows * kChannels];
  store(buffer, kChannels);
  CopyParts(output, tile.output_stride, buffer, kChannels, kRows, tile.skip, tile.channels);
}

/// Requantizes and writes kRows pixels. Vector v of a pixel holds the sums, with their bias, of
/// channels 4 v to 4 v + 3.
template <int kNr, int kRows, int kVectors>
[[gnu::always_inline]] inline void StoreTile(const GemmTile& tile, const Narrower& narrow,
                                             const int32x4_t (&acc)[kRows][kVectors],
                                             std::int8_t* output) {
  int32x4_t multipliers[kVectors];
  LoadTwoAt<4 * kNr>(tile.panels, multipliers[0], multipliers[1]);
  if constexpr (kVectors == 4) {
    LoadTwoAt<4 * kNr + 32>(tile.panels, multipliers[2], multipliers[3]);
  }
  int16x8_t words[kRows][kVectors / 2];
  RequantizeRows<kNr>(
      tile, acc, multipliers, [](const std::uint8_t* p, int v) { return LoadWords(p + 16 * v); },
      words);
  constexpr int kRegisters = (kRows * kVectors + 3) / 4;
  int8x16_t bytes[kRegisters];
#pragma GCC unroll 8
  for (int i = 0; i < kRegisters; ++i) {
    if constexpr (kVectors == 4) {
      bytes[i] = narrow.Bytes(words[i][0], words[i][1]);
    } else {
      bytes[i] = narrow.Bytes(words[2 * i][0], words[2 * i + 1 < kRows ? 2 * i + 1 : 2 * i][0]);
    }
  }
  StoreBytes<kRows, 4 * kVectors, HalfRows::kNeighbours>(tile, narrow, bytes, output);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_OUTPUT_H_
