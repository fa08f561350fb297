// Conv2D and FullyConnected: dot products of a pixel's window with each channel's weights, as they
// lie in the file. A window that is one run of input is read in place, others are gathered.
#include <cstddef>

#include "kernels/generic/gathered_windows.h"
#include "kernels/inventory.h"
#include "kernels/mve/copy.h"
#include "kernels/mve/dot.h"
#include "kernels/mve/held_dot.h"
#include "kernels/mve/requantize.h"

namespace quaver::kernels {
namespace {

/// Output pixels' channels [begin, end) from the pixels' inputs. `weights` are those of channel
/// `begin`; outputs[0] is that of channel 0.
struct Layer {
  const OutputStage& stage;
  const OutputRow& row;
  const std::int8_t* weights;
  std::int32_t depth, begin, end;

  void RunOne(const std::int8_t* x, std::int8_t* output) const {
    std::int32_t sums[kDotBlock];
    const std::int8_t* w = weights;
    for (std::int32_t first = begin; first < end; first += kDotBlock) {
      const std::int32_t count = end - first < kDotBlock ? end - first : kDotBlock;
      const std::int32_t* bias = stage.bias + first;
      std::int32_t c = 0;
      for (; c + 4 <= count; c += 4, w += 4 * depth) Dot1x4(x, w, depth, bias + c, sums + c);
      for (; c < count; ++c, w += depth) Dot1x1(x, w, depth, bias + c, sums + c);
      row.Store(sums, first, count, output + first);
    }
  }

  void RunTwo(const std::int8_t* x0, const std::int8_t* x1, std::int8_t* output0,
              std::int8_t* output1) const {
    std::int32_t sums[2 * kDotBlock];
    const std::int8_t* w = weights;
    for (std::int32_t first = begin; first < end; first += kDotBlock) {
      const std::int32_t count = end - first < kDotBlock ? end - first : kDotBlock;
      if (depth > kHeldByFour && depth <= kHeldByTwo) {
        HeldDotsOfTwo(x0, x1, {w, depth, count}, sums);
      } else {
        const std::int32_t even = count & ~1;
        if (even > 0) DotsOfTwo(x0, x1, w, depth, even, sums);
        if (even < count) Dot2x1(x0, x1, w + even * depth, depth, sums + 2 * even);
      }
      row.StoreTwo(sums, first, count, output0 + first, output1 + first);
      w += count * depth;
    }
  }

  /// Precondition: depth <= kHeldByFour. Outputs are `output_stride` apart.
  void RunFour(const std::int8_t* const* x, std::int8_t* output,
               std::ptrdiff_t output_stride) const {
    constexpr std::int32_t kBlock = kDotBlock / 2;
    std::int32_t sums[4 * kBlock];
    const std::int8_t* w = weights;
    for (std::int32_t first = begin; first < end; first += kBlock) {
      const std::int32_t count = end - first < kBlock ? end - first : kBlock;
      HeldDotsOfFour(x, {w, depth, count}, sums);
      row.StoreFour(sums, first, count, output + first, output_stride);
      w += count * depth;
    }
  }

  /// Of `count` pixels, at most MvePixels(depth).
  void Run(const std::int8_t* const* x, std::int32_t count, std::int8_t* output,
           std::ptrdiff_t output_stride) const {
    if (count == 4) {
      RunFour(x, output, output_stride);
      return;
    }
    for (; count >= 2; count -= 2, x += 2, output += 2 * output_stride) {
      RunTwo(x[0], x[1], output, output + output_stride);
    }
    if (count == 1) RunOne(x[0], output);
  }

  /// `rows` inputs that lie one after the other; outputs are `output_stride` apart.
  void RunRows(const std::int8_t* x, std::int32_t rows, std::int8_t* output,
               std::ptrdiff_t output_stride) const {
    const std::int32_t block = MvePixels(depth);
    for (; rows > 0; rows -= block) {
      const std::int32_t count = rows < block ? rows : block;
      const std::int8_t* pixels[kMveMostPixels];
      for (std::int32_t i = 0; i < count; ++i, x += depth) pixels[i] = x;
      Run(pixels, count, output, output_stride);
      output += count * output_stride;
    }
  }
};

struct VectorBytes {
  static std::int8_t* Copy(const std::int8_t* source, std::int32_t count, std::int8_t* target) {
    return CopySome(source, count, target);
  }
  static std::int8_t* Fill(std::int32_t value, std::int32_t count, std::int8_t* target) {
    return FillSome(value, count, target);
  }
};

using Windows = GatheredWindows<VectorBytes>;

void RunWindows(const Layer& layer, const Windows& windows, std::int32_t row, std::int32_t pixels,
                std::int8_t* slots, std::size_t slot_bytes, std::int8_t* output,
                std::ptrdiff_t output_stride) {
  const std::int32_t block = MvePixels(layer.depth);
  Pixel pixel = windows.First(row);
  for (; pixels > 0; pixels -= block) {
    const std::int32_t count = pixels < block ? pixels : block;
    const std::int8_t* x[kMveMostPixels];
    std::int8_t* slot = slots;
    for (std::int32_t i = 0; i < count; ++i) {
      x[i] = windows.Inputs(pixel, slot);
      pixel = windows.After(pixel);
      slot += slot_bytes;
    }
    layer.Run(x, count, output, output_stride);
    output += count * output_stride;
  }
}

}  // namespace

void Conv2DMve(const Conv2DParams& p, const Work& work) {
  const std::int32_t group_outputs = p.output_c / p.groups;
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  const OutputRow output_row(p.stage, 0, p.output_c);
  std::int8_t* output = p.output + std::ptrdiff_t{work.begin} * p.output_w * p.output_c;
  const std::int32_t pixels = (work.end - work.begin) * p.output_w;
  if (IsMatrixProduct(p)) {
    const Layer layer{p.stage, output_row, p.weights, depth, 0, p.output_c};
    const std::ptrdiff_t first = std::ptrdiff_t{work.begin} * p.output_w;
    layer.RunRows(p.input + first * depth, pixels, output, p.output_c);
    return;
  }
  std::int8_t* slots = p.scratch + static_cast<std::size_t>(work.worker) * Conv2DMveScratch(p);
  for (std::int32_t group = 0; group < p.groups; ++group) {
    const std::int32_t begin = group * group_outputs;
    const Layer layer{p.stage, output_row, p.weights + std::ptrdiff_t{begin} * depth,
                      depth,   begin,      begin + group_outputs};
    RunWindows(layer, Windows(p, group), work.begin, pixels, slots, WindowStride(p), output,
               p.output_c);
  }
}

void FullyConnectedMve(const FullyConnectedParams& p, const Work& work) {
  const OutputRow output_row(p.stage, work.begin, work.end);
  const Layer layer{p.stage, output_row, p.weights + std::ptrdiff_t{work.begin} * p.depth,
                    p.depth, work.begin, work.end};
  layer.RunRows(p.input, p.rows, p.output, p.output_c);
}

}  // namespace quaver::kernels
