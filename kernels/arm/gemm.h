// Conv2D and FullyConnected over packed panels: rows of pixels, panels, tiles. Written once for all
// Arm instruction sets.
//
// An instruction set gives a tile, a type in its source file's unnamed namespace:
//
//   struct Tile {
//     static constexpr WeightLayout kLayout;      // of kernels.inc's line
//     template <int kChannels>
//     static constexpr int kRows;                 // pixels of a tile of so many channels
//     static constexpr bool kEvenTiles;           // all tiles but the last have them
//     // The head of a panel of which so many channels are wanted.
//     template <int kChannels>
//     static void Prepare(const std::uint8_t* panel, const Narrower&, PanelHead&);
//     // `tiles` tiles of kRows pixels each, one beside the other: all kChannels of them.
//     template <int kRows, int kChannels>
//     static void Run(const GemmTile&, const Narrower&, std::int32_t tiles);
//   };
#ifndef QUAVER_KERNELS_ARM_GEMM_H_
#define QUAVER_KERNELS_ARM_GEMM_H_

#include <cstddef>
#include <cstdint>

#include "kernels/arm/columns_plan.h"
#include "kernels/arm/gemm_output.h"
#include "kernels/arm/gemm_plan.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t Least(std::int32_t a, std::int32_t b) { return a < b ? a : b; }

constexpr std::int32_t PartsOf(std::int32_t count, std::int32_t most) {
  return (count + most - 1) / most;
}

/// `tiles` tiles of `rows` pixels, at most kRows.
template <typename Tile, int kChannels, int kRows>
void RunTiles(const GemmTile& tile, const Narrower& narrow, std::int32_t rows, std::int32_t tiles) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return RunTiles<Tile, kChannels, kRows - 1>(tile, narrow, rows, tiles);
  }
  Tile::template Run<kRows, kChannels>(tile, narrow, tiles);
}

/// The same where only the channels that the tile says may be written.
template <typename Tile, int kChannels, int kMostRows>
[[gnu::noinline]] void RunPartTiles(const GemmTile& tile, const Narrower& narrow, std::int32_t rows,
                                    std::int32_t tiles) {
  std::int8_t buffer[kMostRows * kChannels];
  GemmTile part = tile;
  part.output = buffer;
  part.output_stride = kChannels;
  part.columns = 1;
  for (std::int32_t column = 0; column < tile.columns; ++column) {
    std::int8_t* output = tile.output + column * tile.column_stride;
    part.input_offset = tile.input_offset + column * tile.column_step;
    for (std::int32_t i = 0; i < tiles; ++i) {
      RunTiles<Tile, kChannels, kMostRows>(part, narrow, rows, 1);
      CopyParts(output, tile.output_stride, buffer, kChannels, rows, tile.skip, tile.channels);
      part.input_offset += rows * tile.pixel_step;
      output += rows * tile.output_stride;
    }
  }
}

/// Pixels in tiles of nearly the same size: tiles of `rows`, and then others of less.
struct TileSplit {
  TileSplit() = default;
  /// `most`: rows of a tile. `even`: all tiles but the last have them.
  TileSplit(std::int32_t pixels, std::int32_t most, bool even) {
    tiles = PartsOf(pixels, most);
    rows = even ? Least(pixels, most) : PartsOf(pixels, tiles);
    smaller_rows = even ? pixels - (tiles - 1) * rows : rows - 1;
    smaller_tiles = even ? (smaller_rows < rows ? 1 : 0) : tiles * rows - pixels;
    tiles -= smaller_tiles;
  }

  std::int32_t tiles, rows, smaller_tiles, smaller_rows;
};

