// DepthwiseConv2D with any window, as depthwise.h, in blocks of 4 * V::kLanes channels.
//
// A row of interleaved columns, and the weights of a block for each output row, are kept in scratch
// in the order of depthwise_tile.h: vector v of group g of column x is number (x * groups + g) * 4
// + v, the weights that row r multiplies it with, in column kx of the window, number
// ((v * kernel_w + kx) * groups + g) * block_rows + r.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_WIDE_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_WIDE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/params.h"
#include "kernels/x86/depthwise_plan.h"
#include "kernels/x86/depthwise_tile.h"
#include "kernels/x86/gemm_tile.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

template <typename D>
class DepthwiseWide {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;
  static constexpr std::int32_t kChannels = 4 * V::kLanes;

  /// `columns` and `weights` are scratch. Precondition: plan.wide.
  DepthwiseWide(const DepthwiseConv2DParams& p, const DepthwisePlan& plan, std::uint8_t* columns,
                std::uint8_t* weights)
      : p_(p), plan_(plan), narrow_(p.stage), columns_(columns), weights_(weights) {
    std::memset(padding_, p.pad_value, sizeof padding_);
  }

  /// Output rows [begin, end) of one image, channels [channel, channel + kChannels). Precondition:
  /// 4 divides `channel`.
  void Run(std::int32_t begin, std::int32_t end, std::int32_t channel, const std::int8_t* input,
           std::int8_t* output) {
    const Block block(PanelsFrom(channel), weights_, p_, plan_);
    // Windows of 5 x 5 without dilation.
    constexpr int kCount = 5 * ((5 + D::kGroup - 1) / D::kGroup);
    if (D::kGroup == 4 && p_.kernel_w == 5 && p_.kernel_w * plan_.groups == kCount &&
        p_.dilation_w == 1) {
      RunRows<kCount>(begin, end, block, input + channel, output + channel);
    } else {
      RunRows<0>(begin, end, block, input + channel, output + channel);
    }
  }

 private:
  static constexpr std::int32_t kVectorBytes = 4 * V::kLanes;
  static constexpr int kQuadGroups = kRowsOfColumn / D::kGroup;
  /// Pixels of a tile of two rows: what the registers hold.
  static constexpr int kMostPixels = V::kHasMasks ? 4 : 2;

  /// What a tile needs to know of its channels, by vector; makes their weights.
  struct Block {
    Block(const DepthwisePanels& panels, std::uint8_t* weights, const DepthwiseConv2DParams& p,
          const DepthwisePlan& plan)
        : quarters{Quarter(panels, 0), Quarter(panels, 1), Quarter(panels, 2), Quarter(panels, 3)} {
      const std::int32_t count = p.kernel_w * plan.groups;
      for (int v = 0; v < 4; ++v) {
        Quarter& quarter = quarters[v];
        left_shift |= NeedsLeftShift<V>(quarter.shift);
        Vec above = V::Set32(0);
        for (std::int32_t i = 0, g = 0; i < count; ++i) {
          const Vec w = WeightVector<D>(panels, v, i);
          quarter.bias = D::BiasOfUnsigned(quarter.bias, w);
          for (std::int32_t r = 0; r < plan.block_rows; ++r) {
            V::Store(weights, MoveDown(above, w, r * p.stride_h));
            weights += kVectorBytes;
          }
          const bool last = ++g == plan.groups;
          above = last ? V::Set32(0) : w;
          if (last) g = 0;
        }
      }
    }

    /// `rows` rows further down: fewer than a group has.
    static Vec MoveDown(Vec above, Vec w, std::int32_t rows) {
      const std::int32_t bits = rows * (32 / D::kGroup);
      // A shift by 32 gives 0.
      return V::Or(V::ShiftLeft32(w, V::Set32(bits)),
                   V::ShiftRightLogical32(above, V::Set32(32 - bits)));
    }

    struct Quarter {
      Quarter(const DepthwisePanels& panels, int v)
          : requantize(StageVector<D>(panels, v, 1), StageVector<D>(panels, v, 2)),
            bias(StageVector<D>(panels, v, 0)),
            shift(StageVector<D>(panels, v, 2)) {}

      Requantizer<V> requantize;
      Vec bias, shift;
    };
    Quarter quarters[4];
    bool left_shift = false;
  };

