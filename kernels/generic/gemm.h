// Conv2D and FullyConnected over packed panels, written once for all instruction sets.
//
// An instruction set gives a tile, a type in its source file's unnamed namespace (so that no code
// compiled for it can be linked into another instruction set's functions):
//
//   struct Tile {
//     static constexpr WeightLayout kLayout;   // of kernels.inc's line
//     static constexpr int kRows;              // rows that one call computes
//     // output[row][channel] for channels [begin, end) of one panel: dot products of
//     // rows[0 .. count-1] (depth bytes each, not one more is read) with the panel, then the
//     // output stage.
//     template <int count>
//     static void Run(const std::int8_t* const* rows, std::int32_t depth,
//                     const std::uint8_t* panel, const TileOutput& output);
//   };
#ifndef QUAVER_KERNELS_GENERIC_GEMM_H_
#define QUAVER_KERNELS_GENERIC_GEMM_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/packing.h"
#include "kernels/params.h"
#include "kernels/scratch.h"

namespace quaver::kernels {

/// Where a tile's results go.
struct TileOutput {
  std::int8_t* target;        // first row, first channel of the panel
  std::ptrdiff_t row_stride;  // bytes
  std::int32_t begin, end;    // channels of the panel to write
  std::int32_t zero_point, clamp_min, clamp_max;
};

template <typename Tile>
TileOutput OutputOf(const OutputStage& stage, std::int8_t* target, std::int32_t row_stride) {
  return {target,          row_stride,     0, Tile::kLayout.nr, stage.zero_point,
          stage.clamp_min, stage.clamp_max};
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_GEMM_H_
