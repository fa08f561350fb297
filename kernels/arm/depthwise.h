// DepthwiseConv2D of one input channel for each output channel: eight channels at a time, whose
// inputs under the rows of the window are copied first, column by column, into the form that the
// instruction set multiplies. Each column then serves every column of the window that it falls
// under, and two output rows where the instruction set takes more rows than the window has: the
// second one takes the same columns with its weights moved down by one row.
//
// An instruction set gives, in its source file's unnamed namespace:
//
//   struct Dot {
//     static constexpr WeightLayout kLayout;  // of kernels.inc's line; nr is 8
//     static constexpr int kGroup;            // rows of a column
//     static constexpr std::ptrdiff_t kColumnBytes, kWeightBytes;
//     // Stores a column of eight channels: kGroup rows from each pointer.
//     static void StoreColumn(const std::int8_t* const (&rows)[kGroup], std::uint8_t* target);
//     // The weights of a group one row further down; `above` is the group before, or null.
//     static void MoveDown(const std::uint8_t* above, const std::uint8_t* weights,
//                          std::uint8_t* target);
//     Column LoadColumn(const std::uint8_t*); Weights LoadWeights(const std::uint8_t*);
//     // Adds the products of eight channels to their sums.
//     static void Add(int32x4_t (&sums)[2], Column, Weights);
//   };
#ifndef QUAVER_KERNELS_ARM_DEPTHWISE_H_
#define QUAVER_KERNELS_ARM_DEPTHWISE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/depthwise_plan.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

template <typename Dot>
class Depthwise {
 public:
  Depthwise(const DepthwiseConv2DParams& p, std::int32_t worker)
      : p_(p),
        plan_(PlanArmDepthwise(p, Dot::kGroup, Dot::kColumnBytes)),
        panel_bytes_(PanelBytes(Dot::kLayout, WeightShapeOf(p))),
        narrow_(p.stage),
        columns_(reinterpret_cast<std::uint8_t*>(p.scratch) +
                 static_cast<std::size_t>(worker) * plan_.scratch_bytes) {
    std::memset(pad_, p.pad_value, sizeof pad_);
  }

  void Run(std::int32_t begin, std::int32_t end) {
    for (std::int32_t row = begin; row < end;) {
      const bool two = plan_.row_pairs && row + 1 < end && row % p_.output_h + 1 < p_.output_h;
      const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
      for (std::int32_t channel = 0; channel < p_.output_c; channel += kPanelChannels) {
        if (two) {
          RunChannels<2>(row, channel, panel);
        } else {
          RunChannels<1>(row, channel, panel);
        }
        panel += panel_bytes_;
      }
      row += two ? 2 : 1;
    }
  }

 private:
  static constexpr int kGroup = Dot::kGroup;

  // What a tile needs to know of its channels.
  struct Channels {
    const std::uint8_t* panel;
    const std::uint8_t* weights[2];  // of each output row: [column][group]
    std::int32_t count;
    bool left_shift;
  };