  [[nodiscard]] DepthwisePanels PanelsFrom(std::int32_t channel) const {
    const auto* panels = reinterpret_cast<const std::uint8_t*>(p_.weights);
    return {panels + channel / V::kLanes * plan_.panel_bytes, plan_.panel_bytes, kChannels,
            channel % V::kLanes};
  }

  template <int kCount>
  void RunRows(std::int32_t begin, std::int32_t end, const Block& block, const std::int8_t* input,
               std::int8_t* output) {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.output_w} * p_.output_c;
    for (std::int32_t y = begin; y < end;) {
      const std::int32_t rows = Least(end - y, plan_.block_rows);
      const std::int32_t input_rows = p_.kernel_h + (rows - 1) * p_.stride_h;
      for (std::int32_t g = 0; g < plan_.groups; g += kQuadGroups) {
        FillColumns(y * p_.stride_h - p_.pad_top, input_rows, g, input);
      }
      for (std::int32_t r = 0; r < rows;) {
        std::int8_t* row = output + (y + r) * row_bytes;
        if (r + 2 <= rows) {
          RunRow<2, kCount>(block, r, row);
          r += 2;
        } else {
          RunRow<1, kCount>(block, r, row);
          ++r;
        }
      }
      y += rows;
    }
  }

  /// Four rows of all columns with the padding left and right: groups g, ... . `top`: the window's
  /// first row, which has `rows` rows below it.
  void FillColumns(std::int32_t top, std::int32_t rows, std::int32_t g, const std::int8_t* input) {
    const std::int8_t* at[kRowsOfColumn];
    std::ptrdiff_t steps[kRowsOfColumn];
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.input_w} * p_.input_c;
#pragma GCC unroll 4
    for (std::int32_t i = 0; i < kRowsOfColumn; ++i) {
      const std::int32_t row = g * D::kGroup + i;
      const std::int32_t y = top + row * p_.dilation_h;
      const bool inside = row < rows && y >= 0 && y < p_.input_h;
      at[i] = inside ? input + y * row_bytes : padding_;
      steps[i] = inside ? p_.input_c : 0;
    }
    const std::int32_t before = Least(p_.pad_left, plan_.columns);
    const std::int32_t inside = Least(plan_.columns - before, p_.input_w);
    const std::ptrdiff_t column_bytes = ColumnBytes();
    const bool all_groups = g + kQuadGroups <= plan_.groups;
    std::uint8_t* target = columns_ + g * (4 * kVectorBytes);
    const Interleaver interleave{};
    const typename Interleaver::Column pad = Interleaver::PadColumn(p_.pad_value);
    for (std::int32_t x = 0; x < before; ++x, target += column_bytes) {
      StoreColumn(pad, all_groups, target);
    }
    for (std::int32_t x = 0; x < inside; ++x, target += column_bytes) {
      StoreColumn(interleave(at), all_groups, target);
#pragma GCC unroll 4
      for (int i = 0; i < kRowsOfColumn; ++i) at[i] += steps[i];
    }
    for (std::int32_t x = before + inside; x < plan_.columns; ++x, target += column_bytes) {
      StoreColumn(pad, all_groups, target);
    }
  }

  using Interleaver = WideInterleaver<D, kRowsOfColumn>;

  [[gnu::always_inline]] static void StoreColumn(const typename Interleaver::Column& column,
                                                 bool all_groups, std::uint8_t* target) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) V::Store(target + i * kVectorBytes, column.v[i].group[0]);
    if constexpr (kQuadGroups > 1) {
      if (!all_groups) return;
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        V::Store(target + (4 + i) * kVectorBytes, column.v[i].group[kQuadGroups - 1]);
      }
    }
  }

  [[nodiscard]] std::ptrdiff_t ColumnBytes() const {
    return std::ptrdiff_t{4 * kVectorBytes} * plan_.groups;
  }

  /// All pixels of kRows output rows, from row r of the block on, in tiles of nearly the same size.
  template <int kRows, int kCount>
  void RunRow(const Block& block, std::int32_t r, std::int8_t* output) const {
    const std::int32_t tiles = PartsOf(p_.output_w, kMostPixels);
    std::int32_t x = 0;
    for (std::int32_t left = tiles; left > 0; --left) {
      const std::int32_t pixels = EvenPart(p_.output_w - x, left);
      RunPixels<kRows, kMostPixels, kCount>(block, r, x, pixels, output);
      x += pixels;
    }
  }

  template <int kRows, int kPixels, int kCount>
  void RunPixels(const Block& block, std::int32_t r, std::int32_t x, std::int32_t pixels,
                 std::int8_t* output) const {
    if constexpr (kPixels > 1) {
      if (pixels < kPixels) {
        return RunPixels<kRows, kPixels - 1, kCount>(block, r, x, pixels, output);
      }
    }
    RunTile<kRows, kPixels, kCount>(block, r, x, output);
  }

  /// kCount: the groups of all taps, or 0 for any.
  template <int kRows, int kPixels, int kCount>
  [[gnu::noinline]] void RunTile(const Block& block, std::int32_t r, std::int32_t x,
                                 std::int8_t* output) const {
    constexpr int kOutputs = kRows * kPixels;
    const std::uint8_t* column = columns_ + x * p_.stride_w * ColumnBytes();
    const std::uint8_t* weights = weights_ + r * kVectorBytes;
    const std::ptrdiff_t vector_weights =
        std::ptrdiff_t{p_.kernel_w} * plan_.groups * plan_.block_rows * kVectorBytes;
    Vec halves[2][kOutputs];
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      Vec q[2][kOutputs];
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        const int v = 2 * half + i;
        const typename Block::Quarter& quarter = block.quarters[v];
        Sum<kRows, kPixels, kCount>(column + v * kVectorBytes, weights + v * vector_weights,
                                    quarter.bias, q[i]);
        if (block.left_shift) {
          Vec all[kOutputs];
#pragma GCC unroll 8
          for (int o = 0; o < kOutputs; ++o) all[o] = q[i][o];
          ShiftAllLeft<V>(all, kOutputs, quarter.shift);
#pragma GCC unroll 8
          for (int o = 0; o < kOutputs; ++o) q[i][o] = all[o];
        }
#pragma GCC unroll 8
        for (int o = 0; o < kOutputs; ++o) q[i][o] = quarter.requantize.Doubled(q[i][o]);
      }
