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
//       // Moves each row on by its step.
//       static Column Load(Address (&rows)[kInputRows],
//                          const std::ptrdiff_t (&steps)[kInputRows]);
//       static Column Of(std::int8_t value);
//     };
//     template <int kVectors, int kRows> struct Weights {
//       Weights(const std::uint8_t* panels, std::ptrdiff_t panel_bytes);
//     };
//     // acc[row][vector] = bias + the window of columns a, b and c.
//     template <bool kFast, int kVectors, int kRows, int kInputRows>
//     static void Sum(biases, weights, a, b, c, acc);
//     // Whether there is this, for kShortRelu and kRelu: with strides of 1 for two rows and eight
//     // channels, with strides of 2 for one row and sixteen channels at a time.
//     static constexpr bool kHasRows;
//     template <int kStride> static void Run(StageKind, RowsOfBlocks*);
//   };
#ifndef QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_
#define QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/compat.h"
#include "kernels/arm/depthwise_plan.h"
#include "kernels/arm/depthwise_stage.h"
#include "kernels/arm/depthwise_walk.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/memory.h"
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

/// The input rows under some output rows, read column by column for one block after the other. A
/// row outside the image is one pixel of padding.
template <int kRows>
class RowsOfWindow {
 public:
  /// Of the rows from `top` on; `input` is the first pixel of the image's row 0.
  RowsOfWindow(const std::int8_t* input, std::ptrdiff_t row_bytes, std::ptrdiff_t pixel_bytes,
               std::int32_t height, std::int32_t top, const std::int8_t* padding) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const bool inside = top + r >= 0 && top + r < height;
      first_[r] = inside ? input + (top + r) * row_bytes : padding;
      steps_[r] = inside ? pixel_bytes : 0;
    }
  }

  /// To the first pixel.
  [[gnu::always_inline]] void Begin() {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) rows_[r] = reinterpret_cast<Address>(first_[r]);
  }

  template <typename Column>
  [[nodiscard]] [[gnu::always_inline]] Column Next() {
    return Column::Load(rows_, steps_);
  }

  /// To the channels `bytes` further.
  [[gnu::always_inline]] void Move(std::ptrdiff_t bytes) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) first_[r] += steps_[r] == 0 ? 0 : bytes;
  }

 private:
  const std::int8_t* first_[kRows];
  Address rows_[kRows];
  std::ptrdiff_t steps_[kRows];
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
    rows_fit_ = RowsFit();
  }

  void Run(std::int32_t begin, std::int32_t end) const {
    const std::int32_t panels = p_.output_c / kPanelChannels;
    const Blocks all{reinterpret_cast<const std::uint8_t*>(p_.weights), 0, panels / Panels(),
                     KindOf(reinterpret_cast<const std::uint8_t*>(p_.weights), panels)};
    // Also what is not, where telling blocks apart would take longer than it saves.
    const bool few_pixels = std::int64_t{p_.output_h} * p_.output_w <= kFewPixels;
    const bool is_uniform = p_.output_c % Width() == 0 && all.kind.fast &&
                            (few_pixels || all.kind.stage == StageKind::kShortRelu ||
                             all.kind.stage == StageKind::kRight);
    const std::int32_t chunk = ChunkRows();
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t image = row / p_.output_h;
      const std::int32_t y = row % p_.output_h;
      const std::int32_t rows = Lesser(Lesser(p_.output_h - y, end - row), chunk);
      const Image at{p_.input + image * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c),
                     p_.output + std::ptrdiff_t{image} * p_.output_h * p_.output_w * p_.output_c};
      if (is_uniform) {
        RunBlocks(all, at, y, y + rows);
      } else {
        RunChunk(at, y, y + rows);
      }
      row += rows;
    }
  }

 private:
  static constexpr std::int64_t kCacheLine = 64;
  static constexpr std::int64_t kChunkBytes = 16384;
  static constexpr std::int32_t kFewPixels = 36;
  static constexpr int kMostPanels = 2;
  static constexpr std::ptrdiff_t kPanelBytes = 192;
  static_assert(kWeightsOffset + Dot::kGranules * Dot::kGranuleBytes * kPanelChannels <=
                    kPanelBytes,
                "as PanelBytes says");
  // Two output rows take most of 32 registers.
  static constexpr bool kRowPairs = kVectorRegisters == 32;

  // How the sums of a block are made and rounded.
  struct Kind {
    StageKind stage;
    bool fast;
    bool operator==(const Kind& other) const { return stage == other.stage && fast == other.fast; }
  };

  // Neighbouring blocks of one kind.
  struct Blocks {
    const std::uint8_t* panels;
    std::int32_t channel;  // their first
    std::int32_t count;
    Kind kind;
  };

  // At the first channel of its first pixel, or of that of some blocks.
  struct Image {
    const std::int8_t* input;
    std::int8_t* output;
  };

  static std::int32_t Lesser(std::int32_t a, std::int32_t b) { return a < b ? a : b; }

  // Of a block: panels and channels.
  [[nodiscard]] int Panels() const { return p_.stride_w == 1 ? 1 : 2; }
  [[nodiscard]] std::int32_t Width() const { return Panels() * kPanelChannels; }

  [[nodiscard]] Kind KindOf(const std::uint8_t* panels, int count) const {
    return {KindOfStage(p_.stage, panels, kPanelBytes, count),
            Dot::AllowsFast(panels, kPanelBytes, count)};
  }

  // How many rows at a time: those of the block's channels should stay in the first cache, as their
  // cache lines serve the next blocks too.
  [[nodiscard]] std::int32_t ChunkRows() const {
    const std::int64_t pixel_bytes = p_.input_c < kCacheLine ? p_.input_c : kCacheLine;
    const std::int64_t row_bytes = pixel_bytes * p_.stride_h * p_.input_w;
    const std::int64_t fitting = kChunkBytes / row_bytes / 2 * 2;
    return fitting < 2             ? 2
           : fitting < p_.output_h ? static_cast<std::int32_t>(fitting)
                                   : p_.output_h;
  }

  // As many as are of one kind. Precondition: there is a whole block from this channel on.
  [[nodiscard]] Blocks BlocksFrom(std::int32_t channel) const {
    const std::int32_t width = Width();
    const std::uint8_t* panels =
        reinterpret_cast<const std::uint8_t*>(p_.weights) + channel / kPanelChannels * kPanelBytes;
    Blocks blocks{panels, channel, 1, KindOf(panels, Panels())};
    for (channel += 2 * width; channel <= p_.output_c; channel += width) {
      panels += Panels() * kPanelBytes;
      if (!(KindOf(panels, Panels()) == blocks.kind)) break;
      ++blocks.count;
    }
    return blocks;
  }

  // Output rows [begin, end) of one image.
  void RunChunk(const Image& image, std::int32_t begin, std::int32_t end) const {
    const std::int32_t width = Width();
    std::int32_t channel = 0;
    while (channel + width <= p_.output_c) {
      const Blocks blocks = BlocksFrom(channel);
      RunBlocks(blocks, image, begin, end);
      channel += blocks.count * width;
    }
    if (channel == p_.output_c) return;
    // What is left, together with some of the block before.
    channel = p_.output_c - width;
    const auto* first =
        reinterpret_cast<const std::uint8_t*>(p_.weights) + channel / kPanelChannels * kPanelBytes;
    alignas(16) std::uint8_t joined[kMostPanels * kPanelBytes];
    if (const std::int32_t skip = channel % kPanelChannels; skip != 0) {
      for (int i = 0; i < Panels(); ++i) {
        JoinPanels(first + i * kPanelBytes, skip, joined + i * kPanelBytes);
      }
      first = joined;
    }
    RunBlocks({first, channel, 1, KindOf(first, Panels())}, image, begin, end);
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

  void RunBlocks(const Blocks& blocks, const Image& image, std::int32_t begin,
                 std::int32_t end) const {
    const Image at{image.input + blocks.channel, image.output + blocks.channel};
    if (p_.stride_w == 1) {
      RunStride<2, 1>(blocks, at, begin, end);
    } else {
      RunStride<4, 2>(blocks, at, begin, end);
    }
  }

  // Whether RowsOfBlocks can say where the rows are, and one column at most is padding under a
  // pixel; with strides of 1 there is one pixel at least after the first.
  [[nodiscard]] bool RowsFit() const {
    const std::int32_t last_row = (p_.output_h - 1) * p_.stride_h - p_.pad_top + kTaps3x3 - 1;
    if (p_.pad_top > 1 || last_row > p_.input_h || inner_ <= 2 - p_.stride_w) return false;
    const std::int32_t padded = p_.output_w - inner_;
    const std::int32_t middle = inner_ * p_.stride_w - p_.pad_left + 1;  // under the first of them
    return padded == 0 || (padded == 1 && middle < p_.input_w);
  }

  // Tiles of two rows where the stride allows it, of one where it does not or one is left.
  template <int kVectors, int kStride>
  void RunStride(const Blocks& blocks, const Image& at, std::int32_t begin,
                 std::int32_t end) const {
    if constexpr (Dot::kHasRows) {
      const bool enough = kStride == 2 || (p_.stride_h == 1 && end - begin > 1);
      if (blocks.kind.stage <= StageKind::kRelu && blocks.kind.fast && rows_fit_ && enough) {
        return RunWhole<kStride>(blocks, at, begin, end - begin);
      }
    }
    if constexpr (kRowPairs && kStride == 1) {
      if (const std::int32_t pairs = (end - begin) / 2; p_.stride_h == 1 && pairs > 0) {
        RunTiles<kVectors, 2, kStride>(blocks, at, begin, pairs);
        begin += 2 * pairs;
      }
    }
    if (begin < end) RunTiles<kVectors, 1, kStride>(blocks, at, begin, end - begin);
  }

  // Forms for what is frequent: the others only where they are needed.
  template <int kVectors, int kRows, int kStride>
  void RunTiles(const Blocks& blocks, const Image& at, std::int32_t y, std::int32_t tiles) const {
    const StageKind stage = blocks.kind.stage;
    if (stage == StageKind::kAny || !blocks.kind.fast) {
      RunRows<StageKind::kAny, false, kVectors, kRows, kStride>(blocks, at, y, tiles);
    } else if (Dot::kHasRows || stage == StageKind::kRight) {
      // Also what is left over where the instruction set has rows.
      RunRows<StageKind::kRight, true, kVectors, kRows, kStride>(blocks, at, y, tiles);
    } else if (stage == StageKind::kRelu) {
      RunRows<StageKind::kRelu, true, kVectors, kRows, kStride>(blocks, at, y, tiles);
    } else {
      RunRows<StageKind::kShortRelu, true, kVectors, kRows, kStride>(blocks, at, y, tiles);
    }
  }

  // `count` output rows, by Dot::Run. Where they are taken by two, the last of an odd count is
  // taken by itself or, where that is rare, with the one before a second time.
  template <int kStride>
  [[gnu::noinline]] void RunWhole(const Blocks& blocks, const Image& at, std::int32_t y,
                                  std::int32_t count) const {
    constexpr std::int32_t kRows = 3 - kStride;
    RowsOfBlocks rows;
    const std::ptrdiff_t step = p_.output_c;
    const std::ptrdiff_t row_bytes = p_.input_w * step;
    const std::int32_t right = p_.output_w - inner_;
    const std::int32_t top = y * p_.stride_h - p_.pad_top;
    const std::int32_t below = top + kTaps3x3 + kRows - 2;
    const std::int32_t last_below = below + (count - kRows) * p_.stride_h;
    const std::int32_t columns =
        (inner_ - 1) * kStride + kTaps3x3 - p_.pad_left + right * (kStride - 1);
    rows.panel = blocks.panels;
    rows.end = blocks.panels + blocks.count * Panels() * kPanelBytes;
    rows.row = at.input + (top + 1) * row_bytes;
    rows.output = at.output + y * (p_.output_w * step);
    rows.step = step;
    rows.row_bytes = row_bytes;
    rows.down = kRows * p_.stride_h * row_bytes - columns * step;
    rows.output_row_bytes = p_.output_w * step;
    rows.step_above = top >= 0 ? step : 0;
    rows.step_below = below < p_.input_h ? step : 0;
    rows.last_step_below = last_below < p_.input_h ? step : 0;
    const bool odd = count % kRows != 0;
    const bool again = odd && blocks.kind.stage != StageKind::kShortRelu;
    rows.last_down = again ? rows.down - row_bytes : rows.down;
    rows.last_output_down = again || kRows == 1 ? 0 : rows.output_row_bytes;
    rows.padding = padding_;
    rows.tiles = (count + kRows - 1) / kRows - 1;
    // Pixels after the first, by three.
    const std::int32_t threes = (inner_ + 1) / 3;
    const std::int32_t missing = 3 * threes - (inner_ - 1);
    rows.left = kStride == 1 ? threes : inner_;
    rows.flags = (missing == 2   ? kOneOver
                  : missing == 1 ? kTwoOver
                                 : 0) +
                 (p_.pad_left > 0 ? kPadsLeft : 0) + (right > 0 ? kPadsRight : 0) +
                 (odd && !again ? kOddRow : 0);
    rows.pad = p_.pad_value;
    Dot::template Run<kStride>(blocks.kind.stage, &rows);
  }

  // `tiles` times kRows output rows.
  template <StageKind kKind, bool kFast, int kVectors, int kRows, int kStride>
  [[gnu::noinline]] void RunRows(const Blocks& blocks, const Image& at, std::int32_t y,
                                 std::int32_t tiles) const {
    const std::ptrdiff_t step = p_.output_c;
    for (; tiles > 0; --tiles, y += kRows) {
      RunTile<kKind, kFast, kVectors, kRows, kStride>(
          blocks,
          {at.input, p_.input_w * step, step, p_.input_h, y * p_.stride_h - p_.pad_top, padding_},
          at.output + y * (p_.output_w * step));
    }
  }

  // kRows output rows of all blocks.
  template <StageKind kKind, bool kFast, int kVectors, int kRows, int kStride>
  [[gnu::always_inline]] void RunTile(const Blocks& blocks, RowsOfWindow<kTaps3x3 - 1 + kRows> rows,
                                      std::int8_t* output) const {
    constexpr int kPanels = kVectors / 2;
    using Column = typename Dot::template Column<kVectors, kTaps3x3 - 1 + kRows>;
    // Copies, which no store to the output can change.
    const DepthwiseConv2DParams p = p_;
    const std::int32_t inner = inner_;
    const std::ptrdiff_t step = p.output_c;
    const std::ptrdiff_t row_bytes = p.output_w * step;
    const Column pad = Column::Of(static_cast<std::int8_t>(p.pad_value));
    const std::uint8_t* panels = blocks.panels;
    for (std::int32_t count = blocks.count; count > 0; --count) {
      alignas(16) std::uint8_t copy[kHeaderBytes];
      std::memcpy(copy, panels, sizeof copy);
      const Biases biases{{panels, Hidden(copy)}, kPanelBytes};
      const typename Dot::template Weights<kVectors, kRows> weights(panels, kPanelBytes);
      const DepthwiseStage<kKind, kPanels> stage(p.stage, panels, kPanelBytes);
      std::ptrdiff_t offset = 0;
      const auto pixel = [&](const Column& a, const Column& b, const Column& c)
          __attribute__((always_inline)) {
        int32x4_t acc[kRows][kVectors];
        Dot::template Sum<kFast>(biases, weights, a, b, c, acc);
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) stage.Store(acc[r], output + r * row_bytes + offset);
        offset += step;
      };
      const auto next = [&]() __attribute__((always_inline)) {
        return rows.template Next<Column>();
      };
      rows.Begin();
      std::int32_t left = inner;
      std::int32_t border = p.output_w - inner;
      Column a = p.pad_left > 0 ? pad : next();
      if constexpr (kStride == 1) {
        Column b = p.pad_left + p.input_w > 1 ? next() : pad;
        while (left > 0) {
          const Column c = next();
          pixel(a, b, c);
          if (--left == 0) {
            a = b;
            b = c;
            break;
          }
          a = next();
          pixel(b, c, a);
          if (--left == 0) {
            b = a;
            a = c;
            break;
          }
          b = next();
          pixel(c, a, b);
          --left;
        }
        for (; border > 0; --border) {
          pixel(a, b, pad);
          a = b;
          b = pad;
        }
      } else {
        while (left > 0) {
          Column b = next();
          const Column c = next();
          pixel(a, b, c);
          if (--left == 0) {
            a = c;
            break;
          }
          b = next();
          a = next();
          pixel(c, b, a);
          --left;
        }
        if (border > 0) {
          const bool one = 2 * inner - p.pad_left + 1 < p.input_w;
          pixel(a, one ? next() : pad, pad);
          while (--border > 0) pixel(pad, pad, pad);
        }
      }
      panels += kPanels * kPanelBytes;
      output += 4 * kVectors;
      rows.Move(4 * kVectors);
    }
  }

  const DepthwiseConv2DParams& p_;
  std::int32_t inner_;
  bool rows_fit_;
  std::int8_t padding_[kMostPanels * kPanelChannels];  // one pixel of a block
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_
