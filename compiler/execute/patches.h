// What one output pixel of a convolution sees.
#ifndef QUAVER_COMPILER_EXECUTE_PATCHES_H_
#define QUAVER_COMPILER_EXECUTE_PATCHES_H_

#include <algorithm>
#include <cstdint>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// Sizes of one convolution, and where output pixel p reads.
struct ConvGeometry {
  const Window2D& window;
  std::int64_t in_h, in_w, in_c, filter_h, filter_w, out_h, out_w;

  [[nodiscard]] std::int64_t InputRow(std::int64_t y, std::int64_t ky) const {
    return y * window.stride_h - window.padding.top + ky * window.dilation_h;
  }
  [[nodiscard]] std::int64_t InputColumn(std::int64_t x, std::int64_t kx) const {
    return x * window.stride_w - window.padding.left + kx * window.dilation_w;
  }
  [[nodiscard]] bool Inside(std::int64_t y, std::int64_t x) const {
    return y >= 0 && y < in_h && x >= 0 && x < in_w;
  }
};

/// Writes the patch that output pixel (y, x) of an image [H,W,C] sees, channels [first, first +
/// count): KH * KW * count values, zero where the window lies outside.
inline void GatherPatch(const ConvGeometry& g, const float* image, std::int64_t y, std::int64_t x,
                        std::int64_t first, std::int64_t count, float* patch) {
  for (std::int64_t ky = 0; ky < g.filter_h; ++ky) {
    for (std::int64_t kx = 0; kx < g.filter_w; ++kx, patch += count) {
      const std::int64_t iy = g.InputRow(y, ky);
      const std::int64_t ix = g.InputColumn(x, kx);
      if (g.Inside(iy, ix)) {
        const float* pixel = image + (iy * g.in_w + ix) * g.in_c + first;
        std::copy(pixel, pixel + count, patch);
      } else {
        std::fill(patch, patch + count, 0.0F);
      }
    }
  }
}

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_PATCHES_H_
