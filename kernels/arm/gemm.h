// Conv2D and FullyConnected over packed panels: rows of pixels, panels, tiles. Written once for all
// Arm instruction sets.
//
// An instruction set gives a tile, a type in its source file's unnamed namespace:
//
//   struct Tile {
//     static constexpr WeightLayout kLayout;      // of kernels.inc's line
//     template <int kChannels>
//     static constexpr int kRows;                 // pixels of a tile of so many channels
//     // The head of a panel of which so many channels are wanted.
//     template <int kChannels>
//     static void Prepare(const std::uint8_t* panel, const Narrower&, PanelHead&);
//     // `tiles` tiles of kRows pixels each, one beside the other: all kChannels of each panel.
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

/// What runs `tiles` tiles of one size.
using RunTiles = void (*)(const GemmTile&, const Narrower&, std::int32_t tiles);

/// Tiles of `rows` pixels, at most kRows.
template <typename Tile, int kChannels, int kRows = Tile::template kRows<kChannels>>
RunTiles RunOfRows(std::int32_t rows) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return RunOfRows<Tile, kChannels, kRows - 1>(rows);
  }
  return &Tile::template Run<kRows, kChannels>;
}

/// Tiles of one panel of which only the channels that the tile says may be written.
template <typename Tile, int kChannels>
[[gnu::noinline]] void RunParts(const GemmTile& tile, const Narrower& narrow, std::int32_t tiles) {
  std::int8_t buffer[Tile::template kRows<kChannels> * kChannels];
  const RunTiles run = RunOfRows<Tile, kChannels>(tile.rows);
  GemmTile part = tile;
  part.output = buffer;
  part.output_stride = kChannels;
  part.columns = 1;
  for (std::int32_t column = 0; column < tile.columns; ++column) {
    std::int8_t* output = tile.output + column * tile.column_stride;
    part.input_offset = tile.input_offset + column * tile.column_step;
    for (std::int32_t i = 0; i < tiles; ++i) {
      run(part, narrow, 1);
      CopyParts(output, tile.output_stride, buffer, kChannels, tile.rows, tile.skip, tile.channels);
      part.input_offset += tile.rows * tile.pixel_step;
      output += tile.rows * tile.output_stride;
    }
  }
}

/// Pixels in tiles of `rows`, and perhaps a last one of fewer.
struct TileSplit {
  /// `most`: rows of a tile.
  TileSplit(std::int32_t pixels, std::int32_t most)
      : rows(Least(pixels, most)), tiles(pixels / rows), last_rows(pixels % rows) {}

  std::int32_t rows, tiles, last_rows;
};

