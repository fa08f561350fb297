// DepthwiseConv2D with a window of 3 x 3 and few channels, as depthwise_3x3.h: with a stride of 1 a
// row is a run of bytes in which the neighbour of each byte is a constant number of bytes away, so
// a block of 64 bytes holds several pixels.
//
// The column to the left of a block's pixels is the end of the block before and its own beginning,
// and that to the right likewise. Blocks are interleaved as depthwise_tile.h says: there a step of
// 16 bytes is one of 128 bits within each vector, and a step of 8 bytes one of two vectors.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_3X3_FLAT_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_3X3_FLAT_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"
#include "kernels/x86/depthwise_columns.h"
#include "kernels/x86/depthwise_tile.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// The blocks of a row of the image from the first on, padding behind the last.
template <typename D, int kRows>
class FlatBlocks {
 public:
  using V = typename D::V;
  using Interleaver = WideInterleaver<D, kRows>;
  using Column = typename Interleaver::Column;
  static constexpr std::int32_t kBytes = 4 * V::kLanes;

  /// `padding` is kBytes bytes of it.
  [[gnu::always_inline]] FlatBlocks(const DepthwiseConv2DParams& p, std::int32_t y,
                                    const std::int8_t* input, const std::int8_t* padding)
      : left_(p.input_w * p.input_c),
        pad_(V::Set8(static_cast<std::int8_t>(p.pad_value))),
        pad_column_(Interleaver::PadColumn(p.pad_value)) {
    const std::ptrdiff_t row_bytes = left_;
#pragma GCC unroll 4
    for (std::int32_t r = 0; r < kRows; ++r) {
      const std::int32_t row = y - p.pad_top + r;
      const bool inside = row >= 0 && row < p.input_h;
      rows_[r] = inside ? input + row * row_bytes : padding;
      steps_[r] = inside ? kBytes : 0;
    }
  }

  [[nodiscard]] const Column& pad() const { return pad_column_; }

  [[gnu::always_inline]] Column Next() {
    if (left_ <= 0) return pad_column_;
    const std::int32_t left = left_;
    left_ -= kBytes;
    if (left < kBytes) {
      return interleave_.Interleave([&](int r) { return V::LoadFirst(rows_[r], left, pad_); });
    }
    const Column column = interleave_(rows_);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) rows_[r] += steps_[r];
    return column;
  }

 private:
  std::int32_t left_;  // bytes
  const typename V::Vec pad_;
  const Column pad_column_;
  const Interleaver interleave_{};
  const std::int8_t* rows_[kRows];
  std::ptrdiff_t steps_[kRows];
};

/// D: VPDPBUSD in 512 bits. kChannels: 8, 16 or 32. Precondition: Depthwise3x3FlatFits.
template <typename D, int kChannels>
class Depthwise3x3Flat {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;
  static constexpr std::int32_t kBytes = 4 * V::kLanes;

  Depthwise3x3Flat(const DepthwiseConv2DParams& p, const HalvingNarrower<V>& narrow,
                   const std::int8_t* padding, const std::uint8_t* panels,
                   std::ptrdiff_t panel_bytes)
      : p_(p), padding_(padding), tile_({panels, panel_bytes, kChannels, 0}, narrow) {}

  /// Output rows [begin, end) of one image.
  void Run(std::int32_t begin, std::int32_t end, const std::int8_t* input,
           std::int8_t* output) const {
    if (tile_.NeedsLeftShift()) {
      RunRows<true>(begin, end, input, output);
    } else {
      RunRows<false>(begin, end, input, output);
    }
  }

 private:
  template <bool kLeftShift>
  void RunRows(std::int32_t begin, std::int32_t end, const std::int8_t* input,
               std::int8_t* output) const {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.output_w} * kChannels;
    std::int32_t y = begin;
    for (; y + 1 < end; y += 2) RunRow<2, kLeftShift>(y, input, output + y * row_bytes);
    if (y < end) RunRow<1, kLeftShift>(y, input, output + y * row_bytes);
  }

  // kRows output rows, two blocks of each at a time.
  template <int kRows, bool kLeftShift>
  [[gnu::noinline]] void RunRow(std::int32_t y, const std::int8_t* input,
                                std::int8_t* output) const {
    using Blocks = FlatBlocks<D, kTaps3x3 - 1 + kRows>;
    Blocks next(p_, y, input, padding_);
    typename Blocks::Column blocks[4];
    blocks[0] = next.pad();
    blocks[1] = next.Next();
    const auto column = [&blocks](int block, int kx, int v, int /*g*/) {
      return Tap(blocks[block].v, blocks[block + 1].v, blocks[block + 2].v, kx, v);
    };
    const std::int32_t row_bytes = p_.output_w * kChannels;
    std::int32_t left = row_bytes;
    for (; left >= 2 * kBytes; left -= 2 * kBytes) {
      blocks[2] = next.Next();
      blocks[3] = next.Next();
      tile_.template Run<kRows, 2, kLeftShift>(column, [&](int o, Vec bytes) {
        V::Store(output + o / 2 * row_bytes + o % 2 * kBytes, bytes);
      });
      blocks[0] = blocks[2];
      blocks[1] = blocks[3];
      output += 2 * kBytes;
    }
    for (; left > 0; left -= kBytes) {
      blocks[2] = next.Next();
      tile_.template Run<kRows, 1, kLeftShift>(column, [&](int o, Vec bytes) {
        if (left >= kBytes) {
          V::Store(output + o * row_bytes, bytes);
        } else {
          V::StoreFirst(output + o * row_bytes, bytes, left);
        }
      });
      blocks[0] = blocks[1];
      blocks[1] = blocks[2];
      output += kBytes;
    }
  }

  // Vector v of the column of tap kx: kChannels bytes to the left of the block, the block itself,
  // or as many to the right.
  using Rows = FourRows<D>;
  [[gnu::always_inline]] static Vec Tap(const Rows (&before)[4], const Rows (&block)[4],
                                        const Rows (&after)[4], int kx, int v) {
    constexpr int kStep = kChannels / 16;  // in 128 bits
    if (kx == 1) return block[v].group[0];
    if constexpr (kChannels == 8) {
      if (kx == 0) return v < 2 ? Align<3>(before[v + 2], block[v + 2]) : block[v - 2].group[0];
      return v < 2 ? block[v + 2].group[0] : Align<1>(block[v - 2], after[v - 2]);
    } else {
      return kx == 0 ? Align<4 - kStep>(before[v], block[v]) : Align<kStep>(block[v], after[v]);
    }
  }

  template <int kBlocks>
  [[gnu::always_inline]] static Vec Align(const Rows& low, const Rows& high) {
    return V::template Align128<kBlocks>(low.group[0], high.group[0]);
  }

  const DepthwiseConv2DParams& p_;
  const std::int8_t* padding_;
  const DepthwiseTile<D> tile_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_3X3_FLAT_H_
