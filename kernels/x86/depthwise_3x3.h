// DepthwiseConv2D with a window of 3 x 3: a block of V::kLanes channels slides over the image in
// registers, without scratch.
//
// A column holds four input rows at one x, interleaved channel by channel for Dot. With a stride
// of 1 it serves two output rows: the second takes the same column with its weights moved down by
// one row. It also serves each output pixel whose window it falls under, and stays in a register
// until they are done:
//
//   x            0  1  2  3            column 1 of channel c:  r0 r1 r2 r3
//   row 0   r0   .  .  .  .            times, output row 0:    w0 w1 w2  0
//   row 1   r1   .  .  .  .            times, output row 1:     0 w0 w1 w2
//   row 2   r2   .  .  .  .
//   row 3   r3   .  .  .  .            pixels 0 and 1 take columns 0 to 2 and 1 to 3
//
// Channels that do not fill the last block are computed together with some of the block before.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_3X3_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_3X3_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/params.h"
#include "kernels/x86/depthwise_3x3_flat.h"
#include "kernels/x86/depthwise_3x3_wide.h"
#include "kernels/x86/depthwise_columns.h"
#include "kernels/x86/depthwise_plan.h"
#include "kernels/x86/gemm_tile.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// Four input rows of one vector of channels; of three rows the fourth has no weights.
template <typename D, int kInputRows>
class NarrowInterleaver {
 public:
  static constexpr int kRows = kInputRows;
  static constexpr int kGroups = kRowsOfColumn / D::kGroup;
  struct Column {
    typename D::V::Vec v[kGroups];
  };

  static Column PadColumn(std::int32_t value) {
    Column column;
    for (auto& v : column.v) v = D::PadColumn(value);
    return column;
  }

  [[gnu::always_inline]] Column operator()(const std::int8_t* const (&rows)[kRows]) const {
    Column column;
#pragma GCC unroll 2
    for (int g = 0; g < kGroups; ++g) {
      const std::int8_t* at[D::kGroup];
#pragma GCC unroll 4
      for (int r = 0; r < D::kGroup; ++r) {
        const int row = g * D::kGroup + r;
        at[r] = rows[row < kRows ? row : kRows - 1];
      }
      column.v[g] = interleave_(at);
    }
    return column;
  }

 private:
  const typename D::Interleaver interleave_{};
};

template <typename D>
class Depthwise3x3 {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;

  explicit Depthwise3x3(const DepthwiseConv2DParams& p) : p_(p), narrow_(p.stage) {
    std::memset(padding_, p.pad_value, sizeof padding_);
  }

