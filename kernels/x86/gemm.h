// Conv2D and FullyConnected over packed panels: rows of pixels, groups of panels, tiles.
#ifndef QUAVER_KERNELS_X86_GEMM_H_
#define QUAVER_KERNELS_X86_GEMM_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/input_rows.h"
#include "kernels/packing.h"
#include "kernels/params.h"
#include "kernels/x86/gemm_tile.h"

namespace quaver::kernels {
namespace {

/// `tiles` tiles of `rows` pixels, at most kRows.
template <typename D, int kPanels, int kRows>
void RunTiles(const GemmTile& tile, const HalvingNarrower<typename D::V>& narrow, std::int32_t rows,
              std::int32_t tiles) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return RunTiles<D, kPanels, kRows - 1>(tile, narrow, rows, tiles);
  }
  RunGemmTiles<D, kRows, kPanels>(tile, narrow, tiles);
}

/// `pixels` of them, in tiles of nearly the same size, by kPanels panels. The tile is as before
/// when this returns; copies of it for each row would cost more than all else here.
template <typename D, int kPanels, int kRows>
void RunPanels(GemmTile& tile, const HalvingNarrower<typename D::V>& narrow, std::int32_t pixels) {
  tile.left_shift = false;
  for (int p = 0; p < kPanels; ++p) {
    const std::uint8_t* stage = tile.panels + p * tile.panel_bytes;
    tile.left_shift |= NeedsLeftShift<typename D::V>(D::V::Load(stage + 8 * D::V::kLanes));
  }
  const std::int32_t tiles = PartsOf(pixels, kRows);
  const std::int32_t rows = EvenPart(pixels, tiles);
  const std::int32_t smaller_tiles = tiles * rows - pixels;
  const std::int32_t full_tiles = tiles - smaller_tiles;
  RunTiles<D, kPanels, kRows>(tile, narrow, rows, full_tiles);
  if (smaller_tiles > 0) {
    const std::ptrdiff_t done = full_tiles * rows;
    tile.input_offset += done * tile.pixel_step;
    tile.output += done * tile.output_stride;
    RunTiles<D, kPanels, kRows>(tile, narrow, rows - 1, smaller_tiles);
    tile.input_offset -= done * tile.pixel_step;
    tile.output -= done * tile.output_stride;
  }
}

/// Channels [begin, end) of one group of packed panels, for a row of pixels; `tile` as for the
/// first panel, its `output` at channel 0: both move on.
template <typename D>
void RunChannels(GemmTile& tile, const HalvingNarrower<typename D::V>& narrow, std::int32_t pixels,
                 std::int32_t begin, std::int32_t end) {
  constexpr std::int32_t kLanes = D::V::kLanes;
  std::int32_t panel = begin / kLanes;
  const std::int32_t last = PartsOf(end, kLanes);
  tile.panels += panel * tile.panel_bytes;
  tile.output += panel * kLanes;
  while (panel < last) {
    const std::int32_t left = last - panel;
    const std::int32_t fewer = left >= 2 && D::kTileRows[1] > 0 ? 2 : 1;
    const std::int32_t panels = left >= D::kTilePanels ? D::kTilePanels : fewer;
    const std::int32_t first_channel = panel * kLanes;
    tile.skip = begin > first_channel ? begin - first_channel : 0;
    tile.channels = Least(end - first_channel, panels * kLanes);
    if (panels == 1) RunPanels<D, 1, D::kTileRows[0]>(tile, narrow, pixels);
    if constexpr (D::kTileRows[1] > 0) {
      if (panels == 2) RunPanels<D, 2, D::kTileRows[1]>(tile, narrow, pixels);
    }
    if constexpr (D::kTilePanels > 2) {
      if (panels > 2) RunPanels<D, D::kTilePanels, D::kTileRows[2]>(tile, narrow, pixels);
    }
    tile.panels += panels * tile.panel_bytes;
    tile.output += panels * kLanes;
    panel += panels;
  }
}

