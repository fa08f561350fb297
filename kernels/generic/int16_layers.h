// Layers on int16 activations over plain weights, written once for the instruction sets that
// multiply 16 bits. Sums of products are exact (docs/arithmetic.md, "int16 activations").
//
// An instruction set gives, in its source file's unnamed namespace:
//
//   struct D {
//     static constexpr std::int32_t kStep;    // inputs at a time
//     // Of these, what one lane of sums adds; 0: lanes have 64 bits, not 32.
//     static constexpr std::int32_t kLaneInputs;
//     static constexpr int kRows;             // rows of inputs at a time: 1 or 2
//     static Lanes Zero();                    // Lanes, Inputs, Weights: what registers hold
//     static Inputs Load(const std::int16_t* inputs);         // kStep of them
//     static Weights LoadWeights(const std::int8_t* weights);  // kStep of them
//     // Where the instruction set can: only `count` of them, and zeros behind these.
//     static Inputs Load(const std::int16_t* inputs, std::int32_t count);
//     static Weights LoadWeights(const std::int8_t* weights, std::int32_t count);
//     // Where it cannot, and kStep is above 1: zeros for all but the last `count`.
//     static Weights Last(Weights weights, std::int32_t count);
//     // Each lane plus the products of kLaneInputs inputs and their weights.
//     static Lanes Add(Lanes sums, Inputs inputs, Weights weights);
//     // Adds to each of four sums, of 64 bits, the lanes of one channel.
//     static void AddLanes(const Lanes (&lanes)[kInt16Channels], std::int64_t* sums);
//     // Stage(stage, c).Apply(sums, output): output[i] = ApplyOutputStage(stage, c + i, sums[i])
//     // for four channels; sums of int64, or of int32.
//     class Stage;
//     // sums[i] = sum over taps of inputs[tap][c + i] * weights[tap][c + i] for kTapChannels
//     // channels, 4 to 16 of them.
//     static constexpr std::int32_t kTapChannels;
//     // At most kMostInt16Taps, so that 32 bits hold the sums.
//     static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
//                      std::int32_t taps, std::int32_t c, std::int32_t* sums);
//   };
#ifndef QUAVER_KERNELS_GENERIC_INT16_LAYERS_H_
#define QUAVER_KERNELS_GENERIC_INT16_LAYERS_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/generic/gathered_windows.h"
#include "kernels/params.h"
#include "kernels/scalar/output_stage.h"
#include "kernels/scratch.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// Output channels that DotInt16 computes at a time.
inline constexpr std::int32_t kInt16Channels = 4;

/// Steps after which, and after one of what is left, a lane holds at most 510 products of at most
/// 2^22: below 2^31.
template <typename D>
constexpr std::int32_t Int16Steps() {
  if constexpr (D::kLaneInputs == 0) {
    return INT32_MAX;
  } else {
    return 510 / D::kLaneInputs - 1;
  }
}

template <typename D, typename = void>
struct LoadsPart : std::false_type {};
template <typename D>
struct LoadsPart<D, decltype(void(D::Load(nullptr, 0)))> : std::true_type {};