/// A row of pixels by kChannels channels of a panel.
template <typename Tile, int kChannels>
void RunPanel(const GemmTile& tile, const Narrower& narrow, const TileSplit& split) {
  constexpr std::int32_t kMostRows = Tile::template kRows<kChannels>;
  const auto run = tile.skip == 0 && tile.channels == kChannels
                       ? &RunTiles<Tile, kChannels, kMostRows>
                       : &RunPartTiles<Tile, kChannels, kMostRows>;
  if (split.tiles > 0) run(tile, narrow, split.rows, split.tiles);
  if (split.smaller_tiles > 0) {
    const std::ptrdiff_t done = split.tiles * split.rows;
    GemmTile rest = tile;
    rest.input_offset += done * tile.pixel_step;
    rest.output += done * tile.output_stride;
    run(rest, narrow, split.smaller_rows, split.smaller_tiles);
  }
}

/// Output channels [channel_begin, channel_end) of each group. Inputs are what makes the runs:
/// kernels/arm/plain_inputs.h, window_columns.h or paired_inputs.h.
template <typename Tile>
class Gemm {
 public:
  Gemm(const Conv2DParams& p, const ArmGemmPlan& plan, std::int32_t channel_begin,
       std::int32_t channel_end)
      : p_(p),
        plan_(plan),
        narrow_(p.stage),
        channel_begin_(channel_begin),
        channel_end_(channel_end),
        group_outputs_(p.output_c / p.groups) {
    tile_.run_count = plan.rows.runs;
    tile_.run_bytes = plan.rows.padded_run;
    WeightShape shape = WeightShapeOf(p);
    shape.run = shape.depth / plan.rows.runs;
    tile_.panel_bytes = static_cast<std::ptrdiff_t>(PanelBytes(Tile::kLayout, shape));
    tile_.output_stride = p.output_c;
    tile_.columns = 1;
  }

  /// Pixels [begin, end) counted over all rows and images.
  template <typename Inputs>
  void RunPixels(Inputs& inputs, std::int64_t begin, std::int64_t end) {
    tile_.pixel_step = inputs.pixel_step();
    const std::int32_t most = plan_.rows.row_pixels;
    for (std::int64_t parts = (end - begin + most - 1) / most; parts > 0; --parts) {
      auto pixels = static_cast<std::int32_t>((end - begin + parts - 1) / parts);
      if constexpr (Tile::kEvenTiles) {
        // Of whole tiles, where the most pixels at a time are.
        constexpr std::int32_t kRows = Tile::template kRows<kNr>;
        if (parts > 1) pixels = PartsOf(pixels, kRows) * kRows;
      }
      inputs.Pixels(begin, pixels);
      RunRow(inputs.runs(), p_.output + begin * p_.output_c, pixels);
      begin += pixels;
    }
  }

  /// Output rows [begin, end), from the one that the inputs begin with.
  template <typename Inputs>
  void RunRows(Inputs& inputs, std::int32_t begin, std::int32_t end) {
    tile_.pixel_step = inputs.pixel_step();
    for (std::int32_t row = begin; row < end; ++row) {
      inputs.Next();
      RunRow(inputs.runs(), p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c,
             p_.output_w);
    }
  }

  /// The same of inputs that make several rows at a time: each is a column of the tiles.
  template <typename Inputs>
  void RunBlocks(Inputs& inputs, std::int32_t begin, std::int32_t end) {
    tile_.pixel_step = inputs.pixel_step();
    tile_.chunk_step = inputs.chunk_step();
    tile_.column_step = inputs.row_step();
    tile_.column_stride = std::ptrdiff_t{p_.output_w} * p_.output_c;
    while (begin < end) {
      tile_.columns = inputs.Next(end - begin);
      RunRow(inputs.runs(), p_.output + begin * tile_.column_stride, p_.output_w);
      begin += tile_.columns;
    }
  }

