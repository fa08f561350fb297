// Conv2D and FullyConnected: dot products of a pixel's window with each channel's weights, as they
// lie in the file. A window that is one run of input is read in place, others are gathered.
#include <cstddef>

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

/// An output pixel.
struct Pixel {
  const std::int8_t* image;  // of the input
  std::int32_t y, x;
};

/// The windows of output pixels in a group of channels.
class Windows {
 public:
  Windows(const Conv2DParams& p, std::int32_t group)
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
      target = CopySome(source, bytes, target);
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
        target = FillBytes(p_.pad_value, window_bytes_, target);
      } else if (rows_are_runs_) {
        target = FillBytes(p_.pad_value, before * tap_bytes_, target);
        target = CopyBytes(image + (row + before * tap_bytes_),
                           window_bytes_ - (before + after) * tap_bytes_, target);
        target = FillBytes(p_.pad_value, after * tap_bytes_, target);
      } else {
        target = GatherTaps(image, row, left, target);
      }
    }
  }

  /// The taps of a row inside the image from column `x` on, `tap` bytes from the image's first.
  std::int8_t* GatherTaps(const std::int8_t* image, std::ptrdiff_t tap, std::int32_t x,
                          std::int8_t* target) const {
    for (std::int32_t kx = p_.kernel_w; kx > 0; --kx) {
      target = x >= 0 && x < p_.input_w ? CopyBytes(image + tap, tap_bytes_, target)
                                        : FillBytes(p_.pad_value, tap_bytes_, target);
      x += p_.dilation_w;
      tap += p_.dilation_w * p_.input_c;
    }
    return target;
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

/// Whether output pixels are made of the input's pixels, one by one in their order.
bool IsMatrixProduct(const Conv2DParams& p) {
  return ReadsInputInPlace(p) && p.groups == 1 && p.stride_h == 1 && p.stride_w == 1 &&
         p.output_h == p.input_h && p.output_w == p.input_w;
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
