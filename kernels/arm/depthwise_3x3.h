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
//     // Whether there are these, for StageKind::kShortRelu: RunPair for strides of 1, RunWide
//     of 2. static constexpr bool kHasRows; static void RunPair(const PairOfRows&); static void
//     RunWide(const WideRow&);
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

  /// Row r of the first pixel, and from one pixel to the next.
  [[nodiscard]] const std::int8_t* first(int r) const { return first_[r]; }
  [[nodiscard]] std::ptrdiff_t step(int r) const { return steps_[r]; }

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

/// Two output rows of the channels of one panel.
struct PairOfRows {
  const RowsOfWindow<kTaps3x3 + 1>& rows;
  const std::uint8_t* panel;
  std::int8_t* output;  // of the upper row
  std::ptrdiff_t row_bytes, pixel_bytes;
  std::int32_t inner;                // pixels whose last column is in the image; at least one
  std::int32_t pad_left, pad_right;  // columns, at most one
  std::int8_t pad_value;
};

/// One output row of the channels of two panels, where windows move by two pixels.
struct WideRow {
  const RowsOfWindow<kTaps3x3>& rows;
  const std::uint8_t* panels;
  std::int8_t* output;
  std::ptrdiff_t pixel_bytes;
  std::int32_t inner;                // as above
  std::int32_t pad_left, pad_right;  // as above
  std::int32_t one_more;  // whether the middle column of the last pixel is in the image if its last
                          // one is not
  std::int8_t pad_value;
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
    const Blocks first = BlocksFrom(0);
    const bool is_all = first.count * Width() == p_.output_c;
    const std::int32_t chunk = ChunkRows();
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t image = row / p_.output_h;
      const std::int32_t y = row % p_.output_h;
      const std::int32_t left = Lesser(p_.output_h - y, end - row);
      const std::int32_t rows = is_all ? left : Lesser(left, chunk);
      const Image at{p_.input + image * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c),
                     p_.output + std::ptrdiff_t{image} * p_.output_h * p_.output_w * p_.output_c};
      if (is_all) {
        RunBlocks(first, at, y, y + rows);
      } else {
        RunChunk(at, y, y + rows);
      }
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

  [[nodiscard]] Kind KindOf(const std::uint8_t* panels) const {
    return {KindOfStage(p_.stage, panels, kPanelBytes, Panels()),
            Dot::AllowsFast(panels, kPanelBytes, Panels())};
  }

  // How many rows at a time where not all blocks are of one kind: rows of the block's channels
  // should stay in the first cache, as their cache lines serve the next blocks too.
  [[nodiscard]] std::int32_t ChunkRows() const {
    const std::int64_t row_bytes = std::int64_t{p_.stride_h} * p_.input_w * kCacheLine;
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
    Blocks blocks{panels, channel, 1, KindOf(panels)};
    for (channel += 2 * width; channel <= p_.output_c; channel += width) {
      panels += Panels() * kPanelBytes;
      if (!(KindOf(panels) == blocks.kind)) break;
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
    RunBlocks({first, channel, 1, KindOf(first)}, image, begin, end);
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

  // Tiles of two rows where the stride allows it, of one where it does not or one is left.
  template <int kVectors, int kStride>
  void RunStride(const Blocks& blocks, const Image& at, std::int32_t begin,
                 std::int32_t end) const {
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
    // Others than those of the instruction set take the form that needs less of the layer.
    constexpr bool kHasRows = Dot::kHasRows && kRows == 3 - kStride;
    if constexpr (kHasRows) {
      if (stage == StageKind::kShortRelu && inner_ > 0 && p_.output_w - inner_ <= 1) {
        return kStride == 1 ? RunPairs(blocks, at, y, tiles) : RunWideRows(blocks, at, y, tiles);
      }
    }
    if (stage == StageKind::kAny || !blocks.kind.fast) {
      RunRows<StageKind::kAny, false, kVectors, kRows, kStride>(blocks, at, y, tiles);
    } else if (stage == StageKind::kRight) {
      RunRows<StageKind::kRight, true, kVectors, kRows, kStride>(blocks, at, y, tiles);
    } else if (kHasRows || stage == StageKind::kRelu) {
      RunRows<StageKind::kRelu, true, kVectors, kRows, kStride>(blocks, at, y, tiles);
    } else {
      RunRows<StageKind::kShortRelu, true, kVectors, kRows, kStride>(blocks, at, y, tiles);
    }
  }

  // `tiles` times two output rows, by Dot::RunPair.
  [[gnu::noinline]] void RunPairs(const Blocks& blocks, const Image& at, std::int32_t y,
                                  std::int32_t tiles) const {
    const std::ptrdiff_t step = p_.output_c;
    const std::ptrdiff_t row_bytes = p_.output_w * step;
    for (; tiles > 0; --tiles, y += 2) {
      RowsOfWindow<kTaps3x3 + 1> rows(at.input, p_.input_w * step, step, p_.input_h, y - p_.pad_top,
                                      padding_);
      PairOfRows pair{rows,
                      blocks.panels,
                      at.output + y * row_bytes,
                      row_bytes,
                      step,
                      inner_,
                      p_.pad_left,
                      p_.output_w - inner_,
                      static_cast<std::int8_t>(p_.pad_value)};
      for (std::int32_t count = blocks.count; count > 0; --count) {
        Dot::RunPair(pair);
        rows.Move(kPanelChannels);
        pair.panel += kPanelBytes;
        pair.output += kPanelChannels;
      }
    }
  }

  // `count` output rows, by Dot::RunWide.
  [[gnu::noinline]] void RunWideRows(const Blocks& blocks, const Image& at, std::int32_t y,
                                     std::int32_t count) const {
    const std::ptrdiff_t step = p_.output_c;
    for (; count > 0; --count, ++y) {
      RowsOfWindow<kTaps3x3> rows(at.input, p_.input_w * step, step, p_.input_h,
                                  y * p_.stride_h - p_.pad_top, padding_);
      WideRow wide{rows,
                   blocks.panels,
                   at.output + y * (p_.output_w * step),
                   step,
                   inner_,
                   p_.pad_left,
                   p_.output_w - inner_,
                   2 * inner_ - p_.pad_left + 1 < p_.input_w ? 1 : 0,
                   static_cast<std::int8_t>(p_.pad_value)};
      for (std::int32_t i = blocks.count; i > 0; --i) {
        Dot::RunWide(wide);
        rows.Move(2 * kPanelChannels);
        wide.panels += 2 * kPanelBytes;
        wide.output += 2 * kPanelChannels;
      }
    }
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
  std::int8_t padding_[kMostPanels * kPanelChannels];  // one pixel of a block
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_3X3_H_
