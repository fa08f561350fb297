// DepthwiseConv2D: channels across lanes, the taps of a column of the window through Dot.
//
// The inputs under D::kGroup rows (4 for VNNI, 2 for PMADDWD) are interleaved, channel by channel,
// once for a whole row of the image; each interleaved column then serves every column of the
// window that it falls under. Where the last group of a window has room for more rows it serves two
// or four output rows: those below the first take the same columns with their weights moved down.
// A window of 5 rows, a stride of 1, groups of 4:
//
//   column        group 0 r0 r1 r2 r3        group 1 r4 r5 r6 r7
//   output row 0          w0 w1 w2 w3                w4  0  0  0
//   output row 1           0 w0 w1 w2                w3 w4  0  0
//   output row 2           0  0 w0 w1                w2 w3 w4  0
//   output row 3           0  0  0 w0                w1 w2 w3 w4
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_H_

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/packing.h"
#include "kernels/params.h"
#include "kernels/x86/depthwise_plan.h"
#include "kernels/x86/depthwise_wide.h"
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
        multiplier_(p.output_c / p.input_c),
        narrow_(p.stage),
        input_end_(p.input + std::ptrdiff_t{p.batch} * p.input_h * p.input_w * p.input_c),
        columns_(reinterpret_cast<std::uint8_t*>(p.scratch) +
                 static_cast<std::size_t>(worker) * plan_.scratch_bytes),
        weights_(columns_ + plan_.columns_bytes) {
    std::memset(pad_, p.pad_value, sizeof pad_);
  }

  void Run(std::int32_t begin, std::int32_t end) {
    // As in depthwise_3x3.h, the rows of a block of channels should stay in the first cache; for
    // wide blocks, which use whole cache lines, in the second.
    const std::int64_t row_bytes = std::int64_t{p_.stride_h} * p_.input_w * kCacheLine;
    const std::int64_t fitting = (plan_.wide ? kWideChunkBytes : kChunkBytes) / row_bytes / 4 * 4;
    const auto chunk = static_cast<std::int32_t>(fitting < 4 ? 4 : fitting);
    for (std::int32_t row = begin; row < end;) {
      const std::int32_t y = row % p_.output_h;
      const std::int32_t rows = Least(Least(end - row, p_.output_h - y), chunk);
      RunChunk(row / p_.output_h, y, y + rows);
      row += rows;
    }
  }

 private:
  static constexpr std::int32_t kVectorBytes = 4 * V::kLanes;
  static constexpr std::int64_t kCacheLine = 64;
  static constexpr std::int64_t kChunkBytes = 1 << 14;
  static constexpr std::int64_t kWideChunkBytes = 1 << 17;
  // Inputs of one row that a vector is made of, at most.
  static constexpr std::int32_t kRowInputs = 16;
  // Vectors of each of kRows output rows computed at a time.
  template <int kRows>
  static constexpr int kTile = kRows <= 2 || V::kHasMasks ? 4 : 2;

  // What a tile needs to know of its channels.
  struct Lane {
    Requantizer<V> requantize;
    Vec bias, shift;
    bool left_shift;
    const std::uint8_t* weights[4];  // of each output row of a block: [column][group]
    std::int32_t channel;
    std::int32_t channels;
  };

  // Output rows [begin, end) of one image.
  void RunChunk(std::int32_t image, std::int32_t begin, std::int32_t end) {
    const std::int8_t* input =
        p_.input + std::ptrdiff_t{image} * p_.input_h * p_.input_w * p_.input_c;
    std::int8_t* output =
        p_.output + std::ptrdiff_t{image} * p_.output_h * p_.output_w * p_.output_c;
    if (plan_.wide) {
      // The last block overlaps the one before where it would be narrower.
      constexpr std::int32_t kChannels = DepthwiseWide<D>::kChannels;
      DepthwiseWide<D> wide(p_, plan_, columns_, weights_);
      for (std::int32_t channel = 0; channel < p_.output_c; channel += kChannels) {
        wide.Run(begin, end, Least(channel, p_.output_c - kChannels), input, output);
      }
      return;
    }
    const auto* panel = reinterpret_cast<const std::uint8_t*>(p_.weights);
    for (std::int32_t channel = 0; channel < p_.output_c; channel += V::kLanes) {
      RunChannels(begin, end, channel, panel, input, output);
      panel += plan_.panel_bytes;
    }
  }

  void RunChannels(std::int32_t begin, std::int32_t end, std::int32_t channel,
                   const std::uint8_t* panel, const std::int8_t* input, std::int8_t* output) {
    if (plan_.pixels > 1) panel = Repeat(panel);
    const Vec shift = V::Load(panel + 2 * kVectorBytes);
    Lane lane{Requantizer<V>(V::Load(panel + kVectorBytes), shift),
              V::Load(panel),
              shift,
              NeedsLeftShift<V>(shift),
              {panel + 3 * kVectorBytes},
              channel,
              Least(p_.output_c - channel, V::kLanes)};
    for (std::int32_t r = 1; r < plan_.block_rows; ++r) {
      lane.weights[r] = MoveDown(lane.weights[r - 1], r);
    }
    if (multiplier_ > 1) MapLanes(channel);
    for (std::int32_t y = begin; y < end;) {
      const std::int32_t rows = Least(end - y, plan_.block_rows);
      if (rows == 4) {
        RunRows<4>(lane, y, input, output);
        y += 4;
      } else if (rows >= 2) {
        RunRows<2>(lane, y, input, output);
        y += 2;
      } else {
        RunRows<1>(lane, y, input, output);
        ++y;
      }
    }
  }

  // Output rows y, y + 1, ... of the image.
  template <int kRows>
  void RunRows(const Lane& lane, std::int32_t y, const std::int8_t* image, std::int8_t* output) {
    const std::int32_t groups = plan_.groups;
    const std::int8_t* inputs[kMaxDepthwiseRows];
    const std::int32_t first_input = lane.channel / multiplier_;
    for (std::int32_t r = 0; r < groups * D::kGroup; ++r) {
      const std::int32_t iy = y * p_.stride_h - p_.pad_top + r * p_.dilation_h;
      const bool inside = r < p_.kernel_h + (kRows - 1) * p_.stride_h && iy >= 0 && iy < p_.input_h;
      inputs[r] =
          inside ? image + (std::ptrdiff_t{iy} * p_.input_w) * p_.input_c + first_input : nullptr;
    }
    for (std::int32_t g = 0; g < groups; ++g) {
      FillColumns(inputs + g * D::kGroup, columns_ + g * plan_.row_bytes, lane.channels);
    }
    output += std::ptrdiff_t{y} * p_.output_w * p_.output_c + lane.channel;
    if (groups == 1 && p_.kernel_w == 3) {
      RunRow<kRows, 3>(lane, output);
    } else {
      RunRow<kRows, 0>(lane, output);
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

  // The weights for row r of a block: those of the row above, each tap stride_h rows further down
  // in its column.
  const std::uint8_t* MoveDown(const std::uint8_t* above, std::int32_t r) {
    const std::int32_t bytes = p_.kernel_w * plan_.groups * D::kWeightBytes;
    std::uint8_t* target = weights_ + (r - 1) * bytes;
    std::memcpy(target, above, static_cast<std::size_t>(bytes));
    for (std::int32_t step = 0; step < p_.stride_h; ++step) {
      for (std::int32_t i = p_.kernel_w * plan_.groups - 1; i >= 0; --i) {
        std::uint8_t* group = target + i * D::kWeightBytes;
        D::MoveDown(i % plan_.groups == 0 ? nullptr : group - D::kWeightBytes, group, group);
      }
    }
    return target;
  }

  // With a channel multiplier: which of the inputs at a vector's first one each lane takes.
  void MapLanes(std::int32_t channel) {
    for (std::int32_t lane = 0; lane < V::kLanes; ++lane) {
      const std::int32_t input = plan_.pixels > 1
                                     ? lane / multiplier_
                                     : (channel + lane) / multiplier_ - channel / multiplier_;
      lane_inputs_[lane] = static_cast<std::int8_t>(input);
    }
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
    const std::ptrdiff_t step = std::ptrdiff_t{plan_.pixels} * p_.input_c;
    for (int r = 0; r < D::kGroup; ++r) {
      rows[r] = inputs[r] == nullptr ? pad_ : inputs[r];
      steps[r] = inputs[r] == nullptr ? 0 : step;
    }
    const std::int32_t vectors = plan_.pixels > 1 ? PartsOf(count, plan_.pixels) : count;
    std::uint8_t* middle = target + before * plan_.column_bytes;
    if (multiplier_ > 1) {
      InterleaveRowRepeated(rows, steps, vectors, middle);
    } else if (channels == V::kLanes) {
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

  // With a channel multiplier an input is that of several lanes.
  void InterleaveRowRepeated(const std::int8_t* (&rows)[D::kGroup],
                             const std::ptrdiff_t (&steps)[D::kGroup], std::int32_t vectors,
                             std::uint8_t* target) const {
    const typename D::Interleaver interleave{};
    const __m128i lane_inputs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lane_inputs_));
    for (std::int32_t i = 0; i < vectors; ++i) {
      std::int8_t copies[D::kGroup][kRowInputs] = {};
      const std::int8_t* lanes[D::kGroup];
      for (int r = 0; r < D::kGroup; ++r) {
        auto* copy = reinterpret_cast<__m128i*>(copies[r]);
        const std::int8_t* source = rows[r];
        const std::ptrdiff_t left = input_end_ - rows[r];
        if (steps[r] != 0 && left < kRowInputs) {
          std::memcpy(copies[r], rows[r], static_cast<std::size_t>(left));
          source = copies[r];
        }
        const __m128i inputs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
        _mm_storeu_si128(copy, _mm_shuffle_epi8(inputs, lane_inputs));
        lanes[r] = copies[r];
        rows[r] += steps[r];
      }
      V::Store(target + i * kVectorBytes, interleave(lanes));
    }
  }

  // All pixels of kRows output rows, `output` at the first channel.
  template <int kRows, int kTaps>
  [[gnu::noinline]] void RunRow(const Lane& lane, std::int8_t* output) {
    const std::int32_t pixels = plan_.pixels;
    const std::int32_t bytes =
        pixels > 1 ? Least(pixels, p_.output_w) * p_.output_c : lane.channels;
    // The last tile overlaps the one before, rather than being narrower.
    constexpr int kVectors = kTile<kRows>;
    std::int32_t x = 0;
    if (p_.output_w >= kVectors * pixels) {
      for (std::int32_t left = p_.output_w; left > kVectors / 2 * pixels;) {
        x = Least(x, p_.output_w - kVectors * pixels);
        RunTile<kRows, kVectors, kTaps>(lane, x, output, bytes);
        x += kVectors * pixels;
        left = p_.output_w - x;
      }
    }
    if (p_.output_w >= kVectors / 2 * pixels) {
      for (; x < p_.output_w; x += kVectors / 2 * pixels) {
        x = Least(x, p_.output_w - kVectors / 2 * pixels);
        RunTile<kRows, kVectors / 2, kTaps>(lane, x, output, bytes);
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
  [[gnu::noinline]] void RunTile(const Lane& lane, std::int32_t x, std::int8_t* output,
                                 std::int32_t bytes) {
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
    const HalvingNarrower<V>& narrow = narrow_;
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
      for (int i = 0; i < kVectors; ++i) q[i][0] = lane.requantize.Doubled(acc[r][i]);
      if (bytes == V::kLanes) {
        NarrowAndStore<V>(q, narrow, target, output_step);
      } else {
        std::int8_t buffer[kVectors * V::kLanes];
        NarrowAndStore<V>(q, narrow, buffer, V::kLanes);
        CopyParts(target, output_step, buffer, V::kLanes, kVectors, 0, bytes);
      }
      target += std::ptrdiff_t{p_.output_w} * p_.output_c;
    }
  }

  const DepthwiseConv2DParams& p_;
  const DepthwisePlan plan_;
  const std::int32_t multiplier_;
  const HalvingNarrower<V> narrow_;
  const std::int8_t* input_end_;
  std::uint8_t* columns_;
  std::uint8_t* weights_;
  std::int8_t lane_inputs_[kRowInputs] = {};
  std::int8_t pad_[kRowInputs];
};

template <typename D>
void RunDepthwiseConv2D(const DepthwiseConv2DParams& p, const Work& work) {
  Depthwise<D>(p, work.worker).Run(work.begin, work.end);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_H_
