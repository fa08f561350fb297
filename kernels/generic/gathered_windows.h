// The inputs of a convolution's windows, in the order of plain weights: where they lie in the
// input, or gathered.
#ifndef QUAVER_KERNELS_GENERIC_GATHERED_WINDOWS_H_
#define QUAVER_KERNELS_GENERIC_GATHERED_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/params.h"
#include "kernels/scratch.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// Whether output pixels are made of the input's pixels, one by one in their order.
inline bool IsMatrixProduct(const Conv2DParams& p) {
  return ReadsInputInPlace(p) && p.groups == 1 && p.stride_h == 1 && p.stride_w == 1 &&
         p.output_h == p.input_h && p.output_w == p.input_w;
}

/// An output pixel.
struct Pixel {
  const std::int8_t* image;  // of the input
  std::int32_t y, x;
};

/// For GatheredWindows, by the C library.
struct MemoryBytes {
  static std::int8_t* Copy(const std::int8_t* source, std::int32_t count, std::int8_t* target) {
    std::memcpy(target, source, static_cast<std::size_t>(count));
    return target + count;
  }
  static std::int8_t* Fill(std::int32_t value, std::int32_t count, std::int8_t* target) {
    std::memset(target, value, static_cast<std::size_t>(count));
    return target + count;
  }
};

/// The windows of output pixels in a group of channels. Bytes::Copy(source, count, target) copies
/// `count` >= 1 bytes, Bytes::Fill(value, count, target) sets them; both return the target's end.
template <typename Bytes>
class GatheredWindows {
 public:
  GatheredWindows(const Conv2DParams& p, std::int32_t group)
      : p_(p),
        group_offset_(group * (p.input_c / p.groups)),
        tap_bytes_(p.input_c / p.groups),
        window_bytes_(p.kernel_w * tap_bytes_),
        rows_below_((p.kernel_h - 1) * p.dilation_h),
        row_step_(std::ptrdiff_t{p.dilation_h} * p.input_w * p.input_c),
        image_bytes_(std::ptrdiff_t{p.input_h} * p.input_w * p.input_c),
        in_place_(ReadsInputInPlace(p)),
        rows_are_runs_(p.dilation_w == 1 && p.groups == 1) {}

  /// The first of a row (of batch * output_h).
  [[nodiscard]] Pixel First(std::int32_t row) const {
    return {p_.input + group_offset_ + row / p_.output_h * image_bytes_, row % p_.output_h, 0};
  }

  [[nodiscard]] Pixel After(Pixel pixel) const {
    if (++pixel.x < p_.output_w) return pixel;
    pixel.x = 0;
    if (++pixel.y < p_.output_h) return pixel;
    pixel.y = 0;
    pixel.image += image_bytes_;
    return pixel;
  }

  /// The window's inputs in the order of the weights: in the input, or in `slot`.
  const std::int8_t* Inputs(const Pixel& pixel, std::int8_t* slot) const {
    const std::int32_t y = pixel.y * p_.stride_h - p_.pad_top;
    const std::int32_t left = pixel.x * p_.stride_w - p_.pad_left;
    const std::ptrdiff_t row = (std::ptrdiff_t{y} * p_.input_w + left) * p_.input_c;
    if (in_place_) return pixel.image + row;
    if (rows_are_runs_ && y >= 0 && y + rows_below_ < p_.input_h && left >= 0 &&
        left + p_.kernel_w <= p_.input_w) {
      CopyRows(pixel.image + row, slot);
    } else {
      GatherRows(pixel.image, y, left, slot);
    }
    return slot;
  }

 private:
  static std::int32_t Clip(std::int32_t value, std::int32_t high) {
    return value < 0 ? 0 : value < high ? value : high;
  }

  /// The window of which `source` is the first tap, inside the image.
  [[gnu::noinline]] void CopyRows(const std::int8_t* source, std::int8_t* target) const {
    const std::int32_t bytes = window_bytes_;
    const std::ptrdiff_t step = row_step_;
    for (std::int32_t ky = p_.kernel_h; ky > 0; --ky, source += step) {
      target = Bytes::Copy(source, bytes, target);
    }
  }

  /// Any window, with its corner at (y, left).
  [[gnu::noinline]] void GatherRows(const std::int8_t* image, std::int32_t y, std::int32_t left,
                                    std::int8_t* target) const {
    // Taps of each row outside the image: to the left of it, to the right.
    const std::int32_t before = Clip(-left, p_.kernel_w);
    const std::int32_t after = Clip(left + p_.kernel_w - p_.input_w, p_.kernel_w - before);
    std::ptrdiff_t row = (std::ptrdiff_t{y} * p_.input_w + left) * p_.input_c;
    for (std::int32_t ky = p_.kernel_h; ky > 0; --ky, y += p_.dilation_h, row += row_step_) {
      if (y < 0 || y >= p_.input_h) {
        target = Fill(window_bytes_, target);
      } else if (rows_are_runs_) {
        target = Fill(before * tap_bytes_, target);
        target = Copy(image + (row + before * tap_bytes_),
                      window_bytes_ - (before + after) * tap_bytes_, target);
        target = Fill(after * tap_bytes_, target);
      } else {
        target = GatherTaps(image, row, left, target);
      }
    }
  }

  /// The taps of a row inside the image from column `x` on, `tap` bytes from the image's first.
  std::int8_t* GatherTaps(const std::int8_t* image, std::ptrdiff_t tap, std::int32_t x,
                          std::int8_t* target) const {
    for (std::int32_t kx = p_.kernel_w; kx > 0; --kx) {
      target = x >= 0 && x < p_.input_w ? Copy(image + tap, tap_bytes_, target)
                                        : Fill(tap_bytes_, target);
      x += p_.dilation_w;
      tap += p_.dilation_w * p_.input_c;
    }
    return target;
  }

  static std::int8_t* Copy(const std::int8_t* source, std::int32_t count, std::int8_t* target) {
    return count > 0 ? Bytes::Copy(source, count, target) : target;
  }
  std::int8_t* Fill(std::int32_t count, std::int8_t* target) const {
    return count > 0 ? Bytes::Fill(p_.pad_value, count, target) : target;
  }

  const Conv2DParams& p_;
  std::int32_t group_offset_, tap_bytes_;
  std::int32_t window_bytes_;  // of one row of a window
  std::int32_t rows_below_;    // the top row of a window
  std::ptrdiff_t row_step_;    // from a row of a window to the next
  std::ptrdiff_t image_bytes_;
  bool in_place_;
  bool rows_are_runs_;  // a window's row is a run of bytes
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_GATHERED_WINDOWS_H_