/// A range of pixels, counted over all rows and images, or of output rows; output channels
/// [channel_begin, channel_end) of each group.
template <typename D>
class Gemm {
 public:
  Gemm(const Conv2DParams& p, std::int32_t channel_begin, std::int32_t channel_end)
      : p_(p),
        plan_(PlanRows(p, D::kGroup, sizeof(typename D::Element))),
        narrow_(p.stage),
        channel_begin_(channel_begin),
        channel_end_(channel_end) {
    tile_.run_count = plan_.runs;
    tile_.run_groups = plan_.padded_run / D::kGroup;
    tile_.pixel_step = plan_.pixel_step;
    tile_.panel_bytes = static_cast<std::ptrdiff_t>(
        PanelBytes({LayoutKind::kGemm, D::V::kLanes, D::kGroup, 0}, WeightShapeOf(p)));
    tile_.output_stride = p.output_c;
  }

  [[nodiscard]] bool flat() const { return plan_.flat; }

  void RunPixels(std::int32_t worker, std::int64_t begin, std::int64_t end) {
    InputRows<D> rows(p_, plan_, Scratch(worker), 0);
    for (std::int64_t parts = (end - begin + plan_.row_pixels - 1) / plan_.row_pixels; parts > 0;
         --parts) {
      const auto pixels = static_cast<std::int32_t>((end - begin + parts - 1) / parts);
      rows.Pixels(begin, pixels);
      RunRow(rows, p_.output + begin * p_.output_c, pixels);
      begin += pixels;
    }
  }

  void RunRows(const Work& work) {
    InputRows<D> rows(p_, plan_, Scratch(work.worker), work.begin);
    for (std::int32_t row = work.begin; row < work.end; ++row) {
      rows.Next();
      RunRow(rows, p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c, p_.output_w);
    }
  }

 private:
  [[nodiscard]] std::int8_t* Scratch(std::int32_t worker) const {
    return p_.scratch + static_cast<std::size_t>(worker) * plan_.scratch_bytes;
  }

  void RunRow(const InputRows<D>& rows, std::int8_t* output, std::int32_t pixels) {
    const std::int32_t group_outputs = p_.output_c / p_.groups;
    constexpr auto kElementBytes = static_cast<std::ptrdiff_t>(sizeof(typename D::Element));
    const std::ptrdiff_t group_input_bytes = p_.input_c / p_.groups * kElementBytes;
    const auto* panels = reinterpret_cast<const std::uint8_t*>(p_.weights);
    tile_.runs = rows.runs();
    tile_.input_offset = 0;
    for (std::int32_t group = 0; group < p_.groups; ++group) {
      tile_.panels = panels;
      tile_.output = output;
      RunChannels<D>(tile_, narrow_, pixels, channel_begin_, channel_end_);
      tile_.input_offset += group_input_bytes;
      panels += PartsOf(group_outputs, D::V::kLanes) * tile_.panel_bytes;
      output += group_outputs;
    }
  }

  const Conv2DParams& p_;
  const RowPlan plan_;
  const HalvingNarrower<typename D::V> narrow_;
  std::int32_t channel_begin_, channel_end_;
  GemmTile tile_{};
};

template <typename D>
void RunConv2D(const Conv2DParams& p, const Work& work) {
  Gemm<D> gemm(p, 0, p.output_c / p.groups);
  if (gemm.flat()) {
    gemm.RunPixels(work.worker, std::int64_t{work.begin} * p.output_w,
                   std::int64_t{work.end} * p.output_w);
  } else {
    gemm.RunRows(work);
  }
}

/// The range of channels need not begin or end with a panel, but is fastest where it does.
template <typename D>
void RunFullyConnected(const FullyConnectedParams& p, const Work& work) {
  const Conv2DParams conv = AsConv2D(p);
  Gemm<D>(conv, work.begin, work.end).RunPixels(work.worker, 0, p.rows);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_GEMM_H_
