// The windows of a pooling operator, with the part outside the input cut off.
#ifndef QUAVER_KERNELS_GENERIC_POOL2D_H_
#define QUAVER_KERNELS_GENERIC_POOL2D_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// The input rows and columns that one output value is made of: [y_begin, y_end) and so on.
struct PoolWindow {
  std::int32_t y_begin, y_end, x_begin, x_end;

  [[nodiscard]] std::int32_t Count() const { return (y_end - y_begin) * (x_end - x_begin); }
};

template <typename T>
PoolWindow WindowAt(const Pool2DParamsOf<T>& p, std::int32_t output_y, std::int32_t output_x) {
  const auto max = [](std::int32_t a, std::int32_t b) { return a > b ? a : b; };
  const auto min = [](std::int32_t a, std::int32_t b) { return a < b ? a : b; };
  const std::int32_t top = output_y * p.stride_h - p.pad_top;
  const std::int32_t left = output_x * p.stride_w - p.pad_left;
  return {max(top, 0), min(top + p.filter_h, p.input_h), max(left, 0),
          min(left + p.filter_w, p.input_w)};
}

/// One output pixel at a time: pixel(window, image, output), with the image's first input.
template <typename T, typename Pixel>
void ForEachPooledPixel(const Pool2DParamsOf<T>& p, const Work& work, Pixel pixel) {
  const std::ptrdiff_t image = std::ptrdiff_t{p.input_h} * p.input_w * p.channels;
  T* output = p.output + std::ptrdiff_t{work.begin} * p.output_w * p.channels;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    for (std::int32_t ox = 0; ox < p.output_w; ++ox, output += p.channels) {
      pixel(WindowAt(p, row % p.output_h, ox), p.input + row / p.output_h * image, output);
    }
  }
}

/// fold(pixel) for the inputs of a window, from channel 0 of `image` on.
template <typename Fold>
void ForEachInput(const Pool2DParams& p, const PoolWindow& window, const std::int8_t* image,
                  Fold fold) {
  for (std::int32_t y = window.y_begin; y < window.y_end; ++y) {
    const std::int8_t* row = image + std::ptrdiff_t{y} * p.input_w * p.channels;
    for (std::int32_t x = window.x_begin; x < window.x_end; ++x) {
      fold(row + std::ptrdiff_t{x} * p.channels);
    }
  }
}

/// output[channel] = reduce(window, pixels) for each output value; reduce(const PoolWindow&,
/// const T* image_at_channel) gives an int32, which is clamped.
template <typename T, typename Reduce>
void PoolRows(const Pool2DParamsOf<T>& p, const Work& work, Reduce reduce) {
  ForEachPooledPixel(p, work, [&](const PoolWindow& window, const T* image, T* output) {
    for (std::int32_t c = 0; c < p.channels; ++c) {
      const std::int32_t value = reduce(window, image + c);
      const std::int32_t low = value < p.clamp_min ? p.clamp_min : value;
      output[c] = static_cast<T>(low > p.clamp_max ? p.clamp_max : low);
    }
  });
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_POOL2D_H_