/// sums[row][i] = inputs[row] . weights[i] over `depth`, in 64 bits. Reads not one more.
template <typename D, int kRows>
void DotInt16(const std::int16_t* const* inputs, const std::int8_t* const* weights,
              std::int32_t depth, std::int64_t (*sums)[kInt16Channels]) {
  using Lanes = decltype(D::Zero());
  for (int r = 0; r < kRows; ++r) {
    for (std::int64_t& sum : sums[r]) sum = 0;
  }
  if (!LoadsPart<D>::value && depth < D::kStep) {
    for (int r = 0; r < kRows; ++r) {
      for (int c = 0; c < kInt16Channels; ++c) {
        for (std::int32_t k = 0; k < depth; ++k) sums[r][c] += inputs[r][k] * weights[c][k];
      }
    }
    return;
  }
  std::int32_t k = 0;
  std::int32_t steps = depth / D::kStep;
  do {
    Lanes lanes[kRows][kInt16Channels];
    for (int r = 0; r < kRows; ++r) {
      for (Lanes& lane : lanes[r]) lane = D::Zero();
    }
    const auto add = [&](const auto& load, const auto& load_weights) {
      decltype(D::Load(inputs[0])) x[kRows];
      for (int r = 0; r < kRows; ++r) x[r] = load(inputs[r]);
#pragma GCC unroll 4
      for (int c = 0; c < kInt16Channels; ++c) {
        const auto w = load_weights(weights[c]);
        for (int r = 0; r < kRows; ++r) lanes[r][c] = D::Add(lanes[r][c], x[r], w);
      }
    };
    const std::int32_t now = steps < Int16Steps<D>() ? steps : Int16Steps<D>();
    for (const std::int32_t end = k + now * D::kStep; k < end; k += D::kStep) {
      add([k](const std::int16_t* p) { return D::Load(p + k); },
          [k](const std::int8_t* p) { return D::LoadWeights(p + k); });
    }
    steps -= now;
    if (const std::int32_t left = depth - k; steps == 0 && left > 0) {
      if constexpr (LoadsPart<D>::value) {
        add([=](const std::int16_t* p) { return D::Load(p + k, left); },
            [=](const std::int8_t* p) { return D::LoadWeights(p + k, left); });
      } else if constexpr (D::kStep > 1) {
        const std::int32_t last = depth - D::kStep;  // overlaps what is done
        add([=](const std::int16_t* p) { return D::Load(p + last); },
            [=](const std::int8_t* p) { return D::Last(D::LoadWeights(p + last), left); });
      }
    }
    for (int r = 0; r < kRows; ++r) D::AddLanes(lanes[r], sums[r]);
  } while (steps > 0);
}

/// Output channels [begin, end) of kRows rows of inputs. `weights` and `outputs` from channel 0 on.
template <typename D, int kRows>
void MultiplyInt16(const std::int16_t* const* inputs, const std::int8_t* weights,
                   std::int32_t depth, std::int32_t begin, std::int32_t end,
                   const OutputStageInt16& stage, std::int16_t* const* outputs) {
  for (std::int32_t c = begin; c < end; c += kInt16Channels) {
    if (end - c < kInt16Channels && end - begin >= kInt16Channels) c = end - kInt16Channels;
    const std::int32_t count = end - c < kInt16Channels ? end - c : kInt16Channels;
    const std::int8_t* channels[kInt16Channels];
    for (std::int32_t i = 0; i < kInt16Channels; ++i) {
      // The last one again where there are fewer.
      channels[i] = weights + std::ptrdiff_t{c + (i < count ? i : count - 1)} * depth;
    }
    std::int64_t sums[kRows][kInt16Channels];
    DotInt16<D, kRows>(inputs, channels, depth, sums);
    if (count == kInt16Channels) {
      const typename D::Stage apply(stage, c);
      for (int row = 0; row < kRows; ++row) apply.Apply(sums[row], outputs[row] + c);
    } else {
      for (int row = 0; row < kRows; ++row) {
        for (std::int32_t i = 0; i < count; ++i) {
          outputs[row][c + i] = ApplyOutputStage(stage, c + i, sums[row][i]);
        }
      }
    }
  }
}

/// multiply(first, rows) for the first of D::kRows of `count` rows, then for each that is left,
/// with their number as an integral_constant.
template <typename D, typename Multiply>
void ForEachRowsOf(std::int32_t count, const Multiply& multiply) {
  std::int32_t row = 0;
  if constexpr (D::kRows > 1) {
    for (; row + D::kRows <= count; row += D::kRows) {
      multiply(row, std::integral_constant<int, D::kRows>());
    }
  }
  for (; row < count; ++row) multiply(row, std::integral_constant<int, 1>());
}

template <typename D>
void FullyConnectedInt16(const FullyConnectedInt16Params& p, const Work& work) {
  const auto multiply = [&](std::int32_t row, auto rows) {
    constexpr int kRows = decltype(rows)::value;
    const std::int16_t* inputs[kRows];
    std::int16_t* outputs[kRows];
    for (int i = 0; i < kRows; ++i) {
      inputs[i] = p.input + std::ptrdiff_t{row + i} * p.depth;
      outputs[i] = p.output + std::ptrdiff_t{row + i} * p.output_c;
    }
    MultiplyInt16<D, kRows>(inputs, p.weights, p.depth, work.begin, work.end, p.stage, outputs);
  };
  ForEachRowsOf<D>(p.rows, multiply);
}

