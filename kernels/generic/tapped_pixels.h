// The taps of a depthwise convolution's windows, as addresses of pixels. A window inside the image
// is the one before it, moved.
#ifndef QUAVER_KERNELS_GENERIC_TAPPED_PIXELS_H_
#define QUAVER_KERNELS_GENERIC_TAPPED_PIXELS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// The taps of a pixel's window: where input channel 0 of each is.
struct Taps {
  const std::int8_t* const* inputs;
  std::ptrdiff_t offset;  // to be added to each
  std::int32_t count;
};

/// Finds them.
class TapList {
 public:
  /// `inputs`: room for the taps of a window; `padding`: what stands for a tap outside the image.
  TapList(const DepthwiseConv2DParams& p, const std::int8_t** inputs, const std::int8_t* padding)
      : p_(p), inputs_(inputs), padding_(padding) {}

  /// Of the window with its corner at (top, left).
  [[gnu::noinline]] Taps At(const std::int8_t* image, std::int32_t top, std::int32_t left) {
    const std::int8_t** input = inputs_;
    const std::int8_t* const padding = padding_;
    const std::int32_t step = p_.dilation_w;
    const auto width = static_cast<std::uint32_t>(p_.input_w);
    std::int32_t y = top;
    for (std::int32_t ky = p_.kernel_h; ky > 0; --ky, y += p_.dilation_h) {
      const bool row_inside = y >= 0 && y < p_.input_h;
      const std::int8_t* row = image + std::ptrdiff_t{row_inside ? y : 0} * p_.input_w * p_.input_c;
      std::int32_t x = row_inside ? left : INT32_MIN / 2;
      for (std::int32_t kx = p_.kernel_w; kx > 0; --kx, x += step) {
        *input++ = static_cast<std::uint32_t>(x) < width ? row + x * p_.input_c : padding;
      }
    }
    return {inputs_, 0, p_.kernel_h * p_.kernel_w};
  }

 private:
  const DepthwiseConv2DParams& p_;
  const std::int8_t** inputs_;
  const std::int8_t* padding_;
};

/// Pixels of an output row whose windows lie inside the image's width: [begin, end).
struct Inside {
  std::int32_t begin, end;
};

inline Inside InsideColumns(const DepthwiseConv2DParams& p) {
  const std::int32_t begin = (p.pad_left + p.stride_w - 1) / p.stride_w;
  const std::int32_t room = p.input_w - 1 - (p.kernel_w - 1) * p.dilation_w + p.pad_left;
  const std::int32_t fit = room < 0 ? 0 : room / p.stride_w + 1;
  const std::int32_t end = fit < p.output_w ? fit : p.output_w;
  return {begin < end ? begin : end, end};
}

/// run(taps, pixels, output) for each output pixel, or several at once: it computes at least one
/// of `pixels` neighbours, of which the first has these taps and, where there are several, the
/// others the same ones moved; it returns how many it has computed.
template <typename Run>
void ForEachTappedPixel(const DepthwiseConv2DParams& p, const Work& work, TapList list, Run run) {
  const Inside columns = InsideColumns(p);
  const std::ptrdiff_t image_bytes = std::ptrdiff_t{p.input_h} * p.input_w * p.input_c;
  const std::ptrdiff_t step = std::ptrdiff_t{p.stride_w} * p.input_c;
  std::int8_t* output = p.output + std::ptrdiff_t{work.begin} * p.output_w * p.output_c;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::int8_t* image = p.input + row / p.output_h * image_bytes;
    const std::int32_t top = row % p.output_h * p.stride_h - p.pad_top;
    const bool inside = top >= 0 && top + (p.kernel_h - 1) * p.dilation_h < p.input_h;
    Taps taps{};
    std::int32_t done = 0;  // by the call before
    for (std::int32_t x = 0; x < p.output_w; x += done) {
      if (inside && x > columns.begin && x < columns.end) {
        taps.offset += done * step;
      } else {
        taps = list.At(image, top, x * p.stride_w - p.pad_left);
      }
      const bool several = x >= columns.begin && x < columns.end;
      done = run(taps, several ? columns.end - x : 1, output);
      output += done * p.output_c;
    }
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_TAPPED_PIXELS_H_