#pragma GCC unroll 8
      for (int o = 0; o < kOutputs; ++o) halves[half][o] = narrow_.Pack16(q[0][o], q[1][o]);
    }
#pragma GCC unroll 8
    for (int o = 0; o < kOutputs; ++o) {
      const std::ptrdiff_t pixel = std::ptrdiff_t{o / kPixels} * p_.output_w + x + o % kPixels;
      V::Store(output + pixel * p_.output_c, narrow_.Pack8(halves[0][o], halves[1][o]));
    }
  }

  /// The sums of one vector of channels.
  template <int kRows, int kPixels, int kCount>
  [[gnu::always_inline]] void Sum(const std::uint8_t* column, const std::uint8_t* weights, Vec bias,
                                  Vec (&sums)[kRows * kPixels]) const {
    const std::ptrdiff_t pixel_step = p_.stride_w * ColumnBytes();
    const std::ptrdiff_t weight_step = std::ptrdiff_t{plan_.block_rows} * kVectorBytes;
    const auto add = [&] {
      Vec w[kRows];
#pragma GCC unroll 2
      for (int r = 0; r < kRows; ++r) w[r] = V::Load(weights + r * kVectorBytes);
#pragma GCC unroll 4
      for (int pixel = 0; pixel < kPixels; ++pixel) {
        const Vec input = V::Load(column + pixel * pixel_step);
#pragma GCC unroll 2
        for (int r = 0; r < kRows; ++r) {
          Vec& sum = sums[r * kPixels + pixel];
          sum = D::Dot(sum, input, w[r]);
        }
      }
      column += 4 * kVectorBytes;
      weights += weight_step;
    };
#pragma GCC unroll 8
    for (int o = 0; o < kRows * kPixels; ++o) sums[o] = bias;
    if constexpr (kCount > 0) {
#pragma GCC unroll 16
      for (int i = 0; i < kCount; ++i) add();
    } else {
      // One loop, so that the sums stay in their registers.
      const std::ptrdiff_t skipped = (p_.dilation_w - 1) * ColumnBytes();
      std::int32_t g = 0;
      for (std::int32_t i = p_.kernel_w * plan_.groups; i > 0; --i) {
        add();
        ++g;
        column += g == plan_.groups ? skipped : 0;
        if (g == plan_.groups) g = 0;
      }
    }
  }

  const DepthwiseConv2DParams& p_;
  const DepthwisePlan& plan_;
  const HalvingNarrower<V> narrow_;
  std::uint8_t* columns_;
  std::uint8_t* weights_;
  std::int8_t padding_[kChannels];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_WIDE_H_
