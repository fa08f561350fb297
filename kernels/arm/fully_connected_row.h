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

#include "kernels/arm/memory.h"
#include "kernels/arm/wide_panel.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

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

template <typename Dot>
void RunFullyConnectedRow(const FullyConnectedParams& p, const Work& work) {
  const InputRow<Dot::kBlock> row(p.input, p.depth);
  const auto panel_bytes = static_cast<std::ptrdiff_t>(PanelBytes(Dot::kLayout, WeightShapeOf(p)));
  const WideStage stage(p.stage);
  const std::int32_t first = work.begin / kWidePanelChannels;
  const auto* panel = reinterpret_cast<const std::uint8_t*>(p.weights) + first * panel_bytes;
  // The panel's channels to be written: from `begin`, and up to `end`.
  std::int32_t begin = work.begin % kWidePanelChannels;
  std::int32_t end = work.end - first * kWidePanelChannels;
  std::int8_t* output = p.output + first * kWidePanelChannels;
  for (; end > 0; end -= kWidePanelChannels, begin = 0) {
    int32x4_t acc[1][4];
    LoadWideBias(panel, acc);
    Dot::Add(row, panel, panel_bytes, acc[0]);
    int8x16_t bytes[1];
    stage.Finish(panel, acc, bytes);
    if (begin == 0 && end >= kWidePanelChannels) {
      vst1q_s8(output, bytes[0]);
    } else {
      std::int8_t buffer[kWidePanelChannels];
      vst1q_s8(buffer, bytes[0]);
      const std::int32_t stop = end < kWidePanelChannels ? end : kWidePanelChannels;
      std::memcpy(output + begin, buffer + begin, static_cast<std::size_t>(stop - begin));
    }
    panel += panel_bytes;
    output += kWidePanelChannels;
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_FULLY_CONNECTED_ROW_H_
