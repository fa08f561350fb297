// Conv2D and FullyConnected over packed panels of 8 channels: blocks of pixels, groups of panels,
// tiles. Written once for all Arm instruction sets.
//
// An instruction set gives a tile, a type in its source file's unnamed namespace:
//
//   struct Tile {
//     static constexpr WeightLayout kLayout;       // of kernels.inc's line; nr is 8
//     static constexpr int kPanels;                // most panels of one tile
//     static constexpr int kRows[kPanels];         // most pixels, for 1, 2, ... panels
//     static constexpr bool kInterleaved;          // inputs are copied first:
//     kernels/arm/interleave.h template <int kRows, int kPanels> static void Run(const GemmTile&,
//     const Narrower&);
//   };
#ifndef QUAVER_KERNELS_ARM_GEMM_H_
#define QUAVER_KERNELS_ARM_GEMM_H_

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_plan.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/interleave.h"
#include "kernels/generic/windows.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t PartsOf(std::int32_t count, std::int32_t most) {
  return (count + most - 1) / most;
}

/// How Windows copies inputs.
struct CopyBytes {
  using Element = std::int8_t;

  static void CopyRun(const std::int8_t* source, std::int32_t count, Element* target,
                      bool overread) {
    std::int32_t i = 0;
    for (; i + 16 <= count || (overread && i < count); i += 16) {
      vst1q_s8(target + i, vld1q_s8(source + i));
    }
    for (; i < count; ++i) target[i] = source[i];
  }
  static void FillRun(std::int32_t value, std::int32_t count, Element* target) {
    const int8x16_t bytes = vdupq_n_s8(static_cast<std::int8_t>(value));
    for (std::int32_t i = 0; i < count; i += 16) vst1q_s8(target + i, bytes);
  }
};

/// How many of `pixels` the next tile takes: nearly equal parts, of at most `most`.
template <bool kPairs>
constexpr std::int32_t TileRows(std::int32_t pixels, std::int32_t most) {
  const std::int32_t even = PartsOf(pixels, PartsOf(pixels, most));
  return kPairs && even % 2 != 0 && even < pixels ? even + 1 : even;
}

/// All prepared pixels, tile by tile as RunPanels will take them.
template <int kRows>
void InterleaveAll(GemmTile tile, std::int32_t pixels, std::uint8_t* target) {
  while (pixels > 0) {
    const std::int32_t rows = TileRows<true>(pixels, kRows);
    InterleavePairs<kRows / 2>(tile, rows, target);
    tile.inputs += rows;
    target += InterleavedBytes(tile, rows);
    pixels -= rows;
  }
}

template <typename Tile, int kPanels, int kRows>
void RunRows(const GemmTile& tile, const Narrower& narrow, std::int32_t rows) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return RunRows<Tile, kPanels, kRows - 1>(tile, narrow, rows);
  }
  Tile::template Run<kRows, kPanels>(tile, narrow);
}

/// `pixels` of them by kPanels panels.
template <typename Tile, int kPanels>
void RunPanels(GemmTile tile, const Narrower& narrow, std::int32_t pixels) {
  constexpr int kRows = Tile::kRows[kPanels - 1];
  tile.left_shift = false;
  for (int p = 0; p < kPanels; ++p) {
    const std::uint8_t* shifts = tile.panels + p * tile.panel_bytes + 2 * kHeaderBytes;
    // The lanes of channels that do not exist have a shift of 0, and a multiplier of 0.
    tile.left_shift |= AnyNotNegative(vmaxq_s32(LoadWords(shifts), LoadWords(shifts + 16)));
  }
  while (pixels > 0) {
    const std::int32_t rows = TileRows<Tile::kInterleaved>(pixels, kRows);
    RunRows<Tile, kPanels, kRows>(tile, narrow, rows);
    tile.inputs += rows;
    if constexpr (Tile::kInterleaved) tile.interleaved += InterleavedBytes(tile, rows);
    tile.output += rows * tile.output_stride;
    pixels -= rows;
  }
}