template <typename D>
void Conv2DInt16(const Conv2DInt16Params& p, const Work& work) {
  // Gathered as the bytes that they are.
  const Conv2DParams bytes = BytesOf(p);
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  const std::int32_t group_outputs = p.output_c / p.groups;
  const auto slot_bytes = static_cast<std::ptrdiff_t>(Int16WindowBytes(p));
  std::int8_t* slots = p.scratch + D::kRows * slot_bytes * work.worker;
  for (std::int32_t group = 0; group < p.groups; ++group) {
    const GatheredWindows<MemoryBytes> windows(bytes, group);
    const std::int32_t first = group * group_outputs;
    for (std::int32_t row = work.begin; row < work.end; ++row) {
      std::int16_t* output = p.output + std::ptrdiff_t{row} * p.output_w * p.output_c;
      Pixel pixel = windows.First(row);
      const auto multiply = [&](std::int32_t /*x*/, auto pixels) {
        constexpr int kPixels = decltype(pixels)::value;
        const std::int16_t* inputs[kPixels];
        std::int16_t* outputs[kPixels];
        for (int i = 0; i < kPixels; ++i) {
          const std::int8_t* slot = windows.Inputs(pixel, slots + i * slot_bytes);
          inputs[i] = reinterpret_cast<const std::int16_t*>(slot);
          outputs[i] = output;
          output += p.output_c;
          ++pixel.x;
        }
        MultiplyInt16<D, kPixels>(inputs, p.weights, depth, first, first + group_outputs, p.stage,
                                  outputs);
      };
      ForEachRowsOf<D>(p.output_w, multiply);
    }
  }
}

/// The taps of a window that are inside the image, from channel 0 on.
struct Int16Taps {
  const std::int16_t* inputs[kMostInt16Taps];
  const std::int8_t* weights[kMostInt16Taps];
  std::int32_t count = 0;

  Int16Taps(const DepthwiseConv2DInt16Params& p, const std::int16_t* image, std::int32_t top,
            std::int32_t left) {
    for (std::int32_t ky = 0; ky < p.kernel_h; ++ky) {
      const std::int32_t y = top + ky * p.dilation_h;
      if (y < 0 || y >= p.input_h) continue;
      for (std::int32_t kx = 0; kx < p.kernel_w; ++kx) {
        const std::int32_t x = left + kx * p.dilation_w;
        if (x < 0 || x >= p.input_w) continue;
        inputs[count] = image + (std::ptrdiff_t{y} * p.input_w + x) * p.input_c;
        weights[count] = p.weights + (std::ptrdiff_t{ky} * p.kernel_w + kx) * p.output_c;
        ++count;
      }
    }
  }
};

template <typename D>
void DepthwiseConv2DInt16(const DepthwiseConv2DInt16Params& p, const Work& work) {
  const std::ptrdiff_t image = std::ptrdiff_t{p.input_h} * p.input_w * p.input_c;
  std::int16_t* output = p.output + std::ptrdiff_t{work.begin} * p.output_w * p.output_c;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::int32_t top = row % p.output_h * p.stride_h - p.pad_top;
    for (std::int32_t ox = 0; ox < p.output_w; ++ox, output += p.output_c) {
      const Int16Taps taps(p, p.input + row / p.output_h * image, top,
                           ox * p.stride_w - p.pad_left);
      for (std::int32_t c = 0; c < p.output_c; c += D::kTapChannels) {
        std::int32_t sums[D::kTapChannels];
        // The last full vector again; the channels before c come out as they were.
        if (p.output_c - c < D::kTapChannels) c = p.output_c - D::kTapChannels;
        D::Taps(taps.inputs, taps.weights, taps.count, c, sums);
        for (std::int32_t i = 0; i < D::kTapChannels; i += kInt16Channels) {
          typename D::Stage(p.stage, c + i).Apply(sums + i, output + c + i);
        }
      }
    }
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_INT16_LAYERS_H_
