// DepthwiseConv2D with a window of 3 x 3 on Arm: a block of channels slides over the image in
// registers, without scratch.
//
// A column holds the inputs of a block at one x: of four input rows for two output rows (a stride
// of 1), else of three for one. It serves each output pixel whose window it falls under, and stays
// in registers until they are done:
//
//   x            0  1  2  3
//   row 0   r0   .  .  .  .            output rows 0 and 1 take rows 0 to 2 and 1 to 3,
//   row 1   r1   .  .  .  .            pixels 0 and 1 take columns 0 to 2 and 1 to 3
//   row 2   r2   .  .  .  .
//   row 3   r3   .  .  .  .
//
// Channels that do not fill the last block are computed together with some of the block before.
//
// An instruction set gives, in its source file's unnamed namespace:
//
//   struct Dot {
//     // The weights of a panel: kGranules times kGranuleBytes for each of its channels.
//     static constexpr int kGranules, kGranuleBytes;
//     // Whether sums with kFast are exact for these panels.
//     static bool AllowsFast(const std::uint8_t* panels, std::ptrdiff_t panel_bytes, int count);
//     // The inputs of 4 * kVectors channels at one x.
//     template <int kVectors, int kInputRows> struct Column {
//       static Column Load(const std::int8_t* const (&rows)[kInputRows]);
//       static Column Of(std::int8_t value);
//     };
//     template <int kVectors, int kRows> struct Weights {
//       Weights(const std::uint8_t* panels, std::ptrdiff_t panel_bytes);
//     };
//     // acc[row][vector] = bias + the window of columns a, b and c.
//     template <bool kFast, int kVectors, int kRows, int kInputRows>
//     static void Sum(biases, weights, a, b, c, acc);
//   };
#ifndef QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_
#define QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/compat.h"
#include "kernels/arm/depthwise_plan.h"
#include "kernels/arm/depthwise_stage.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

inline constexpr int kTaps3x3 = 3;

/// The biases of some panels, for each of up to two output rows. The second row reads a copy, as
/// what is read twice the compiler reads once and moves, in twice the instructions.
struct Biases {
  const std::uint8_t* rows[2];
  std::ptrdiff_t panel_bytes;  // from one panel to the next, of the first row; the second has one

  template <int kVectors>
  [[gnu::always_inline]] void Load(int row, int32x4_t (&acc)[kVectors]) const {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      acc[v] = LoadWords(rows[row] + v / 2 * panel_bytes + v % 2 * 16);
    }
  }
};

/// The input rows under some output rows. A row outside the image is one pixel of padding.
template <int kRows, bool kInside>
class RowsOfWindow {
 public:
  /// Of the rows from `top` on; `input` is a pixel of the image's row 0.
  RowsOfWindow(const std::int8_t* input, std::ptrdiff_t row_bytes, std::int32_t height,
               std::int32_t top, const std::int8_t* padding) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const bool inside = kInside || (top + r >= 0 && top + r < height);
      rows_[r] = inside ? input + (top + r) * row_bytes : padding;
      masks_[r] = inside ? -1 : 0;
    }
  }

  template <typename Column>
  [[nodiscard]] [[gnu::always_inline]] Column At(std::ptrdiff_t offset) const {
    const std::int8_t* rows[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) rows[r] = rows_[r] + (kInside ? offset : offset & masks_[r]);
    return Column::Load(rows);
  }

 private:
  const std::int8_t* rows_[kRows];
  std::ptrdiff_t masks_[kRows];
};

template <typename Dot>
class Depthwise3x3 {
 public:
  explicit Depthwise3x3(const DepthwiseConv2DParams& p) : p_(p) {
    std::memset(padding_, p.pad_value, sizeof padding_);
    // Pixels of a row whose last column is inside the image.
    const std::int32_t room = p.input_w - kTaps3x3 + p.pad_left;
    const std::int32_t inner = room < 0 ? 0 : room / p.stride_w + 1;
    inner_ = inner < p.output_w ? inner : p.output_w;
  }

