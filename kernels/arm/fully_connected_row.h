// FullyConnected of one row: a stream of weights, each of which is used once. The inputs are read
// where they lie, without scratch, and again for each panel of 16 channels.
//
// An instruction set gives, in its source file's unnamed namespace:
//
//   struct Dot {
//     static constexpr WeightLayout kLayout;  // of kernels.inc's line; nr is 16, kr is 4
//     static constexpr int kBlock;            // inputs that are multiplied together
//     // Adds the products of the row with a panel's weights; acc[v] are channels 4 v to 4 v + 3.
//     static void Add(const InputRow<kBlock>&, const std::uint8_t* panel,
//                     std::ptrdiff_t panel_bytes, int32x4_t (&acc)[4]);
//   };
#ifndef QUAVER_KERNELS_ARM_FULLY_CONNECTED_ROW_H_
#define QUAVER_KERNELS_ARM_FULLY_CONNECTED_ROW_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/gemm_output.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/memory.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

inline constexpr std::int32_t kRowPanelChannels = 16;
/// Bytes of the bias, the multipliers and the shifts at the head of a panel, and of its weights for
/// four inputs.
inline constexpr std::ptrdiff_t kRowHeaderBytes = std::ptrdiff_t{3} * 4 * kRowPanelChannels;
inline constexpr std::ptrdiff_t kRowGroupBytes = std::ptrdiff_t{4} * kRowPanelChannels;

/// Whole blocks of inputs, then groups of four, of which the last may be filled up.
template <int kBlock>
struct InputRow {
  const std::int8_t* input;
  std::int32_t blocks;
  std::int32_t tail_groups;  // less than a block has, or as many
  alignas(16) std::int8_t tail[kBlock] = {};

  InputRow(const std::int8_t* values, std::int32_t count)
      : input(values), blocks(count / kBlock), tail_groups((count % kBlock + 3) / 4) {
    if (const std::int32_t rest = count % kBlock; rest != 0) {
      std::memcpy(tail, values + (count - rest), static_cast<std::size_t>(rest));
    }
  }
};

/// The output stage of a panel.
[[gnu::always_inline]] inline int8x16_t FinishRow(const std::uint8_t* panel, const Narrower& narrow,
                                                  int32x4_t (&acc)[4]) {
  constexpr int kMultipliers = 4 * kRowPanelChannels;
  constexpr int kShifts = 8 * kRowPanelChannels;
  int32x4_t multiplier[4];
  int32x4_t shift[4];
  LoadTwoAt<kMultipliers>(panel, multiplier[0], multiplier[1]);
  LoadTwoAt<kMultipliers + 32>(panel, multiplier[2], multiplier[3]);
  LoadTwoAt<kShifts>(panel, shift[0], shift[1]);
  LoadTwoAt<kShifts + 32>(panel, shift[2], shift[3]);
  const int32x4_t most = vmaxq_s32(vmaxq_s32(shift[0], shift[1]), vmaxq_s32(shift[2], shift[3]));
  if (__builtin_expect(AnyNotNegative(most), 0)) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
      acc[v] = Requantizer::ShiftLeft(acc[v], shift[v]);
      shift[v] = vminq_s32(shift[v], vdupq_n_s32(-1));
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) acc[v] = vrshlq_s32(vqdmulhq_s32(acc[v], multiplier[v]), shift[v]);
  return narrow(acc[0], acc[1], acc[2], acc[3]);
}

template <typename Dot>
void RunFullyConnectedRow(const FullyConnectedParams& p, const Work& work) {
  const InputRow<Dot::kBlock> row(p.input, p.depth);
  const auto panel_bytes = static_cast<std::ptrdiff_t>(PanelBytes(Dot::kLayout, WeightShapeOf(p)));
  const Narrower narrow(p.stage);
  const std::int32_t first = work.begin / kRowPanelChannels;
  const auto* panel = reinterpret_cast<const std::uint8_t*>(p.weights) + first * panel_bytes;
  // The panel's channels to be written: from `begin`, and up to `end`.
  std::int32_t begin = work.begin % kRowPanelChannels;
  std::int32_t end = work.end - first * kRowPanelChannels;
  std::int8_t* output = p.output + first * kRowPanelChannels;
  for (; end > 0; end -= kRowPanelChannels, begin = 0) {
    int32x4_t acc[4];
    LoadTwoAt<0>(panel, acc[0], acc[1]);
    LoadTwoAt<32>(panel, acc[2], acc[3]);
    Dot::Add(row, panel, panel_bytes, acc);
    const int8x16_t bytes = FinishRow(panel, narrow, acc);
    if (begin == 0 && end >= kRowPanelChannels) {
      vst1q_s8(output, bytes);
    } else {
      std::int8_t buffer[kRowPanelChannels];
      vst1q_s8(buffer, bytes);
      const std::int32_t stop = end < kRowPanelChannels ? end : kRowPanelChannels;
      std::memcpy(output + begin, buffer + begin, static_cast<std::size_t>(stop - begin));
    }
    panel += panel_bytes;
    output += kRowPanelChannels;
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_FULLY_CONNECTED_ROW_H_