/// Output channels [channel_begin, channel_end) of each group. Inputs are what makes the runs:
/// kernels/arm/plain_inputs.h, window_columns.h, paired_inputs.h or paired_rows.h.
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

  /// Of inputs whose runs are chunks: from one to the next, and from that to the one behind it.
  void SetChunkSteps(std::ptrdiff_t step, std::ptrdiff_t odd_step) {
    tile_.chunk_step = step;
    tile_.odd_chunk_step = odd_step;
  }

  /// Pixels [begin, end) counted over all rows and images.
  template <typename Inputs>
  void RunPixels(Inputs& inputs, std::int64_t begin, std::int64_t end) {
    tile_.pixel_step = inputs.pixel_step();
    const std::int32_t most = plan_.rows.row_pixels;
    for (std::int64_t parts = (end - begin + most - 1) / most; parts > 0; --parts) {
      auto pixels = static_cast<std::int32_t>((end - begin + parts - 1) / parts);
      // Of whole tiles, where the most pixels at a time are.
      constexpr std::int32_t kRows = Tile::template kRows<kNr>;
      if (parts > 1) pixels = Least(PartsOf(pixels, kRows) * kRows, most);
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

  /// The output rows of some work as pixels.
  template <typename Inputs>
  void RunFlat(Inputs& inputs, const Work& work) {
    RunPixels(inputs, std::int64_t{work.begin} * p_.output_w, std::int64_t{work.end} * p_.output_w);
  }

 private:
  static constexpr std::int32_t kNr = Tile::kLayout.nr;
  // Heads of the first panels, which are made once, and of some others at a time.
  static constexpr std::int32_t kHeads = 32;
  static constexpr std::int32_t kKeptHeads = 24;
  // What the first panels take for a row of pixels, which is planned once, and what others do.
  static constexpr std::int32_t kSteps = 8;
  static constexpr std::int32_t kStepsOfPanels = 2;

  // Tiles of one size, one beside the other, of some panels.
  struct Step {
    RunTiles run;
    std::int32_t tiles;
    std::ptrdiff_t output_offset;  // from the row's first byte
    GemmTile tile;                 // but where its runs and output are, and of how many columns
  };

  // The next channel to be computed, which begins a panel.
  struct Cursor {
    std::int32_t group, channel;
  };

  void RunRow(const std::uint8_t* const* runs, std::int8_t* output, std::int32_t pixels) {
    if (pixels != row_pixels_) PlanRow(pixels);
    RunSteps(steps_, planned_, runs, output);
    if (rest_.group < p_.groups) RunRest(runs, output);
  }

  void RunSteps(Step* steps, std::int32_t count, const std::uint8_t* const* runs,
                std::int8_t* output) {
    for (Step* const end = steps + count; steps != end; ++steps) {
      steps->tile.runs = runs;
      steps->tile.output = output + steps->output_offset;
      steps->tile.columns = tile_.columns;
      steps->run(steps->tile, narrow_, steps->tiles);
    }
  }

  // Those panels of which there are no steps.
  [[gnu::noinline]] void RunRest(const std::uint8_t* const* runs, std::int8_t* output) {
    Cursor cursor = rest_;
    while (cursor.group < p_.groups) {
      Step* const steps = steps_ + planned_;
      Step* end = steps;
      AddPanels(cursor, kKeptHeads, kHeads, end);
      RunSteps(steps, static_cast<std::int32_t>(end - steps), runs, output);
    }
  }

  [[gnu::noinline]] void PlanRow(std::int32_t pixels) {
    row_pixels_ = pixels;
    Step* step = steps_;
    Cursor cursor{0, channel_begin_ / kNr * kNr};
    for (std::int32_t head = 0; head < kKeptHeads && cursor.group < p_.groups;) {
      if (step - steps_ > kSteps - kStepsOfPanels) break;
      head += AddPanels(cursor, head, kKeptHeads, step);
    }
    planned_ = static_cast<std::int32_t>(step - steps_);
    rest_ = cursor;
  }

  // The steps of as many panels from the cursor on as are computed alike and have heads: those from
  // `head` to `heads_end`. Returns their number.
  std::int32_t AddPanels(Cursor& cursor, std::int32_t head, std::int32_t heads_end, Step*& step) {
    GemmTile tile = tile_;
    const std::int32_t left = channel_end_ - cursor.channel;
    const std::int32_t panels = PartsOf(group_outputs_, kNr) * cursor.group + cursor.channel / kNr;
    tile.panels = reinterpret_cast<const std::uint8_t*>(p_.weights) + panels * tile.panel_bytes;
    tile.panel_count = 1;
    tile.heads = heads_ + head;
    tile.input_offset = cursor.group * plan_.group_bytes;
    tile.skip = channel_begin_ > cursor.channel ? channel_begin_ - cursor.channel : 0;
    tile.channels = Least(left, kNr);
    const std::ptrdiff_t output = std::ptrdiff_t{group_outputs_} * cursor.group + cursor.channel;
    if (tile.skip == 0 && left >= kNr) tile.panel_count = Least(left / kNr, heads_end - head);
    if (kNr > 8 && left <= 8) {
      AddSteps<8>(tile, output, step);
    } else {
      AddSteps<kNr>(tile, output, step);
    }
    cursor.channel += tile.panel_count * kNr;
    if (cursor.channel >= channel_end_) cursor = {cursor.group + 1, channel_begin_ / kNr * kNr};
    return tile.panel_count;
  }

  template <int kChannels>
  void AddSteps(const GemmTile& tile, std::ptrdiff_t output_offset, Step*& step) {
    PrepareHeads<kChannels>(tile);
    const TileSplit split(row_pixels_, Tile::template kRows<kChannels>);
    *step++ = StepOf<kChannels>(tile, output_offset, 0, split.rows, split.tiles);
    if (split.last_rows > 0) {
      *step++ =
          StepOf<kChannels>(tile, output_offset, split.tiles * split.rows, split.last_rows, 1);
    }
  }

  // From a pixel of the row on.
  template <int kChannels>
  static Step StepOf(const GemmTile& tile, std::ptrdiff_t output_offset, std::ptrdiff_t pixel,
                     std::int32_t rows, std::int32_t tiles) {
    const bool whole = tile.skip == 0 && tile.channels == kChannels;
    Step step{whole ? RunOfRows<Tile, kChannels>(rows) : &RunParts<Tile, kChannels>, tiles,
              output_offset + pixel * tile.output_stride, tile};
    step.tile.rows = rows;
    step.tile.input_offset += pixel * tile.pixel_step;
    return step;
  }

  // Those that a row before has not prepared.
  template <int kChannels>
  void PrepareHeads(const GemmTile& tile) {
    const auto begin = static_cast<std::int32_t>(tile.heads - heads_);
    const std::int32_t end = begin + tile.panel_count;
    if (end <= prepared_) return;
    for (std::int32_t i = begin; i < end; ++i) {
      Tile::template Prepare<kChannels>(tile.panels + (i - begin) * tile.panel_bytes, narrow_,
                                        heads_[i]);
    }
    prepared_ = Least(end, kKeptHeads);
  }

  const Conv2DParams& p_;
  const ArmGemmPlan& plan_;
  const Narrower narrow_;
  std::int32_t channel_begin_, channel_end_, group_outputs_;
  GemmTile tile_{};              // what all steps have in common
  std::int32_t row_pixels_ = 0;  // that the steps are of
  std::int32_t planned_ = 0;     // steps
  Cursor rest_{};                // behind their panels
  std::int32_t prepared_ = 0;    // of the heads, at most kKeptHeads
  Step steps_[kSteps + kStepsOfPanels];
  PanelHead heads_[kHeads];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_H_