  void Run(std::int32_t begin, std::int32_t end) const {
    // Rows of the block's channels should stay in the first cache, as their cache lines serve the
    // next block too.
    const std::int64_t row_bytes = std::int64_t{p_.stride_h} * p_.input_w * kCacheLine;
    const std::int64_t fitting = kChunkBytes / row_bytes / 2 * 2;
    const auto chunk = static_cast<std::int32_t>(fitting < 2 ? 2 : fitting);
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t image = row / p_.output_h;
      const std::int32_t y = row % p_.output_h;
      const std::int32_t rows = Least(Least(end - row, p_.output_h - y), chunk);
      RunChunk(image, y, y + rows);
      row += rows;
    }
  }

 private:
  static constexpr int kGroups = kRowsOfColumn / D::kGroup;
  static constexpr int kVectors = 4;  // of a tile's output
  static constexpr std::int64_t kCacheLine = 64;
  static constexpr std::int64_t kChunkBytes = 16384;
  static constexpr std::int32_t kHeaderBytes = 3 * 4 * V::kLanes;
  static constexpr std::int32_t kPanelBytes = kHeaderBytes + kTaps3x3 * kGroups * D::kWeightBytes;
  static constexpr std::int32_t kPanelStride = EvenPart(kPanelBytes, 64) * 64;

  // What a tile needs to know of its channels.
  struct Lane {
    Requantizer<V> requantize;
    Vec bias, shift;
    Vec weights[2][kTaps3x3][kGroups];  // of the first and the second output row
  };

  // Output rows [begin, end) of one image.
  void RunChunk(std::int32_t image, std::int32_t begin, std::int32_t end) const {
    const std::int8_t* input =
        p_.input + std::ptrdiff_t{image} * p_.input_h * p_.input_w * p_.input_c;
    std::int8_t* output =
        p_.output + std::ptrdiff_t{image} * p_.output_h * p_.output_w * p_.output_c;
    const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
    if constexpr (V::kHasMasks) {
      if (RunFlat<8>(begin, end, input, output) || RunFlat<16>(begin, end, input, output) ||
          RunFlat<32>(begin, end, input, output)) {
        return;
      }
    }
    std::int32_t channel = 0;
    using Wide = Depthwise3x3Wide<D>;
    for (; channel + Wide::kChannels <= p_.output_c;
         channel += Wide::kChannels, panel += 4 * kPanelStride) {
      const Wide wide(p_, narrow_, padding_, panel, kPanelStride);
      wide.Run(begin, end, input + channel, output + channel);
    }
    for (; channel + V::kLanes <= p_.output_c; channel += V::kLanes, panel += kPanelStride) {
      RunBlock(begin, end, input + channel, output + channel, panel);
    }
    if (channel < p_.output_c) {
      std::uint8_t joined[kPanelBytes];
      JoinPanels(panel - kPanelStride, panel, p_.output_c - channel, joined);
      channel = p_.output_c - V::kLanes;
      RunBlock(begin, end, input + channel, output + channel, joined);
    }
  }

  template <int kChannels>
  bool RunFlat(std::int32_t begin, std::int32_t end, const std::int8_t* input,
               std::int8_t* output) const {
    if (!Depthwise3x3FlatFits(p_, kChannels)) return false;
    const Depthwise3x3Flat<D, kChannels> flat(
        p_, narrow_, padding_, reinterpret_cast<const std::uint8_t*>(p_.weights), kPanelStride);
    flat.Run(begin, end, input, output);
    return true;
  }

  // The last kLanes channels, of which `count` are in the second panel.
  static void JoinPanels(const std::uint8_t* first, const std::uint8_t* second, std::int32_t count,
                         std::uint8_t* target) {
    for (std::int32_t at = 0; at < kPanelBytes;) {
      const std::int32_t vector = at < kHeaderBytes ? 4 * V::kLanes : D::kWeightBytes;
      const std::int32_t bytes = vector / V::kLanes * count;
      std::memcpy(target + at, first + at + bytes, static_cast<std::size_t>(vector - bytes));
      std::memcpy(target + at + vector - bytes, second + at, static_cast<std::size_t>(bytes));
      at += vector;
    }
  }

  void RunBlock(std::int32_t begin, std::int32_t end, const std::int8_t* input, std::int8_t* output,
                const std::uint8_t* panel) const {
    const Vec shift = V::Load(panel + 2 * 4 * V::kLanes);
    Lane lane{Requantizer<V>(V::Load(panel + 4 * V::kLanes), shift), V::Load(panel), shift, {}};
    LoadWeights(panel + kHeaderBytes, lane.weights);
    if (NeedsLeftShift<V>(shift)) {
      RunRows<true>(begin, end, lane, input, output);
    } else {
      RunRows<false>(begin, end, lane, input, output);
    }
  }

  template <bool kLeftShift>
  void RunRows(std::int32_t begin, std::int32_t end, const Lane& lane, const std::int8_t* input,
               std::int8_t* output) const {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.output_w} * p_.output_c;
    output += begin * row_bytes;
    std::int32_t y = begin;
    const bool pairs = p_.stride_h == 1 && p_.stride_w == 1;
    for (; pairs && y + 1 < end; y += 2, output += 2 * row_bytes) {
      RunRow<2, 1, kLeftShift>(y, lane, input, output);
    }
    for (; y < end; ++y, output += row_bytes) {
      if (p_.stride_w == 1) {
        RunRow<1, 1, kLeftShift>(y, lane, input, output);
      } else {
        RunRow<1, 2, kLeftShift>(y, lane, input, output);
      }
    }
  }

  static void LoadWeights(const std::uint8_t* source, Vec (&weights)[2][kTaps3x3][kGroups]) {
    constexpr std::int32_t kBits = 32 / D::kGroup;  // of a row in a lane
    for (int kx = 0; kx < kTaps3x3; ++kx) {
      for (int g = 0; g < kGroups; ++g) {
        const Vec w = D::LoadWeights(source + (kx * kGroups + g) * D::kWeightBytes);
        weights[0][kx][g] = w;
        weights[1][kx][g] = V::ShiftLeft32(w, V::Set32(kBits));
        if (g > 0) {
          const Vec above = V::ShiftRightLogical32(weights[0][kx][g - 1], V::Set32(32 - kBits));
          weights[1][kx][g] = V::Or(weights[1][kx][g], above);
        }
      }
    }
  }

  // kRows output rows, kVectors / kRows pixels of each at a time. The sums of a tile and the
  // requantization of the one before are independent of each other, and hide each other's latency.
  template <int kRows, int kStride, bool kLeftShift>
  [[gnu::noinline]] void RunRow(std::int32_t y, const Lane& lane, const std::int8_t* input,
                                std::int8_t* output) const {
    using Interleaver = NarrowInterleaver<D, kTaps3x3 - 1 + kRows>;
    constexpr int kPixels = kVectors / kRows;
    constexpr int kKept = kTaps3x3 - kStride;  // columns that the next tile needs again
    constexpr int kColumns = kKept + kPixels * kStride;
    const std::ptrdiff_t pixel_bytes = p_.output_c;
    const std::ptrdiff_t row_bytes = p_.output_w * pixel_bytes;
    const HalvingNarrower<V> narrow = narrow_;
    const Requantizer<V> requantize = lane.requantize;
    Columns<Interleaver> next(p_, y, input, padding_);
    typename Interleaver::Column columns[kColumns];
#pragma GCC unroll 8
    for (int i = 0; i < kColumns; ++i) columns[i] = next.Next();
    Vec acc[kVectors];
    Sum<kPixels, kStride>(lane, columns, acc);
    const auto finish = [&](Vec(&sums)[kVectors]) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        if (kLeftShift) sums[i] = ShiftLeftSaturated<V>(sums[i], lane.shift);
        sums[i] = requantize.Doubled(sums[i]);
      }
      return narrow(sums[0], sums[1], sums[2], sums[3]);
    };
    std::int32_t left = p_.output_w;
    for (; left > kPixels; left -= kPixels) {
#pragma GCC unroll 2
      for (int i = 0; i < kKept; ++i) columns[i] = columns[kColumns - kKept + i];
#pragma GCC unroll 8
      for (int i = kKept; i < kColumns; ++i) columns[i] = next.Next();
      Vec sums[kVectors];
      Sum<kPixels, kStride>(lane, columns, sums);
      const Vec bytes = finish(acc);
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) {
        V::StoreQuarter(output + i / kPixels * row_bytes + i % kPixels * pixel_bytes, bytes, i);
      }
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) acc[i] = sums[i];
      output += kPixels * pixel_bytes;
    }
    const Vec bytes = finish(acc);
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) {
      if (i % kPixels < left) {
        V::StoreQuarter(output + i / kPixels * row_bytes + i % kPixels * pixel_bytes, bytes, i);
      }
    }
  }

  template <int kPixels, int kStride, typename Column, int kColumns>
  [[gnu::always_inline]] static void Sum(const Lane& lane, const Column (&columns)[kColumns],
                                         Vec (&acc)[kVectors]) {
#pragma GCC unroll 4
    for (int i = 0; i < kVectors; ++i) acc[i] = lane.bias;
#pragma GCC unroll 3
    for (int kx = 0; kx < kTaps3x3; ++kx) {
#pragma GCC unroll 2
      for (int g = 0; g < kGroups; ++g) {
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) {
          acc[i] = D::Dot(acc[i], columns[i % kPixels * kStride + kx].v[g],
                          lane.weights[i / kPixels][kx][g]);
        }
      }
    }
  }

  const DepthwiseConv2DParams& p_;
  const HalvingNarrower<V> narrow_;
  std::int8_t padding_[4 * V::kLanes];  // one pixel of a block
};

template <typename D>
void RunDepthwise3x3(const DepthwiseConv2DParams& p, const Work& work) {
  Depthwise3x3<D>(p).Run(work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_3X3_H_
