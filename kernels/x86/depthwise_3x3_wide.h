// DepthwiseConv2D with a window of 3 x 3, as depthwise_3x3.h, in blocks of 4 * V::kLanes channels.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_3X3_WIDE_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_3X3_WIDE_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"
#include "kernels/x86/depthwise_columns.h"
#include "kernels/x86/depthwise_tile.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

template <typename D>
class Depthwise3x3Wide {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;
  static constexpr std::int32_t kChannels = 4 * V::kLanes;

  /// `padding` is kChannels bytes of it.
  Depthwise3x3Wide(const DepthwiseConv2DParams& p, const HalvingNarrower<V>& narrow,
                   const std::int8_t* padding, const std::uint8_t* panels,
                   std::ptrdiff_t panel_bytes)
      : p_(p), padding_(padding), tile_({panels, panel_bytes, kChannels, 0}, narrow) {}

  /// Output rows [begin, end) of one image, from the block's first channel on.
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
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.output_w} * p_.output_c;
    output += begin * row_bytes;
    std::int32_t y = begin;
    const bool pairs = p_.stride_h == 1 && p_.stride_w == 1;
    for (; pairs && y + 1 < end; y += 2, output += 2 * row_bytes) {
      RunRow<2, 1, kLeftShift>(y, input, output);
    }
    for (; y < end; ++y, output += row_bytes) {
      if (p_.stride_w == 1) {
        RunRow<1, 1, kLeftShift>(y, input, output);
      } else {
        RunRow<1, 2, kLeftShift>(y, input, output);
      }
    }
  }

  // kRows output rows, two pixels of each at a time. Inlined together, several of these loops would
  // share the registers.
  template <int kRows, int kStride, bool kLeftShift>
  [[gnu::noinline]] void RunRow(std::int32_t y, const std::int8_t* input,
                                std::int8_t* output) const {
    using Interleaver = WideInterleaver<D, kTaps3x3 - 1 + kRows>;
    constexpr int kKept = kTaps3x3 - kStride;  // columns that the next tile needs again
    constexpr int kColumns = kKept + 2 * kStride;
    const std::ptrdiff_t pixel_bytes = p_.output_c;
    const std::ptrdiff_t row_bytes = p_.output_w * pixel_bytes;
    Columns<Interleaver> next(p_, y, input, padding_);
    typename Interleaver::Column columns[kColumns];
    const auto column = [&columns](int pixel, int kx, int v, int g) {
      return columns[pixel * kStride + kx].v[v].group[g];
    };
#pragma GCC unroll 2
    for (int i = 0; i < kKept; ++i) columns[i] = next.Next();
    std::int32_t left = p_.output_w;
    for (; left >= 2; left -= 2) {
#pragma GCC unroll 4
      for (int i = kKept; i < kColumns; ++i) columns[i] = next.Next();
      tile_.template Run<kRows, 2, kLeftShift>(column, [&](int o, Vec bytes) {
        V::Store(output + o / 2 * row_bytes + o % 2 * pixel_bytes, bytes);
      });
#pragma GCC unroll 2
      for (int i = 0; i < kKept; ++i) columns[i] = columns[kColumns - kKept + i];
      output += 2 * pixel_bytes;
    }
    if (left > 0) {
#pragma GCC unroll 2
      for (int i = kKept; i < kTaps3x3; ++i) columns[i] = next.Next();
      tile_.template Run<kRows, 1, kLeftShift>(
          column, [&](int o, Vec bytes) { V::Store(output + o * row_bytes, bytes); });
    }
  }

  const DepthwiseConv2DParams& p_;
  const std::int8_t* padding_;
  const DepthwiseTile<D> tile_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_3X3_WIDE_H_