/// Channels [begin, end) of one group of packed panels, for all prepared pixels; `tile` as for the
/// first panel, its `output` at channel 0.
template <typename Tile>
void RunChannels(GemmTile tile, const Narrower& narrow, std::int32_t pixels, std::int32_t begin,
                 std::int32_t end) {
  std::int32_t panel = begin / kPanelChannels;
  const std::int32_t last = PartsOf(end, kPanelChannels);
  tile.panels += panel * tile.panel_bytes;
  tile.output += panel * kPanelChannels;
  while (panel < last) {
    const std::int32_t panels = last - panel < Tile::kPanels ? last - panel : Tile::kPanels;
    const std::int32_t first_channel = panel * kPanelChannels;
    const std::int32_t left = end - first_channel;
    tile.skip = begin > first_channel ? begin - first_channel : 0;
    tile.channels = left < panels * kPanelChannels ? left : panels * kPanelChannels;
    if (panels == 1) RunPanels<Tile, 1>(tile, narrow, pixels);
    if constexpr (Tile::kPanels >= 2) {
      if (panels == 2) RunPanels<Tile, 2>(tile, narrow, pixels);
    }
    tile.panels += panels * tile.panel_bytes;
    tile.output += panels * kPanelChannels;
    panel += panels;
  }
}

/// Pixels [begin, end) counted over all rows and images, output channels [channel_begin,
/// channel_end) of each group.
template <typename Tile>
void RunPixels(const Conv2DParams& p, std::int32_t worker, std::int64_t begin, std::int64_t end,
               std::int32_t channel_begin, std::int32_t channel_end) {
  static_assert(Tile::kLayout.nr == kPanelChannels, "");
  const ArmGemmPlan arm_plan = PlanArmGemm(p, Tile::kLayout.kr, Tile::kInterleaved);
  const WindowPlan& plan = arm_plan.windows;
  std::int8_t* scratch = p.scratch + static_cast<std::size_t>(worker) * arm_plan.scratch_bytes;
  Windows<CopyBytes> windows(p, plan, scratch);
  const Narrower narrow(p.stage);
  const std::int32_t group_outputs = p.output_c / p.groups;
  GemmTile tile{};
  tile.inputs = windows.pointers();
  tile.input_stride = windows.stride();
  tile.runs = plan.runs;
  tile.run_bytes = arm_plan.run_bytes;
  auto* interleaved = reinterpret_cast<std::uint8_t*>(scratch + plan.scratch_bytes);
  tile.interleaved = interleaved;
  tile.panel_bytes = static_cast<std::ptrdiff_t>(PanelBytes(Tile::kLayout, WeightShapeOf(p)));
  tile.output_stride = p.output_c;
  for (std::int64_t blocks = (end - begin + arm_plan.block_pixels - 1) / arm_plan.block_pixels;
       blocks > 0; --blocks) {
    const auto pixels = static_cast<std::int32_t>((end - begin + blocks - 1) / blocks);
    tile.panels = reinterpret_cast<const std::uint8_t*>(p.weights);
    for (std::int32_t group = 0; group < p.groups; ++group) {
      windows.Prepare(begin, pixels, group);
      if constexpr (Tile::kInterleaved) InterleaveAll<Tile::kRows[0]>(tile, pixels, interleaved);
      tile.output = p.output + begin * p.output_c + group * group_outputs;
      RunChannels<Tile>(tile, narrow, pixels, channel_begin, channel_end);
      tile.panels += PartsOf(group_outputs, kPanelChannels) * tile.panel_bytes;
    }
    begin += pixels;
  }
}

template <typename Tile>
void RunConv2D(const Conv2DParams& p, const Work& work) {
  RunPixels<Tile>(p, work.worker, std::int64_t{work.begin} * p.output_w,
                  std::int64_t{work.end} * p.output_w, 0, p.output_c / p.groups);
}

/// The range of channels need not begin or end with a panel, but is fastest where it does.
template <typename Tile>
void RunFullyConnected(const FullyConnectedParams& p, const Work& work) {
  RunPixels<Tile>(AsConv2D(p), work.worker, 0, p.rows, work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_H_
