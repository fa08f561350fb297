// What the register tiles of matrix products on Arm share: their arguments and their results' way
// out. A tile is some pixels (or rows) times 8 output channels of each of some panels.
#ifndef QUAVER_KERNELS_ARM_GEMM_TILE_H_
#define QUAVER_KERNELS_ARM_GEMM_TILE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/output_stage.h"

namespace quaver::kernels {
namespace {

inline constexpr std::int32_t kPanelChannels = 8;
/// Bytes of the bias, and of the multipliers, and of the shifts, at the head of a panel.
inline constexpr std::int32_t kHeaderBytes = 4 * kPanelChannels;
inline constexpr std::int32_t kWeightsOffset = 3 * kHeaderBytes;

/// How the sums of a panel become bytes (kernels/arm/gemm_output.h): the first that is right for
/// all of its channels.
enum class GemmStage {
  kShortRelu,   // zero point -128, no clamps, results shifted to the right by 3 to 10
  kShort,       // ... by 5 to 11, as in nearly all other layers
  kShortLeast,  // ... by 2 to 8
  kRight,       // ... by 1 and more
  kAny,
};

/// What the output stage takes from the head of a panel: one number for each lane of the vectors.
struct PanelStage {
  GemmStage kind;
  const std::int32_t* multipliers;
  const std::int32_t* shifts;
  const std::int16_t* short_shifts;  // of SRSHL after MultiplyShort, where the kind is one of those
};

/// What tiles take from there.
struct PanelHead {
  const std::int32_t* bias;  // one number for each lane, too
  PanelStage stage;
  alignas(16) std::int16_t short_shifts[16];
  std::int32_t copies[3 * 16];  // of what cannot be read from the panel as it is
};

/// Some panels, one behind the other, whose channels lie side by side in the output; of GEMM tiles
/// with their heads. The inputs of a pixel come in `run_count` runs of `run_bytes` each: run s of
/// pixel x begins at runs[s] + input_offset + x * pixel_step. Of several columns of pixels, which
/// lie one beside the other, those of column c begin c * column_step later.
struct GemmTile {
  const std::uint8_t* const* runs;
  std::int32_t run_count;
  std::int32_t run_bytes;       // a multiple of the group
  std::ptrdiff_t input_offset;  // of the first pixel
  std::ptrdiff_t pixel_step;
  const std::uint8_t* panels;  // packed as kernels/packing.h says; the tile's first
  std::ptrdiff_t panel_bytes;
  std::int32_t panel_count;
  std::int8_t* output;  // of the first pixel, at the first channel
  std::ptrdiff_t output_stride;
  std::int32_t rows;      // of each tile
  std::int32_t skip;      // bytes of a pixel not to be written
  std::int32_t channels;  // bytes of a pixel up to which to write
  bool left_shift;        // some shift of these panels is not to the right
  const PanelHead* heads;
  std::int32_t columns;  // of GEMM tiles, which are for each of so many
  std::ptrdiff_t column_step;
  std::ptrdiff_t column_stride;               // of their output
  std::ptrdiff_t chunk_step, odd_chunk_step;  // of paired_rows.h
};

/// What all tiles of a panel read.
struct TileInputs {
  const std::uint8_t* const* runs;
  const std::uint8_t* const* runs_end;
  std::ptrdiff_t pixel_step;
  std::int32_t run_bytes;
  const std::int32_t* bias;
  const std::uint8_t* weights;
};

/// Where the sums of a tile go. `to` follows from tile to tile.
struct TileOutput {
  const PanelStage& stage;
  std::int8_t*& to;
  std::ptrdiff_t stride;
};

/// body(inputs, offset, output) for each of `tiles` tiles of kRows pixels of each column, of each
/// panel of kChannels, with the offset of the tile's first input; the weights are behind
/// `header_bytes`. What the bodies read is made for each tile of variables of their own: as one
/// that outlives the loop, compilers would keep it in memory. `body` must be inlined for the same
/// reason.
template <int kRows, int kChannels, typename Body>
[[gnu::always_inline]] inline void ForEachTile(const GemmTile& tile, std::int32_t header_bytes,
                                               std::int32_t tiles, const Body& body) {
  const std::uint8_t* const* const runs = tile.runs;
  const std::uint8_t* const* const runs_end = runs + tile.run_count;
  const std::ptrdiff_t pixel_step = tile.pixel_step;
  const std::int32_t run_bytes = tile.run_bytes;
  const std::ptrdiff_t step = kRows * pixel_step;
  const std::ptrdiff_t stride = tile.output_stride;
  for (std::int32_t panel = 0; panel < tile.panel_count; ++panel) {
    const std::int32_t* const bias = tile.heads[panel].bias;
    const std::uint8_t* const weights = tile.panels + panel * tile.panel_bytes + header_bytes;
    const PanelStage stage = tile.heads[panel].stage;
    std::ptrdiff_t column_offset = tile.input_offset;
    std::int8_t* column_output = tile.output + panel * kChannels;
    std::int32_t columns = tile.columns;
    do {
      std::ptrdiff_t offset = column_offset;
      std::int8_t* output = column_output;
      for (std::int32_t i = tiles; i > 0; --i, offset += step) {
        body(TileInputs{runs, runs_end, pixel_step, run_bytes, bias, weights}, offset,
             TileOutput{stage, output, stride});
      }
      column_offset += tile.column_step;
      column_output += tile.column_stride;
    } while (--columns > 0);
  }
}

/// Bytes [begin, end) of each of `rows` rows.
[[gnu::noinline]] inline void CopyParts(std::int8_t* target, std::ptrdiff_t target_stride,
                                        const std::int8_t* source, std::ptrdiff_t source_stride,
                                        std::int32_t rows, std::int32_t begin, std::int32_t end) {
  for (std::int32_t r = 0; r < rows; ++r) {
    std::int32_t i = begin;
    for (; end - i >= 4; i += 4) std::memcpy(target + i, source + i, 4);
    for (; i < end; ++i) target[i] = source[i];
    target += target_stride;
    source += source_stride;
  }
}

/// Vector v of the accumulators holds channels 4 v to 4 v + 3.
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void StoreRows(const int32x4_t (&acc)[kRows][kVectors],
                                             const Narrower& narrow, std::int8_t* output,
                                             std::ptrdiff_t stride) {
  if constexpr (kVectors == 4) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      vst1q_s8(output + r * stride, narrow(acc[r][0], acc[r][1], acc[r][2], acc[r][3]));
    }
  } else {
#pragma GCC unroll 16
    for (int r = 0; r + 2 <= kRows; r += 2) {
      const int8x16_t two = narrow(acc[r][0], acc[r][1], acc[r + 1][0], acc[r + 1][1]);
      vst1_s8(output + r * stride, vget_low_s8(two));
      vst1_s8(output + (r + 1) * stride, vget_high_s8(two));
    }
    if constexpr (kRows % 2 != 0) {
      vst1_s8(output + (kRows - 1) * stride, narrow(acc[kRows - 1][0], acc[kRows - 1][1]));
    }
  }
}