  template <int kOutputs>
  void RunChannels(std::int32_t row, std::int32_t channel, const std::uint8_t* panel) {
    const std::int32_t left = p_.output_c - channel;
    Channels channels{};
    channels.panel = panel;
    channels.count = left < kPanelChannels ? left : kPanelChannels;
    channels.weights[0] = panel + kWeightsOffset;
    if constexpr (kOutputs == 2) channels.weights[1] = MoveDown(panel + kWeightsOffset);
    const std::uint8_t* shifts = panel + 2 * kHeaderBytes;
    channels.left_shift = AnyNotNegative(vmaxq_s32(LoadWords(shifts), LoadWords(shifts + 16)));
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c);
    const std::int32_t top = row % p_.output_h * p_.stride_h - p_.pad_top;
    for (std::int32_t g = 0; g < plan_.groups; ++g) {
      const std::int8_t* rows[kGroup];
      bool inside = true;
      for (std::int32_t r = 0; r < kGroup; ++r) {
        const std::int32_t ky = g * kGroup + r;
        const std::int32_t y = top + ky * p_.dilation_h;
        const bool in = ky < p_.kernel_h + kOutputs - 1 && y >= 0 && y < p_.input_h;
        rows[r] = in ? image + std::ptrdiff_t{y} * p_.input_w * p_.input_c + channel : nullptr;
        inside = inside && in;
      }
      FillColumns(rows, inside, channels.count, columns_ + g * plan_.row_bytes);
    }
    RunRow<kOutputs>(channels,
                     p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c + channel);
  }

  // The weights for the output row below: each tap one row further down in its column.
  const std::uint8_t* MoveDown(const std::uint8_t* source) {
    std::uint8_t* const weights = columns_ + plan_.columns_bytes;
    std::uint8_t* target = weights;
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      for (std::int32_t g = 0; g < plan_.groups; ++g) {
        Dot::MoveDown(g == 0 ? nullptr : source - Dot::kWeightBytes, source, target);
        source += Dot::kWeightBytes;
        target += Dot::kWeightBytes;
      }
    }
    return weights;
  }

  // One group's columns, with the padding left and right. A row that is null is padding.
  void FillColumns(const std::int8_t* (&rows)[kGroup], bool inside, std::int32_t channels,
                   std::uint8_t* target) {
    const std::int32_t before = p_.pad_left < plan_.columns ? p_.pad_left : plan_.columns;
    const std::int32_t room = plan_.columns - before;
    const std::int32_t count = room < p_.input_w ? room : p_.input_w;
    const std::int8_t* pads[kGroup];
    for (const std::int8_t*& pad : pads) pad = pad_;
    for (std::int32_t x = 0; x < before; ++x, target += Dot::kColumnBytes) {
      Dot::StoreColumn(pads, target);
    }
    if (channels < kPanelChannels) {
      FillPart(rows, channels, count, target);
    } else if (inside) {
      FillInside<true>(rows, count, target);
    } else {
      FillInside<false>(rows, count, target);
    }
    target += count * Dot::kColumnBytes;
    for (std::int32_t x = before + count; x < plan_.columns; ++x, target += Dot::kColumnBytes) {
      Dot::StoreColumn(pads, target);
    }
  }

  template <bool kInside>
  void FillInside(const std::int8_t* const (&rows)[kGroup], std::int32_t count,
                  std::uint8_t* target) const {
    const std::int8_t* at[kGroup];
    std::ptrdiff_t steps[kGroup];
    for (int r = 0; r < kGroup; ++r) {
      at[r] = rows[r] == nullptr ? pad_ : rows[r];
      steps[r] = rows[r] == nullptr ? 0 : p_.input_c;
    }
    std::ptrdiff_t offset = 0;
#pragma GCC unroll 2
    for (std::int32_t x = 0; x < count; ++x) {
      const std::int8_t* column[kGroup];
#pragma GCC unroll 4
      for (int r = 0; r < kGroup; ++r) column[r] = kInside ? at[r] + offset : at[r];
      Dot::StoreColumn(column, target);
      target += Dot::kColumnBytes;
      if constexpr (kInside) {
        offset += p_.input_c;
      } else {
#pragma GCC unroll 4
        for (int r = 0; r < kGroup; ++r) at[r] += steps[r];
      }
    }
  }

  // Fewer than eight channels: the eight bytes at the last pixel may end beyond the tensor.
  void FillPart(const std::int8_t* const (&rows)[kGroup], std::int32_t channels, std::int32_t count,
                std::uint8_t* target) const {
    for (std::int32_t x = 0; x < count; ++x, target += Dot::kColumnBytes) {
      std::int8_t copies[kGroup][kPanelChannels] = {};
      const std::int8_t* column[kGroup];
      for (int r = 0; r < kGroup; ++r) {
        column[r] = rows[r] == nullptr ? pad_ : copies[r];
        if (rows[r] == nullptr) continue;
        std::memcpy(copies[r], rows[r] + std::ptrdiff_t{x} * p_.input_c,
                    static_cast<std::size_t>(channels));
      }
      Dot::StoreColumn(column, target);
    }
  }

  template <int kOutputs>
  void RunRow(const Channels& channels, std::int8_t* output) {
    std::int32_t x = 0;
    for (; x + 4 <= p_.output_w; x += 4) RunTile<kOutputs, 4>(channels, x, output);
    for (; x + 2 <= p_.output_w; x += 2) RunTile<kOutputs, 2>(channels, x, output);
    if (x < p_.output_w) RunTile<kOutputs, 1>(channels, x, output);
  }

  template <int kOutputs, int kPixels>
  void RunTile(const Channels& channels, std::int32_t x, std::int8_t* output) {
    int32x4_t acc[kOutputs][kPixels][2];
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v) {
      const int32x4_t bias = LoadWords(channels.panel + 16 * v);
#pragma GCC unroll 2
      for (int o = 0; o < kOutputs; ++o) {
#pragma GCC unroll 4
        for (int i = 0; i < kPixels; ++i) acc[o][i][v] = bias;
      }
    }
    const std::ptrdiff_t pixel_step = p_.stride_w * Dot::kColumnBytes;
    const std::uint8_t* first = columns_ + x * pixel_step;
    std::ptrdiff_t weight = 0;
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      const std::uint8_t* column = first + kx * p_.dilation_w * Dot::kColumnBytes;
      for (std::int32_t g = 0; g < plan_.groups; ++g) {
        typename Dot::Weights w[kOutputs];
#pragma GCC unroll 2
        for (int o = 0; o < kOutputs; ++o) w[o] = Dot::LoadWeights(channels.weights[o] + weight);
        weight += Dot::kWeightBytes;
#pragma GCC unroll 4
        for (int i = 0; i < kPixels; ++i) {
          const typename Dot::Column inputs = Dot::LoadColumn(column + i * pixel_step);
#pragma GCC unroll 2
          for (int o = 0; o < kOutputs; ++o) Dot::Add(acc[o][i], inputs, w[o]);
        }
        column += plan_.row_bytes;
      }
    }
    GemmTile tile{};
    tile.panels = channels.panel;
    tile.output = output + std::ptrdiff_t{x} * p_.output_c;
    tile.output_stride = p_.output_c;
    tile.channels = channels.count;
    tile.left_shift = channels.left_shift;
#pragma GCC unroll 2
    for (int o = 0; o < kOutputs; ++o) {
      FinishTile(tile, narrow_, acc[o]);
      tile.output += std::ptrdiff_t{p_.output_w} * p_.output_c;
    }
  }

  const DepthwiseConv2DParams& p_;
  const ArmDepthwisePlan plan_;
  const std::size_t panel_bytes_;
  const Narrower narrow_;
  std::uint8_t* columns_;
  std::int8_t pad_[kPanelChannels];
};

template <typename Dot>
void RunDepthwiseRows(const DepthwiseConv2DParams& p, const Work& work) {
  Depthwise<Dot>(p, work.worker).Run(work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_H_
