#include <cstring>

#include "kernels/inventory.h"

namespace quaver::kernels {

void ResizeNearestScalar(const ResizeNearestParams& p, const Work& work) {
  const auto channels = static_cast<std::size_t>(p.channels);
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::ptrdiff_t source_row =
        std::ptrdiff_t{row / p.output_h} * p.input_h + p.source_y[row % p.output_h];
    const std::int8_t* source = p.input + source_row * p.input_w * p.channels;
    std::int8_t* target = p.output + std::ptrdiff_t{row} * p.output_w * p.channels;
    for (std::int32_t x = 0; x < p.output_w; ++x) {
      std::memcpy(target, source + std::ptrdiff_t{p.source_x[x]} * p.channels, channels);
      target += p.channels;
    }
  }
}

// The products of two weights sum to 2^20, so |sum| <= 128 * 2^20 fits int32. Halves go up.
void ResizeBilinearScalar(const ResizeBilinearParams& p, const Work& work) {
  constexpr std::int32_t kOne = 1 << 10;
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{p.input_w} * p.channels;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::int32_t y = row % p.output_h;
    const std::int8_t* image = p.input + row / p.output_h * p.input_h * row_bytes;
    const std::int8_t* row0 = image + p.y0[y] * row_bytes;
    const std::int8_t* row1 = image + p.y1[y] * row_bytes;
    const std::int32_t wy = p.y_weight[y];
    std::int8_t* output = p.output + std::ptrdiff_t{row} * p.output_w * p.channels;
    for (std::int32_t x = 0; x < p.output_w; ++x) {
      const std::ptrdiff_t x0 = std::ptrdiff_t{p.x0[x]} * p.channels;
      const std::ptrdiff_t x1 = std::ptrdiff_t{p.x1[x]} * p.channels;
      const std::int32_t wx = p.x_weight[x];
      for (std::int32_t c = 0; c < p.channels; ++c) {
        const std::int32_t sum = row0[x0 + c] * (kOne - wy) * (kOne - wx) +
                                 row1[x0 + c] * wy * (kOne - wx) + row0[x1 + c] * (kOne - wy) * wx +
                                 row1[x1 + c] * wy * wx;
        *output++ = static_cast<std::int8_t>((sum + (1 << 19)) >> 20);
      }
    }
  }
}

}  // namespace quaver::kernels
