// DepthwiseConv2D with a window of 3 x 3, as depthwise_3x3.h, four vectors of channels at a time.
//
// A block is 4 * V::kLanes channels: as many bytes as a vector has. Four input rows of them are
// interleaved by unpacking, which works within each 128 bits k of a vector:
//
//   row r, bits 128 k on:    channels 16 k + (0 1 2 3   4 5 6 7   8 9 10 11   12 13 14 15)
//   vector v of the column:  channels 16 k + 4 v + (0 1 2 3) of all rows, one channel a lane
//
// Bias, multipliers and weights are brought into the same order once for a block; narrowing the
// four vectors of sums by packing is the reverse, and leaves the channels in the output's order.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_3X3_WIDE_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_3X3_WIDE_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"
#include "kernels/x86/depthwise_columns.h"
#include "kernels/x86/dot.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// D: VPDPBUSD. The fourth row of a column of three is any.
template <typename D, int kInputRows>
class WideInterleaver {
 public:
  using V = typename D::V;
  static constexpr int kRows = kInputRows;
  struct Column {
    typename V::Vec v[4];
  };

  static Column PadColumn(std::int32_t value) {
    const typename V::Vec pad = D::PadColumn(value);
    return {{pad, pad, pad, pad}};
  }

  [[gnu::always_inline]] Column operator()(const std::int8_t* const (&rows)[kRows]) const {
    const auto row = [&](int r) { return V::Xor(V::Load(rows[r]), sign_); };
    const typename V::Vec row2 = row(2);
    const typename V::Vec row3 = kRows == 4 ? row(kRows - 1) : row2;
    const typename V::Vec low01 = V::UnpackLow8(row(0), row(1));
    const typename V::Vec high01 = V::UnpackHigh8(row(0), row(1));
    const typename V::Vec low23 = V::UnpackLow8(row2, row3);
    const typename V::Vec high23 = V::UnpackHigh8(row2, row3);
    return {{V::UnpackLow16(low01, low23), V::UnpackHigh16(low01, low23),
             V::UnpackLow16(high01, high23), V::UnpackHigh16(high01, high23)}};
  }

 private:
  typename V::Vec sign_ = KeepInRegister(V::Set8(INT8_MIN));
};

template <typename D>
class Depthwise3x3Wide {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;
  static constexpr std::int32_t kChannels = 4 * V::kLanes;

  /// `panels` of a block's channels, `panel_bytes` each; `padding` is kChannels bytes of it.
  Depthwise3x3Wide(const DepthwiseConv2DParams& p, const HalvingNarrower<V>& narrow,
                   const std::int8_t* padding, const std::uint8_t* panels,
                   std::ptrdiff_t panel_bytes)
      : p_(p),
        narrow_(narrow),
        padding_(padding),
        quarters_{Quarter(panels, panel_bytes, 0), Quarter(panels, panel_bytes, 1),
                  Quarter(panels, panel_bytes, 2), Quarter(panels, panel_bytes, 3)} {}

  /// Output rows [begin, end) of one image, from the block's first channel on.
  void Run(std::int32_t begin, std::int32_t end, const std::int8_t* input,
           std::int8_t* output) const {
    bool left_shift = false;
    for (const Quarter& quarter : quarters_) left_shift |= NeedsLeftShift<V>(quarter.shift);
    if (left_shift) {
      RunRows<true>(begin, end, input, output);
    } else {
      RunRows<false>(begin, end, input, output);
    }
  }

 private:
  // What a tile needs to know of the channels of vector v.
  struct Quarter {
    Quarter(const std::uint8_t* panels, std::ptrdiff_t panel_bytes, int v)
        : requantize(Lanes(panels, panel_bytes, v, 1), Lanes(panels, panel_bytes, v, 2)),
          bias(Lanes(panels, panel_bytes, v, 0)),
          shift(Lanes(panels, panel_bytes, v, 2)) {
      for (int kx = 0; kx < kTaps3x3; ++kx) {
        weights[0][kx] = Lanes(panels, panel_bytes, v, 3 + kx);
        weights[1][kx] = V::ShiftLeft32(weights[0][kx], V::Set32(8));
      }
    }

    // The channels 16 k + 4 v + (0 1 2 3), k = 0, 1, ..., of vector `row` of their panels.
    static Vec Lanes(const std::uint8_t* panels, std::ptrdiff_t panel_bytes, int v, int row) {
      return V::Join128([=](int k) {
        const int channel = 16 * k + 4 * v;
        return panels + channel / V::kLanes * panel_bytes +
               4 * (row * V::kLanes + channel % V::kLanes);
      });
    }

    Requantizer<V> requantize;
    Vec bias, shift;
    Vec weights[2][kTaps3x3];  // of the first and the second output row
  };

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
    Columns<Interleaver> next(p_, y, input, padding_);
    typename Interleaver::Column columns[kColumns];
#pragma GCC unroll 2
    for (int i = 0; i < kKept; ++i) columns[i] = next.Next();
    std::int32_t left = p_.output_w;
    for (; left >= 2; left -= 2) {
#pragma GCC unroll 4
      for (int i = kKept; i < kColumns; ++i) columns[i] = next.Next();
      RunTile<kRows, 2, kStride, kLeftShift>(columns, output);
#pragma GCC unroll 2
      for (int i = 0; i < kKept; ++i) columns[i] = columns[kColumns - kKept + i];
      output += 2 * pixel_bytes;
    }
    if (left > 0) {
#pragma GCC unroll 2
      for (int i = kKept; i < kTaps3x3; ++i) columns[i] = next.Next();
      RunTile<kRows, 1, kStride, kLeftShift>(columns, output);
    }
  }

  template <int kRows, int kPixels, int kStride, bool kLeftShift, typename Column, int kColumns>
  [[gnu::always_inline]] void RunTile(const Column (&columns)[kColumns],
                                      std::int8_t* output) const {
    constexpr int kOutputs = kRows * kPixels;
    Vec halves[2][kOutputs];
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      Vec q[2][kOutputs];
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        const int v = 2 * half + i;
        const Quarter& quarter = quarters_[v];
#pragma GCC unroll 4
        for (int o = 0; o < kOutputs; ++o) q[i][o] = quarter.bias;
#pragma GCC unroll 3
        for (int kx = 0; kx < kTaps3x3; ++kx) {
#pragma GCC unroll 4
          for (int o = 0; o < kOutputs; ++o) {
            q[i][o] = D::Dot(q[i][o], columns[o % kPixels * kStride + kx].v[v],
                             quarter.weights[o / kPixels][kx]);
          }
        }
#pragma GCC unroll 4
        for (int o = 0; o < kOutputs; ++o) {
          if (kLeftShift) q[i][o] = ShiftLeftSaturated<V>(q[i][o], quarter.shift);
          q[i][o] = quarter.requantize.Doubled(q[i][o]);
        }
      }
#pragma GCC unroll 4
      for (int o = 0; o < kOutputs; ++o) halves[half][o] = narrow_.Pack16(q[0][o], q[1][o]);
    }
    const std::ptrdiff_t pixel_bytes = p_.output_c;
    const std::ptrdiff_t row_bytes = p_.output_w * pixel_bytes;
#pragma GCC unroll 4
    for (int o = 0; o < kOutputs; ++o) {
      V::Store(output + o / kPixels * row_bytes + o % kPixels * pixel_bytes,
               narrow_.Pack8(halves[0][o], halves[1][o]));
    }
  }

  const DepthwiseConv2DParams& p_;
  const HalvingNarrower<V>& narrow_;
  const std::int8_t* padding_;
  const Quarter quarters_[4];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_3X3_WIDE_H_
