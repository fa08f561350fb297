// What the assembly for gathered windows with SDOT takes.
#ifndef QUAVER_KERNELS_NEONDOT_DOT_COLUMNS_H_
#define QUAVER_KERNELS_NEONDOT_DOT_COLUMNS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/tile_stage.h"
#include "kernels/arm/wide_panel.h"

namespace quaver::kernels {
namespace {

/// Tiles of four pixels down the columns of a block (kernels/arm/columns_plan.h), by the first
/// panel of a tile.
struct DotColumns {
  /// `zero_point`: what the stage adds or flips. Precondition: the stage is not kSums.
  DotColumns(const GemmTile& tile, std::int32_t zero_point, TileStage stage, std::int32_t tiles)
      : inputs(*tile.runs + tile.input_offset),
        weights(tile.panels + kWideHeaderBytes),
        bias(tile.heads->bias),
        multipliers(tile.heads->stage.multipliers),
        shifts(TileShifts(tile.heads->stage, stage)),
        output(tile.output),
        step(tile.pixel_step),
        stride(tile.output_stride),
        column_step(tile.column_step),
        column_stride(tile.column_stride),
        window_bytes(tile.run_bytes),
        zero_point(zero_point),
        stage(stage),
        tiles(tiles),
        columns(tile.columns) {}

  const std::uint8_t* inputs;
  const std::uint8_t* weights;
  const std::int32_t* bias;
  const std::int32_t* multipliers;
  const void* shifts;
  std::int8_t* output;
  std::ptrdiff_t step, stride, column_step, column_stride;  // as of GemmTile
  std::int32_t window_bytes;
  std::int32_t zero_point;
  TileStage stage;
  std::int32_t tiles, columns;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_DOT_COLUMNS_H_
