// Depthwise windows of 3 x 3, four vectors of channels at a time.
//
// A block is as many bytes as a vector has, 4 * V::kLanes. Four input rows of them are interleaved
// by unpacking, which works within each 128 bits k of a vector:
//
//   row r, bits 128 k on:    bytes 16 k + (0 1 2 3   4 5 6 7   8 9 10 11   12 13 14 15)
//   vector v of the column:  bytes 16 k + 4 v + (0 1 2 3) of all rows, one byte of a row a lane
//
// Bias, multipliers and weights are brought into the same order once for a block; narrowing the
// four vectors of sums by packing is the reverse, and leaves the bytes in the output's order.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_TILE_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_TILE_H_

#include <cstddef>
#include <cstdint>

#include "kernels/x86/depthwise_columns.h"
#include "kernels/x86/dot.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// Four rows of one channel a lane, made unsigned (q + 128): all in one vector for VPDPBUSD, two
/// and two for PMADDWD.
template <typename D>
struct FourRows {
  typename D::V::Vec group[kRowsOfColumn / D::kGroup];
};

/// The fourth row of a column of three is any.
template <typename D, int kInputRows>
class WideInterleaver {
 public:
  using V = typename D::V;
  static constexpr int kRows = kInputRows;
  using Vec = typename V::Vec;
  struct Column {
    FourRows<D> v[4];

    Column() = default;
    Column(const Column& other) { *this = other; }
    // Vector by vector: a copy of the whole is slow where it does not fit the registers.
    // NOLINTNEXTLINE(bugprone-unhandled-self-assignment): copying a vector to itself is no harm.
    Column& operator=(const Column& other) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
#pragma GCC unroll 2
        for (int g = 0; g < kRowsOfColumn / D::kGroup; ++g) v[i].group[g] = other.v[i].group[g];
      }
      return *this;
    }
  };

  static Column PadColumn(std::int32_t value) {
    Column column;
    for (FourRows<D>& rows : column.v) {
      for (Vec& group : rows.group) group = D::UnsignedPadColumn(value);
    }
    return column;
  }

  [[gnu::always_inline]] Column operator()(const std::int8_t* const (&rows)[kRows]) const {
    return Interleave([&rows](int r) { return V::Load(rows[r]); });
  }

  /// The same of the vectors load(0), load(1), ...
  template <typename Load>
  [[gnu::always_inline]] Column Interleave(Load load) const {
    const auto row = [&](int r) { return V::Xor(load(r), sign_); };
    const typename V::Vec row0 = row(0);
    const typename V::Vec row1 = row(1);
    const typename V::Vec row2 = row(2);
    const typename V::Vec row3 = kRows == 4 ? row(kRows - 1) : row2;
    const typename V::Vec low01 = V::UnpackLow8(row0, row1);
    const typename V::Vec high01 = V::UnpackHigh8(row0, row1);
    const typename V::Vec low23 = V::UnpackLow8(row2, row3);
    const typename V::Vec high23 = V::UnpackHigh8(row2, row3);
    Column column;
    if constexpr (D::kGroup == 4) {
      column.v[0].group[0] = V::UnpackLow16(low01, low23);
      column.v[1].group[0] = V::UnpackHigh16(low01, low23);
      column.v[2].group[0] = V::UnpackLow16(high01, high23);
      column.v[3].group[0] = V::UnpackHigh16(high01, high23);
    } else {
      WidenInto(column, 0, low01, high01);
      WidenInto(column, 1, low23, high23);
    }
    return column;
  }

 private:
  // Zero-extends the bytes of two rows to 16 bits.
  [[gnu::always_inline]] static void WidenInto(Column& column, int group, Vec low, Vec high) {
    const Vec zero = V::Set32(0);
    column.v[0].group[group] = V::UnpackLow8(low, zero);
    column.v[1].group[group] = V::UnpackHigh8(low, zero);
    column.v[2].group[group] = V::UnpackLow8(high, zero);
    column.v[3].group[group] = V::UnpackHigh8(high, zero);
  }

  typename V::Vec sign_ = KeepInRegister(V::Set8(INT8_MIN));
};