/// Requantizes accumulators that hold their bias and writes the channels that the tile asks for of
/// the first `rows` rows (kRows, or one less).
template <int kRows, int kVectors>
[[gnu::always_inline]] inline void FinishTile(const GemmTile& tile, const Narrower& narrow,
                                              int32x4_t (&acc)[kRows][kVectors]) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const std::uint8_t* head = tile.panels + v / 2 * tile.panel_bytes + v % 2 * 16;
    const int32x4_t shift = LoadWords(head + 2 * kHeaderBytes);
    if (__builtin_expect(tile.left_shift, 0)) {
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) acc[r][v] = Requantizer::ShiftLeft(acc[r][v], shift);
    }
    const Requantizer requantize(LoadWords(head + kHeaderBytes), shift);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) acc[r][v] = requantize(acc[r][v]);
  }
  constexpr std::int32_t kBytes = 4 * kVectors;
  if (tile.skip == 0 && tile.channels == kBytes) {
    StoreRows(acc, narrow, tile.output, tile.output_stride);
    return;
  }
  std::int8_t buffer[kRows * kBytes];
  StoreRows(acc, narrow, buffer, kBytes);
  CopyParts(tile.output, tile.output_stride, buffer, kBytes, kRows, tile.skip, tile.channels);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_TILE_H_
