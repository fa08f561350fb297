// DepthwiseConv2D: channels across lanes, the taps of a column of the window through Dot.
//
// The inputs under D::kGroup rows (4 for VNNI, 2 for PMADDWD) are interleaved, channel by channel,
// once for a whole row of the image; each interleaved column then serves every column of the
// window that it falls under and, with a vertical stride of 1, two output rows: the second one
// takes the same columns with its weights moved down by one row.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/packing.h"
#include "kernels/params.h"
#include "kernels/x86/depthwise_plan.h"
#include "kernels/x86/gemm_tile.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

template <typename D>
class Depthwise {
 public:
  using V = typename D::V;
  using Vec = typename V::Vec;

  Depthwise(const DepthwiseConv2DParams& p, std::int32_t worker)
      : p_(p),
        plan_(PlanDepthwise(p, V::kLanes, D::kGroup)),
        narrow_(p.stage),
        input_end_(p.input + std::ptrdiff_t{p.batch} * p.input_h * p.input_w * p.input_c),
        columns_(reinterpret_cast<std::uint8_t*>(p.scratch) +
                 static_cast<std::size_t>(worker) * plan_.scratch_bytes),
        weights_(columns_ + plan_.columns_bytes) {
    std::memset(pad_, p.pad_value, sizeof pad_);
  }