/// Packed weights of a block's channels, a power of two, in panels of V::kLanes, behind `skip`
/// channels of the first panel, a multiple of 4. A block of more bytes than channels holds several
/// pixels.
struct DepthwisePanels {
  const std::uint8_t* first;
  std::ptrdiff_t panel_bytes;
  std::int32_t channels;
  std::int32_t skip;
};

/// Of the lanes of vector v, the bytes 16 k + 4 v + (0 1 2 3), k = 0, 1, ...: `bytes` a lane, at
/// `offset` into the panels.
template <typename V>
auto LanesOf(const DepthwisePanels& panels, int v, std::ptrdiff_t offset, int bytes) {
  return [=](int k) {
    const int channel = panels.skip + ((16 * k + 4 * v) & (panels.channels - 1));
    return panels.first + channel / V::kLanes * panels.panel_bytes + offset +
           channel % V::kLanes * bytes;
  };
}

/// Bias (row 0), multipliers or shifts of vector v.
template <typename D>
typename D::V::Vec StageVector(const DepthwisePanels& panels, int v, int row) {
  using V = typename D::V;
  return V::Join128(LanesOf<V>(panels, v, row * 4 * V::kLanes, 4));
}

/// A group of weights of vector v.
template <typename D>
typename D::V::Vec WeightVector(const DepthwisePanels& panels, int v, int group) {
  using V = typename D::V;
  return D::JoinWeights(LanesOf<V>(panels, v, 3 * 4 * V::kLanes + group * D::kWeightBytes,
                                   D::kWeightBytes / V::kLanes));
}

template <typename D>
class DepthwiseTile {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;

  DepthwiseTile(const DepthwisePanels& panels, const HalvingNarrower<V>& narrow)
      : narrow_(narrow),
        quarters_{Quarter(panels, 0), Quarter(panels, 1), Quarter(panels, 2), Quarter(panels, 3)} {}

  [[nodiscard]] bool NeedsLeftShift() const {
    bool needs = false;
    for (const Quarter& quarter : quarters_) needs |= kernels::NeedsLeftShift<V>(quarter.shift);
    return needs;
  }

  /// store(o, bytes) for the outputs o = row * kPixels + pixel, from the inputs column(pixel, kx,
  /// v, g): vector v of the column under a pixel's tap.
  template <int kRows, int kPixels, bool kLeftShift, typename ColumnOf, typename Store>
  [[gnu::always_inline]] void Run(ColumnOf column, Store store) const {
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
#pragma GCC unroll 2
            for (int g = 0; g < kGroups; ++g) {
              q[i][o] = D::Dot(q[i][o], column(o % kPixels, kx, v, g),
                               quarter.weights[o / kPixels][kx].group[g]);
              if constexpr (D::kGroup == 2) KeepInOrder(q[i][o]);
            }
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
#pragma GCC unroll 4
    for (int o = 0; o < kOutputs; ++o) store(o, narrow_.Pack8(halves[0][o], halves[1][o]));
  }

 private:
  static constexpr int kGroups = kRowsOfColumn / D::kGroup;
  static constexpr int kRowBits = 32 / D::kGroup;  // of a row in a lane

  // What a tile needs to know of vector v.
  struct Quarter {
    Quarter(const DepthwisePanels& panels, int v)
        : requantize(StageVector<D>(panels, v, 1), StageVector<D>(panels, v, 2)),
          bias(StageVector<D>(panels, v, 0)),
          shift(StageVector<D>(panels, v, 2)) {
      for (int kx = 0; kx < kTaps3x3; ++kx) {
        for (int g = 0; g < kGroups; ++g) {
          const Vec w = WeightVector<D>(panels, v, kx * kGroups + g);
          weights[0][kx].group[g] = w;
          weights[1][kx].group[g] = V::ShiftLeft32(w, V::Set32(kRowBits));
          if (g > 0) {
            const Vec above =
                V::ShiftRightLogical32(weights[0][kx].group[g - 1], V::Set32(32 - kRowBits));
            weights[1][kx].group[g] = V::Or(weights[1][kx].group[g], above);
          }
          bias = D::BiasOfUnsigned(bias, w);
        }
      }
    }

    Requantizer<V> requantize;
    Vec bias, shift;
    FourRows<D> weights[2][kTaps3x3];  // of the first and the second output row
  };

  const HalvingNarrower<V>& narrow_;
  const Quarter quarters_[4];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_TILE_H_
