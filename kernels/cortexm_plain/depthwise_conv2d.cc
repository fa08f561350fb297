// DepthwiseConv2D: four channels at a time, whose sums stay in registers, over the list of a
// window's taps.
#include <cstddef>

#include "kernels/cortexm_plain/output_stage.h"
#include "kernels/generic/tapped_pixels.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// A window's taps and what stands for those outside the image, whose address is null.
struct Window {
  const Taps& taps;
  std::int32_t padding;
};

/// Four channels, each of which has its own input channel, `offset` from a tap's address.
[[gnu::noinline]] void SumFour(const Window& window, std::ptrdiff_t offset,
                               const std::int8_t* weights, std::int32_t step, std::int32_t* sums) {
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  const std::int8_t* const* const end = window.taps.inputs + window.taps.count;
  for (const std::int8_t* const* input = window.taps.inputs; input != end; ++input) {
    if (const std::int8_t* x = *input; x != nullptr) {
      x += offset;
      s0 += x[0] * weights[0];
      s1 += x[1] * weights[1];
      s2 += x[2] * weights[2];
      s3 += x[3] * weights[3];
    } else {
      const std::int32_t padding = window.padding;
      s0 += padding * weights[0];
      s1 += padding * weights[1];
      s2 += padding * weights[2];
      s3 += padding * weights[3];
    }
    weights += step;
  }
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

std::int32_t SumOne(const Window& window, std::ptrdiff_t offset, const std::int8_t* weights,
                    std::int32_t step) {
  std::int32_t sum = 0;
  for (std::int32_t t = 0; t < window.taps.count; ++t) {
    const std::int8_t* x = window.taps.inputs[t];
    sum += (x == nullptr ? window.padding : x[offset]) * weights[std::ptrdiff_t{t} * step];
  }
  return sum;
}

/// All channels of a pixel.
void RunPixel(const DepthwiseConv2DParams& p, std::int32_t multiplier, const Taps& taps,
              std::int8_t* output) {
  for (std::int32_t first = 0; first < p.output_c; first += kPlainBlock) {
    const std::int32_t left = p.output_c - first;
    const std::int32_t count = left < kPlainBlock ? left : kPlainBlock;
    std::int32_t sums[kPlainBlock];
    const Window window{taps, p.pad_value};
    const std::int8_t* weights = p.weights + first;
    std::int32_t c = 0;
    if (multiplier == 1) {
      for (; c + 4 <= count; c += 4) {
        SumFour(window, taps.offset + first + c, weights + c, p.output_c, sums + c);
      }
    }
    for (; c < count; ++c) {
      sums[c] = SumOne(window, taps.offset + (first + c) / multiplier, weights + c, p.output_c);
    }
    StoreSums(p.stage, first, count, sums, output);
  }
}

}  // namespace

void DepthwiseConv2DCortexM(const DepthwiseConv2DParams& p, const Work& work) {
  // Four bytes a tap, where the kernel with the DSP extension keeps its weights in eight or more.
  std::int8_t* scratch =
      p.scratch + static_cast<std::size_t>(work.worker) * DepthwiseConv2DCortexMScratch(p);
  const TapList list(p, reinterpret_cast<const std::int8_t**>(scratch), nullptr);
  const std::int32_t multiplier = p.output_c / p.input_c;
  ForEachTappedPixel(
      p, work, list,
      [&](const Taps& taps, std::int32_t /*pixels*/, std::int8_t* output) -> std::int32_t {
        RunPixel(p, multiplier, taps, output);
        return 1;
      });
}

}  // namespace quaver::kernels