  void Run(std::int32_t begin, std::int32_t end) {
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t y = row % p_.output_h;
      const bool two = plan_.row_pairs && row + 1 < end && y + 1 < p_.output_h;
      const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
      for (std::int32_t channel = 0; channel < p_.output_c; channel += V::kLanes) {
        if (two) {
          RunChannels<2>(row, channel, panel);
        } else {
          RunChannels<1>(row, channel, panel);
        }
        panel += plan_.panel_bytes;
      }
      row += two ? 2 : 1;
    }
  }

 private:
  static constexpr std::int32_t kVectorBytes = 4 * V::kLanes;
  static constexpr int kTile = 4;  // vectors of an output row computed at a time

  // What a tile needs to know of its channels.
  struct Lane {
    Requantizer<V> requantize;
    Vec bias, shift;
    bool left_shift;
    const std::uint8_t* weights[2];  // of each output row: [column][group]
  };

  template <int kRows>
  void RunChannels(std::int32_t row, std::int32_t channel, const std::uint8_t* panel) {
    const std::int32_t y = row % p_.output_h;
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c);
    const std::int32_t left = p_.output_c - channel;
    const std::int32_t channels = left < V::kLanes ? left : V::kLanes;
    const std::int32_t groups = plan_.groups;
    const std::int8_t* inputs[kMaxDepthwiseRows];
    for (std::int32_t r = 0; r < groups * D::kGroup; ++r) {
      const std::int32_t iy = y * p_.stride_h - p_.pad_top + r * p_.dilation_h;
      const bool inside = r < p_.kernel_h + kRows - 1 && iy >= 0 && iy < p_.input_h;
      inputs[r] =
          inside ? image + (std::ptrdiff_t{iy} * p_.input_w) * p_.input_c + channel : nullptr;
    }
    for (std::int32_t g = 0; g < groups; ++g) {
      FillColumns(inputs + g * D::kGroup, columns_ + g * plan_.row_bytes, channels);
    }
    if (plan_.pixels > 1) panel = Repeat(panel);
    const Vec shift = V::Load(panel + 2 * kVectorBytes);
    const std::uint8_t* weights = panel + 3 * kVectorBytes;
    const Lane lane{Requantizer<V>(V::Load(panel + kVectorBytes), shift),
                    V::Load(panel),
                    shift,
                    NeedsLeftShift<V>(shift),
                    {weights, kRows == 2 ? MoveDown(weights) : nullptr}};
    std::int8_t* output = p_.output + std::ptrdiff_t{row} * p_.output_w * p_.output_c + channel;
    if (groups == 1 && p_.kernel_w == 3) {
      RunRow<kRows, 3>(lane, output, channels);
    } else {
      RunRow<kRows, 0>(lane, output, channels);
    }
  }

  // The panel with its channels repeated over all lanes, when a vector holds several pixels.
  const std::uint8_t* Repeat(const std::uint8_t* panel) {
    std::uint8_t* target = weights_ + plan_.weights_bytes;
    RepeatLanes(panel, 3, 4, target);
    RepeatLanes(panel + 3 * kVectorBytes, plan_.groups * p_.kernel_w, D::kWeightBytes / V::kLanes,
                target + 3 * kVectorBytes);
    return target;
  }

  void RepeatLanes(const std::uint8_t* source, std::int32_t vectors, std::int32_t lane_bytes,
                   std::uint8_t* target) const {
    const std::int32_t bytes = p_.output_c * lane_bytes;
    for (std::int32_t v = 0; v < vectors; ++v) {
      for (std::int32_t i = 0; i < plan_.pixels; ++i) {
        std::memcpy(target + i * bytes, source, static_cast<std::size_t>(bytes));
      }
      source += V::kLanes * lane_bytes;
      target += V::kLanes * lane_bytes;
    }
  }

  // The weights for the output row below: each tap one row further down in its column.
  const std::uint8_t* MoveDown(const std::uint8_t* source) {
    const std::int32_t column_bytes = plan_.groups * D::kWeightBytes;
    for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
      std::uint8_t* target = weights_ + kx * column_bytes;
      const std::uint8_t* column = source + kx * column_bytes;
      D::MoveDown(nullptr, column, target);
      for (std::int32_t g = 1; g < plan_.groups; ++g) {
        column += D::kWeightBytes;
        target += D::kWeightBytes;
        D::MoveDown(column - D::kWeightBytes, column, target);
      }
    }
    return weights_;
  }

  // One row of interleaved columns, with the padding left and right.
  void FillColumns(const std::int8_t* const* inputs, std::uint8_t* target, std::int32_t channels) {
    const Vec pad = D::PadColumn(p_.pad_value);
    const std::int32_t before = p_.pad_left < plan_.columns ? p_.pad_left : plan_.columns;
    const std::int32_t inside = plan_.columns - before;
    const std::int32_t count = inside < p_.input_w ? inside : p_.input_w;
    for (std::int32_t x = 0; x < before; ++x) V::Store(target + x * plan_.column_bytes, pad);
    const std::int8_t* rows[D::kGroup];
    std::ptrdiff_t steps[D::kGroup];
    const std::ptrdiff_t step = plan_.pixels > 1 ? V::kLanes : p_.input_c;
    for (int r = 0; r < D::kGroup; ++r) {
      rows[r] = inputs[r] == nullptr ? pad_ : inputs[r];
      steps[r] = inputs[r] == nullptr ? 0 : step;
    }
    const std::int32_t vectors = plan_.pixels > 1 ? PartsOf(count, plan_.pixels) : count;
    std::uint8_t* middle = target + before * plan_.column_bytes;
    if (channels == V::kLanes) {
      InterleaveRow(rows, steps, vectors, middle);
    } else {
      InterleaveRowChecked(rows, steps, vectors, middle);
    }
    for (std::int32_t x = before + count; x < plan_.columns; ++x) {
      V::Store(target + x * plan_.column_bytes, pad);
    }
  }

  static void InterleaveRow(const std::int8_t* const (&rows)[D::kGroup],
                            const std::ptrdiff_t (&steps)[D::kGroup], std::int32_t vectors,
                            std::uint8_t* target) {
    // Copies, which can stay in registers.
    const std::int8_t* at[D::kGroup];
    std::ptrdiff_t step[D::kGroup];
#pragma GCC unroll 4
    for (int r = 0; r < D::kGroup; ++r) {
      at[r] = rows[r];
      step[r] = steps[r];
    }
    const typename D::Interleaver interleave{};
    for (std::int32_t i = 0; i < vectors; ++i) {
      V::Store(target + i * kVectorBytes, interleave(at));
#pragma GCC unroll 4
      for (int r = 0; r < D::kGroup; ++r) at[r] += step[r];
    }
  }

  // The last vector of a row would read beyond the row, perhaps beyond the tensor.
  void InterleaveRowChecked(const std::int8_t* (&rows)[D::kGroup],
                            const std::ptrdiff_t (&steps)[D::kGroup], std::int32_t vectors,
                            std::uint8_t* target) const {
    const typename D::Interleaver interleave{};
    for (std::int32_t i = 0; i < vectors; ++i) {
      std::int8_t copies[D::kGroup][V::kLanes] = {};
      const std::int8_t* safe[D::kGroup];
      for (int r = 0; r < D::kGroup; ++r) {
        safe[r] = rows[r];
        const std::ptrdiff_t left = input_end_ - rows[r];
        if (steps[r] != 0 && left < V::kLanes) {
          std::memcpy(copies[r], rows[r], static_cast<std::size_t>(left));
          safe[r] = copies[r];
        }
        rows[r] += steps[r];
      }
      V::Store(target + i * kVectorBytes, interleave(safe));
    }
  }

  // All pixels of kRows output rows, `output` at the first channel.
  template <int kRows, int kTaps>
  void RunRow(const Lane& lane, std::int8_t* output, std::int32_t channels) {
    const std::int32_t pixels = plan_.pixels;
    const std::int32_t bytes = pixels > 1 ? Least(pixels, p_.output_w) * p_.output_c : channels;
    const std::int32_t tile_pixels = kTile * pixels;
    std::int32_t x = 0;
    if (p_.output_w >= tile_pixels) {
      // The last tile overlaps the one before, rather than being narrower.
      for (; x < p_.output_w; x += tile_pixels) {
        x = Least(x, p_.output_w - tile_pixels);
        RunTile<kRows, kTile, kTaps>(lane, x, output, bytes);
      }
      return;
    }
    for (; x < p_.output_w; x += pixels) {
      if (x + pixels > p_.output_w && p_.output_w > pixels) x = p_.output_w - pixels;
      RunTile<kRows, 1, kTaps>(lane, x, output, bytes);
    }
  }

  // kTaps: the width of a window of one group of rows, or 0 for any window.
  template <int kRows, int kVectors, int kTaps>
  void RunTile(const Lane& lane, std::int32_t x, std::int8_t* output, std::int32_t bytes) {
    Vec acc[kRows][kVectors];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) acc[r][i] = lane.bias;
    }
    const std::ptrdiff_t step = plan_.vector_step;
    const std::uint8_t* weights[kRows];
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) weights[r] = lane.weights[r];
    const std::uint8_t* first = columns_ + static_cast<std::ptrdiff_t>(x) * plan_.pixel_step;
    const std::int32_t taps = kTaps > 0 ? kTaps : p_.kernel_w;
    const std::int32_t groups = kTaps > 0 ? 1 : plan_.groups;
    for (std::int32_t kx = 0; kx < taps; ++kx) {
      for (std::int32_t g = 0; g < groups; ++g) {
        const std::uint8_t* column = first + g * plan_.row_bytes;
        Vec w[kRows];
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
          w[r] = D::LoadWeights(weights[r]);
          weights[r] += D::kWeightBytes;
        }
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) {
          const Vec input = V::Load(column + i * step);
#pragma GCC unroll 4
          for (int r = 0; r < kRows; ++r) acc[r][i] = D::Dot(acc[r][i], input, w[r]);
        }
      }
      first += plan_.tap_step;
    }
    const std::ptrdiff_t output_step = plan_.pixels > 1 ? V::kLanes : p_.output_c;
    std::int8_t* target = output + std::ptrdiff_t{x} * p_.output_c;
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      if (lane.left_shift) {
        Vec all[kVectors];
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) all[i] = acc[r][i];
        ShiftAllLeft<V>(all, kVectors, lane.shift);
#pragma GCC unroll 4
        for (int i = 0; i < kVectors; ++i) acc[r][i] = all[i];
      }
      Vec q[kVectors][1];
#pragma GCC unroll 4
      for (int i = 0; i < kVectors; ++i) q[i][0] = lane.requantize.Plain(acc[r][i]);
      if (bytes == V::kLanes) {
        NarrowAndStore<V>(q, narrow_, target, output_step);
      } else {
        std::int8_t buffer[kVectors * V::kLanes];
        NarrowAndStore<V>(q, narrow_, buffer, V::kLanes);
        CopyParts(target, output_step, buffer, V::kLanes, kVectors, 0, bytes);
      }
      target += std::ptrdiff_t{p_.output_w} * p_.output_c;
    }
  }

  const DepthwiseConv2DParams& p_;
  const DepthwisePlan plan_;
  const Narrower<V> narrow_;
  const std::int8_t* input_end_;
  std::uint8_t* columns_;
  std::uint8_t* weights_;
  std::int8_t pad_[V::kLanes];
};

template <typename D>
void RunDepthwiseConv2D(const DepthwiseConv2DParams& p, const Work& work) {
  Depthwise<D>(p, work.worker).Run(work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_H_
