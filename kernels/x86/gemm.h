// Conv2D and FullyConnected over packed panels: blocks of pixels, groups of panels, tiles.
#ifndef QUAVER_KERNELS_X86_GEMM_H_
#define QUAVER_KERNELS_X86_GEMM_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/windows.h"
#include "kernels/packing.h"
#include "kernels/params.h"
#include "kernels/x86/gemm_tile.h"

namespace quaver::kernels {
namespace {

template <typename D, int kPanels, int kRows>
void RunRows(const GemmTile& tile, const Narrower<typename D::V>& narrow, std::int32_t rows) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return RunRows<D, kPanels, kRows - 1>(tile, narrow, rows);
  }
  RunGemmTile<D, kRows, kPanels>(tile, narrow);
}

/// `pixels` of them by kPanels panels.
template <typename D, int kPanels>
void RunPanels(GemmTile tile, const Narrower<typename D::V>& narrow, std::int32_t pixels) {
  constexpr int kRows = D::kTileRows[kPanels - 1];
  tile.left_shift = false;
  for (int p = 0; p < kPanels; ++p) {
    const std::uint8_t* stage = tile.panels + p * tile.panel_bytes;
    tile.left_shift |= NeedsLeftShift<typename D::V>(D::V::Load(stage + 8 * D::V::kLanes));
  }
  for (std::int32_t tiles = PartsOf(pixels, kRows); tiles > 0; --tiles) {
    const std::int32_t rows = EvenPart(pixels, tiles);
    RunRows<D, kPanels, kRows>(tile, narrow, rows);
    tile.inputs += rows;
    tile.output += rows * tile.output_stride;
    pixels -= rows;
  }
}

/// Channels [begin, end) of one group of packed panels, for all prepared pixels; `tile` as for the
/// first panel, its `output` at channel 0.
template <typename D>
void RunChannels(GemmTile tile, const Narrower<typename D::V>& narrow, std::int32_t pixels,
                 std::int32_t begin, std::int32_t end) {
  constexpr std::int32_t kLanes = D::V::kLanes;
  std::int32_t panel = begin / kLanes;
  const std::int32_t last = PartsOf(end, kLanes);
  tile.panels += panel * tile.panel_bytes;
  tile.output += panel * kLanes;
  for (std::int32_t groups = PartsOf(last - panel, D::kTilePanels); groups > 0; --groups) {
    const std::int32_t panels = EvenPart(last - panel, groups);
    const std::int32_t first_channel = panel * kLanes;
    tile.skip = begin > first_channel ? begin - first_channel : 0;
    tile.channels = Least(end - first_channel, panels * kLanes);
    if (panels == 1) RunPanels<D, 1>(tile, narrow, pixels);
    if (panels == 2) RunPanels<D, 2>(tile, narrow, pixels);
    if constexpr (D::kTilePanels >= 3) {
      if (panels == 3) RunPanels<D, 3>(tile, narrow, pixels);
    }
    if constexpr (D::kTilePanels >= 4) {
      if (panels == 4) RunPanels<D, 4>(tile, narrow, pixels);
    }
    tile.panels += panels * tile.panel_bytes;
    tile.output += panels * kLanes;
    panel += panels;
  }
}

/// Pixels [begin, end) counted over all rows and images, output channels [channel_begin,
/// channel_end) of each group.
template <typename D>
void RunPixels(const Conv2DParams& p, std::int32_t worker, std::int64_t begin, std::int64_t end,
               std::int32_t channel_begin, std::int32_t channel_end) {
  using V = typename D::V;
  const WindowPlan plan = PlanWindows(p, D::kGroup, sizeof(typename D::Element));
  Windows<D> windows(p, plan, p.scratch + static_cast<std::size_t>(worker) * plan.scratch_bytes);
  const Narrower<V> narrow(p.stage);
  const std::int32_t group_outputs = p.output_c / p.groups;
  GemmTile tile{};
  tile.inputs = windows.pointers();
  tile.input_stride = windows.stride();
  tile.runs = plan.runs;
  tile.run_groups = plan.padded_run / D::kGroup;
  tile.panel_bytes = static_cast<std::ptrdiff_t>(
      PanelBytes({LayoutKind::kGemm, V::kLanes, D::kGroup, 0}, WeightShapeOf(p)));
  tile.output_stride = p.output_c;
  for (std::int64_t blocks = (end - begin + plan.block_pixels - 1) / plan.block_pixels; blocks > 0;
       --blocks) {
    const auto pixels = static_cast<std::int32_t>((end - begin + blocks - 1) / blocks);
    tile.panels = reinterpret_cast<const std::uint8_t*>(p.weights);
    for (std::int32_t group = 0; group < p.groups; ++group) {
      windows.Prepare(begin, pixels, group);
      tile.output = p.output + begin * p.output_c + group * group_outputs;
      RunChannels<D>(tile, narrow, pixels, channel_begin, channel_end);
      tile.panels += PartsOf(group_outputs, V::kLanes) * tile.panel_bytes;
    }
    begin += pixels;
  }
}

template <typename D>
void RunConv2D(const Conv2DParams& p, const Work& work) {
  RunPixels<D>(p, work.worker, std::int64_t{work.begin} * p.output_w,
               std::int64_t{work.end} * p.output_w, 0, p.output_c / p.groups);
}

/// The range of channels need not begin or end with a panel, but is fastest where it does.
template <typename D>
void RunFullyConnected(const FullyConnectedParams& p, const Work& work) {
  RunPixels<D>(AsConv2D(p), work.worker, 0, p.rows, work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_GEMM_H_