  void Run(std::int32_t begin, std::int32_t end) const {
    // Rows of the block's channels should stay in the first cache, as their cache lines serve the
    // next block too.
    const std::int64_t row_bytes = std::int64_t{p_.stride_h} * p_.input_w * kCacheLine;
    const std::int64_t fitting = kChunkBytes / row_bytes / 2 * 2;
    const std::int32_t chunk = fitting < 2             ? 2
                               : fitting < p_.output_h ? static_cast<std::int32_t>(fitting)
                                                       : p_.output_h;
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t y = row % p_.output_h;
      std::int32_t rows = p_.output_h - y < chunk ? p_.output_h - y : chunk;
      if (rows > end - row) rows = end - row;
      const std::int32_t image = row / p_.output_h;
      RunChunk(y, y + rows,
               p_.input + image * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c),
               p_.output + std::ptrdiff_t{image} * p_.output_h * p_.output_w * p_.output_c);
      row += rows;
    }
  }

 private:
  static constexpr std::int64_t kCacheLine = 64;
  static constexpr std::int64_t kChunkBytes = 16384;
  static constexpr int kMostPanels = 2;
  static constexpr std::ptrdiff_t kPanelBytes = 192;
  static_assert(kWeightsOffset + Dot::kGranules * Dot::kGranuleBytes * kPanelChannels <=
                    kPanelBytes,
                "as PanelBytes says");
  // Two output rows take most of 32 registers.
  static constexpr bool kRowPairs = kVectorRegisters == 32;

  // Output rows of one image, at the block's first channel.
  struct Block {
    const std::uint8_t* panels;
    const std::uint8_t* biases;  // a copy of the first panel's
    const std::int8_t* input;
    std::int8_t* output;
    StageKind kind;
    bool fast;
  };

  // Output rows [begin, end) of one image.
  void RunChunk(std::int32_t begin, std::int32_t end, const std::int8_t* input,
                std::int8_t* output) const {
    const int panels = p_.stride_w == 1 ? 1 : 2;
    const std::int32_t width = panels * kPanelChannels;
    const auto* weights = reinterpret_cast<const std::uint8_t*>(p_.weights);
    for (std::int32_t c = 0; c < p_.output_c; c += width) {
      const std::int32_t channel = c + width <= p_.output_c ? c : p_.output_c - width;
      const std::uint8_t* first = weights + channel / kPanelChannels * kPanelBytes;
      alignas(16) std::uint8_t joined[kMostPanels * kPanelBytes];
      if (const std::int32_t skip = channel % kPanelChannels; skip != 0) {
        for (int i = 0; i < panels; ++i) {
          JoinPanels(first + i * kPanelBytes, skip, joined + i * kPanelBytes);
        }
        first = joined;
      }
      alignas(16) std::uint8_t biases[kHeaderBytes];
      std::memcpy(biases, first, sizeof biases);
      const Block block{first,
                        biases,
                        input + channel,
                        output + channel,
                        KindOfStage(p_.stage, first, kPanelBytes, panels),
                        Dot::AllowsFast(first, kPanelBytes, panels)};
      if (panels == 1) {
        RunBlock<2, 1>(block, begin, end);
      } else {
        RunBlock<4, 2>(block, begin, end);
      }
    }
  }

  // The channels from number `skip` of a panel on, and as many of the next one as make eight.
  static void JoinPanels(const std::uint8_t* panel, std::int32_t skip, std::uint8_t* target) {
    const auto join = [&](std::ptrdiff_t at, std::int32_t channel_bytes) {
      const std::int32_t from = skip * channel_bytes;
      const std::int32_t size = kPanelChannels * channel_bytes;
      std::memcpy(target + at, panel + at + from, static_cast<std::size_t>(size - from));
      std::memcpy(target + at + size - from, panel + kPanelBytes + at,
                  static_cast<std::size_t>(from));
    };
    for (int i = 0; i < 3; ++i) join(i * kHeaderBytes, 4);
    for (int i = 0; i < Dot::kGranules; ++i) {
      join(kWeightsOffset + i * kPanelChannels * Dot::kGranuleBytes, Dot::kGranuleBytes);
    }
  }

  // Tiles of two rows where the stride allows it, of one where it does not or one is left.
  template <int kVectors, int kStride>
  void RunBlock(const Block& block, std::int32_t begin, std::int32_t end) const {
    if constexpr (kRowPairs && kStride == 1) {
      if (const std::int32_t pairs = (end - begin) / 2; p_.stride_h == 1 && pairs > 0) {
        RunTiles<kVectors, 2, kStride>(block, begin, pairs);
        begin += 2 * pairs;
      }
    }
    if (begin < end) RunTiles<kVectors, 1, kStride>(block, begin, end - begin);
  }

  // Whether `rows` output rows from y on see no padding above or below.
  [[nodiscard]] bool Inside(std::int32_t y, std::int32_t rows) const {
    const std::int32_t top = y * p_.stride_h - p_.pad_top;
    return top >= 0 && top + (rows - 1) * p_.stride_h + kTaps3x3 <= p_.input_h;
  }

  // Forms for what is frequent: the others only where they are needed.
  template <int kVectors, int kRows, int kStride>
  void RunTiles(const Block& block, std::int32_t y, std::int32_t tiles) const {
    constexpr bool kManyRows = kRows == 2 || !kRowPairs || kStride != 1;
    if (block.kind == StageKind::kAny || !block.fast) {
      RunRows<StageKind::kAny, false, kVectors, kRows, kStride, false>(block, y, tiles);
    } else if (block.kind == StageKind::kRight) {
      RunRows<StageKind::kRight, true, kVectors, kRows, kStride, false>(block, y, tiles);
    } else if (block.kind == StageKind::kRelu) {
      RunRows<StageKind::kRelu, true, kVectors, kRows, kStride, kManyRows>(block, y, tiles);
    } else {
      RunRows<StageKind::kShortRelu, true, kVectors, kRows, kStride, kManyRows>(block, y, tiles);
    }
  }

  // `tiles` times kRows output rows. kBoth: with a form of its own for those that see no padding
  // above or below.
  template <StageKind kKind, bool kFast, int kVectors, int kRows, int kStride, bool kBoth>
  [[gnu::noinline]] void RunRows(const Block& block, std::int32_t y, std::int32_t tiles) const {
    constexpr int kInputRows = kTaps3x3 - 1 + kRows;
    constexpr int kPanels = kVectors / 2;
    using Column = typename Dot::template Column<kVectors, kInputRows>;
    // Copies, which no store to the output can change.
    const DepthwiseConv2DParams p = p_;
    const std::uint8_t* const panels = block.panels;
    const Biases biases{{panels, block.biases}, kPanelBytes};
    const typename Dot::template Weights<kVectors, kRows> weights(panels, kPanelBytes);
    const DepthwiseStage<kKind, kPanels> stage(p.stage, panels, kPanelBytes);
    const std::ptrdiff_t step = p.output_c;
    const std::ptrdiff_t row_bytes = p.output_w * step;
    const std::ptrdiff_t inner_bytes = inner_ * step;
    std::int8_t* output = block.output + y * row_bytes;
    // Offset 0 is the last new column of the first pixel.
    const std::int8_t* const input = block.input + (kTaps3x3 - 1 - p.pad_left) * step;
    const Column pad = Column::Of(static_cast<std::int8_t>(p.pad_value));
    const auto tile = [&](const auto& rows) __attribute__((always_inline)) {
      const auto pixel = [&](const Column& a, const Column& b, const Column& c,
                             std::ptrdiff_t offset) __attribute__((always_inline)) {
        int32x4_t acc[kRows][kVectors];
        Dot::template Sum<kFast>(biases, weights, a, b, c, acc);
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) stage.Store(acc[r], output + r * row_bytes + offset);
      };
      const auto at = [&](std::ptrdiff_t offset) __attribute__((always_inline)) {
        return rows.template At<Column>(offset);
      };
      std::ptrdiff_t offset = 0;
      Column a = p.pad_left > 0 ? pad : at(-2 * step);
      if constexpr (kStride == 1) {
        Column b = p.pad_left + p.input_w > 1 ? at(-step) : pad;
        while (offset < inner_bytes) {
          const Column c = at(offset);
          pixel(a, b, c, offset);
          if ((offset += step) >= inner_bytes) {
            a = b;
            b = c;
            break;
          }
          a = at(offset);
          pixel(b, c, a, offset);
          if ((offset += step) >= inner_bytes) {
            b = a;
            a = c;
            break;
          }
          b = at(offset);
          pixel(c, a, b, offset);
          offset += step;
        }
        for (; offset < row_bytes; offset += step) {
          pixel(a, b, pad, offset);
          a = b;
          b = pad;
        }
      } else {
        while (offset < inner_bytes) {
          Column b = at(2 * offset - step);
          const Column c = at(2 * offset);
          pixel(a, b, c, offset);
          if ((offset += step) >= inner_bytes) {
            a = c;
            break;
          }
          b = at(2 * offset - step);
          a = at(2 * offset);
          pixel(c, b, a, offset);
          offset += step;
        }
        for (; offset < row_bytes; offset += step) {
          const bool one = 2 * (offset / step) - p.pad_left + 1 < p.input_w;
          pixel(a, one ? at(2 * offset - step) : pad, pad, offset);
          a = pad;
        }
      }
    };
    for (; tiles > 0; --tiles, y += kRows, output += kRows * row_bytes) {
      const std::int32_t top = y * p.stride_h - p.pad_top;
      if constexpr (kBoth) {
        if (Inside(y, kRows)) {
          tile(RowsOfWindow<kInputRows, true>(input, p.input_w * step, p.input_h, top, padding_));
          continue;
        }
      }
      tile(RowsOfWindow<kInputRows, false>(input, p.input_w * step, p.input_h, top, padding_));
    }
  }

  const DepthwiseConv2DParams& p_;
  std::int32_t inner_;
  std::int8_t padding_[kMostPanels * kPanelChannels];  // one pixel of a block
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_
