// Bilinear resizing, written once for the instruction sets that blend several channels at a time.
#ifndef QUAVER_KERNELS_GENERIC_RESIZE_BILINEAR_H_
#define QUAVER_KERNELS_GENERIC_RESIZE_BILINEAR_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// Blend is constructed from the weights of the second row and column in 1/1024; it writes
/// Blend::kChannels channels of an output pixel, given those of the input's pixels
/// (row 0, column 0), (1, 0), (0, 1), (1, 1).
/// Precondition: at least Blend::kChannels channels. The last ones overlap those before.
template <typename Blend>
void RunResizeBilinear(const ResizeBilinearParams& params, const Work& work) {
  const ResizeBilinearParams p = params;  // a copy, which no store to the output can change
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{p.input_w} * p.channels;
  const std::int32_t last = p.channels - Blend::kChannels;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::int32_t y = row % p.output_h;
    const std::int8_t* image = p.input + row / p.output_h * p.input_h * row_bytes;
    const std::int8_t* row0 = image + p.y0[y] * row_bytes;
    const std::int8_t* row1 = image + p.y1[y] * row_bytes;
    std::int8_t* output = p.output + std::ptrdiff_t{row} * p.output_w * p.channels;
    for (std::int32_t x = 0; x < p.output_w; ++x) {
      const std::ptrdiff_t x0 = std::ptrdiff_t{p.x0[x]} * p.channels;
      const std::ptrdiff_t x1 = std::ptrdiff_t{p.x1[x]} * p.channels;
      const Blend blend(p.y_weight[y], p.x_weight[x]);
      for (std::int32_t i = 0; i < p.channels; i += Blend::kChannels) {
        const std::int32_t c = i < last ? i : last;
        blend(row0 + x0 + c, row1 + x0 + c, row0 + x1 + c, row1 + x1 + c, output + c);
      }
      output += p.channels;
    }
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_RESIZE_BILINEAR_H_