  /// The same of windows that are gathered column by column, some rows at a time.
  template <typename Columns>
  void RunColumns(Columns& columns, const ColumnsPlan& plan, std::int32_t begin, std::int32_t end) {
    tile_.pixel_step = columns.pixel_step();
    tile_.output_stride = std::ptrdiff_t{p_.output_w} * p_.output_c;
    tile_.column_step = columns.column_step();
    tile_.column_stride = p_.output_c;
    while (begin < end) {
      const std::int32_t y = begin % p_.output_h;
      const std::int32_t rows = Least(Least(end - begin, plan.rows), p_.output_h - y);
      const std::ptrdiff_t image = std::ptrdiff_t{begin / p_.output_h} * p_.input_h * p_.input_w;
      for (std::int32_t x = 0; x < p_.output_w; x += tile_.columns) {
        tile_.columns = Least(p_.output_w - x, plan.columns);
        columns.Gather(p_.input + image * p_.input_c, y, rows, x, tile_.columns);
        RunRow(columns.runs(), p_.output + (std::ptrdiff_t{begin} * p_.output_w + x) * p_.output_c,
               rows);
      }
      begin += rows;
    }
  }

  template <typename Inputs>
  void Run(Inputs& inputs, const Work& work) {
    if (plan_.rows.flat) {
      RunPixels(inputs, std::int64_t{work.begin} * p_.output_w,
                std::int64_t{work.end} * p_.output_w);
    } else {
      RunRows(inputs, work.begin, work.end);
    }
  }

 private:
  void RunRow(const std::uint8_t* const* runs, std::int8_t* output, std::int32_t pixels) {
    if (pixels != split_pixels_) {
      split_pixels_ = pixels;
      split_ = TileSplit(pixels, Tile::template kRows<kNr>, Tile::kEvenTiles);
      narrow_split_ = TileSplit(pixels, Tile::template kRows<8>, Tile::kEvenTiles);
    }
    const auto* panels = reinterpret_cast<const std::uint8_t*>(p_.weights);
    tile_.runs = runs;
    tile_.input_offset = 0;
    panel_ = 0;
    RunChannels(panels, output);
    for (std::int32_t group = 1; group < p_.groups; ++group) {
      tile_.input_offset += plan_.group_bytes;
      panels += PartsOf(group_outputs_, kNr) * tile_.panel_bytes;
      output += group_outputs_;
      RunChannels(panels, output);
    }
  }

  // The wanted channels of one group of packed panels, for a row of pixels, of which `output` is
  // channel 0.
  void RunChannels(const std::uint8_t* panels, std::int8_t* output) {
    const std::int32_t first = channel_begin_ / kNr;
    tile_.panels = panels + first * tile_.panel_bytes;
    tile_.output = output + first * kNr;
    for (std::int32_t channel = first * kNr; channel < channel_end_; channel += kNr) {
      const std::int32_t left = channel_end_ - channel;
      tile_.skip = channel_begin_ > channel ? channel_begin_ - channel : 0;
      tile_.channels = Least(left, kNr);
      if (kNr == 8 || left <= 8) {
        RunPanelOf<8>(narrow_split_);
      } else {
        RunPanelOf<kNr>(split_);
      }
      tile_.panels += tile_.panel_bytes;
      tile_.output += kNr;
    }
  }

  template <int kChannels>
  void RunPanelOf(const TileSplit& split) {
    PanelHead& head = heads_[Least(panel_, kHeads - 1)];
    if (panel_ >= prepared_) {
      Tile::template Prepare<kChannels>(tile_.panels, narrow_, head);
      prepared_ = Least(panel_ + 1, kHeads - 1);
    }
    ++panel_;
    tile_.head = &head;
    RunPanel<Tile, kChannels>(tile_, narrow_, split);
  }

  static constexpr std::int32_t kNr = Tile::kLayout.nr;
  // Heads of the first panels, which are made once, and of another one.
  static constexpr std::int32_t kHeads = 16;

  const Conv2DParams& p_;
  const ArmGemmPlan& plan_;
  const Narrower narrow_;
  std::int32_t channel_begin_, channel_end_, group_outputs_;
  GemmTile tile_{};
  std::int32_t split_pixels_ = 0;  // that the splits are of
  TileSplit split_{}, narrow_split_{};
  std::int32_t panel_ = 0;     // the next one, counted over all groups
  std::int32_t prepared_ = 0;  // of the heads, at most kHeads - 1
  PanelHead heads_[kHeads];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_H_
