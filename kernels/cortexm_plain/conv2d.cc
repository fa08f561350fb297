// Conv2D in tiles of two pixels by two channels, whose four sums stay in registers: one load for a
// multiplication in place of two. A window is gathered once for all channels.
#include <cstddef>

#include "kernels/cortexm_plain/output_stage.h"
#include "kernels/generic/gathered_windows.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// Sums of products.
struct Tile {
  std::int32_t s00 = 0, s01 = 0, s10 = 0, s11 = 0;  // pixel, channel

  void Add(std::int32_t x0, std::int32_t x1, std::int32_t w0, std::int32_t w1) {
    s00 += x0 * w0;
    s01 += x0 * w1;
    s10 += x1 * w0;
    s11 += x1 * w1;
  }
};

[[gnu::noinline]] Tile Multiply(const std::int8_t* x0, const std::int8_t* x1, const std::int8_t* w0,
                                const std::int8_t* w1, std::int32_t depth) {
  Tile tile;
  for (; depth >= 4; depth -= 4) {
    tile.Add(x0[0], x1[0], w0[0], w1[0]);
    tile.Add(x0[1], x1[1], w0[1], w1[1]);
    tile.Add(x0[2], x1[2], w0[2], w1[2]);
    tile.Add(x0[3], x1[3], w0[3], w1[3]);
    x0 += 4, x1 += 4, w0 += 4, w1 += 4;
  }
  for (; depth > 0; --depth) tile.Add(*x0++, *x1++, *w0++, *w1++);
  return tile;
}

/// The output channels [begin, end) of one or two pixels; `weights` are those of channel `begin`.
/// With one pixel, x1 is x0 and output1 is output0.
void RunPixels(const OutputStage& stage, const std::int8_t* x0, const std::int8_t* x1,
               const std::int8_t* weights, std::int32_t depth, std::int32_t begin, std::int32_t end,
               std::int8_t* output0, std::int8_t* output1) {
  for (std::int32_t first = begin; first < end; first += kPlainBlock) {
    const std::int32_t count = end - first < kPlainBlock ? end - first : kPlainBlock;
    std::int32_t sums0[kPlainBlock], sums1[kPlainBlock];
    for (std::int32_t c = 0; c < count; c += 2) {
      const std::int8_t* second = c + 1 < count ? weights + depth : weights;
      const Tile tile = Multiply(x0, x1, weights, second, depth);
      weights = second + depth;
      sums0[c] = tile.s00, sums0[c + 1] = tile.s01;
      sums1[c] = tile.s10, sums1[c + 1] = tile.s11;
    }
    StoreSums(stage, first, count, sums0, output0);
    StoreSums(stage, first, count, sums1, output1);
  }
}

}  // namespace

void Conv2DCortexM(const Conv2DParams& p, const Work& work) {
  const std::int32_t outputs = p.output_c / p.groups;
  const std::int32_t depth = p.kernel_h * p.kernel_w * (p.input_c / p.groups);
  // Two windows in bytes, where the kernel with the DSP extension keeps four in 16 bits.
  std::int8_t* slot0 = p.scratch + static_cast<std::size_t>(work.worker) * Conv2DCortexMScratch(p);
  std::int8_t* slot1 = slot0 + WindowStride(p);
  for (std::int32_t group = 0; group < p.groups; ++group) {
    const GatheredWindows<MemoryBytes> windows(p, group);
    const std::int8_t* weights = p.weights + std::ptrdiff_t{group} * outputs * depth;
    std::int8_t* output = p.output + std::ptrdiff_t{work.begin} * p.output_w * p.output_c;
    Pixel pixel = windows.First(work.begin);
    for (std::int32_t left = (work.end - work.begin) * p.output_w; left > 0; left -= 2) {
      const std::int8_t* x0 = windows.Inputs(pixel, slot0);
      const std::int8_t* x1 = x0;
      std::int8_t* output1 = output;
      if (left > 1) {
        pixel = windows.After(pixel);
        x1 = windows.Inputs(pixel, slot1);
        output1 += p.output_c;
      }
      RunPixels(p.stage, x0, x1, weights, depth, group * outputs, (group + 1) * outputs, output,
                output1);
      pixel = windows.After(pixel);
      output = output1 + p.output_c;
    }
  }
}

}  // namespace quaver::kernels
