// Conv2D and FullyConnected: dot products of a pixel's window with each channel's weights, as they
// lie in the file. A window that is one run of input is read in place, others are gathered.
#include <cstddef>

#include "kernels/inventory.h"
#include "kernels/mve/copy.h"
#include "kernels/mve/dot.h"
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
      const std::int32_t even = count & ~1;
      if (even > 0) DotsOfTwo(x0, x1, w, depth, stage.bias + first, even, sums);
      w += even * depth;
      if (even < count) {
        Dot2x1(x0, x1, w, depth, stage.bias + first + even, sums + even, sums + kDotBlock + even);
      }
      row.StoreTwo(sums, sums + kDotBlock, first, count, output0 + first, output1 + first);
      w += (count - even) * depth;
    }
  }

  /// `rows` inputs that lie one after the other; outputs are `output_stride` apart.
  void RunRows(const std::int8_t* x, std::int32_t rows, std::int8_t* output,
               std::ptrdiff_t output_stride) const {
    for (; rows >= 2; rows -= 2, x += 2 * depth, output += 2 * output_stride) {
      RunTwo(x, x + depth, output, output + output_stride);
    }
    if (rows == 1) RunOne(x, output);
  }
};

/// An output pixel.
struct Pixel {
  const std::int8_t* image;  // of the input
  std::int32_t y, x;
};

/// The windows of output pixels.
class Windows {
 public:
  explicit Windows(const Conv2DParams& p)
      : p_(p),
        taps_(p.dilation_w == 1 && p.groups == 1 ? p.kernel_w : 1),
        group_inputs_(p.input_c / p.groups),
        run_bytes_(taps_ * group_inputs_),
        rows_below_((p.kernel_h - 1) * p.dilation_h),
        row_step_(std::ptrdiff_t{p.dilation_h} * p.input_w * p.input_c),
        image_bytes_(std::ptrdiff_t{p.input_h} * p.input_w * p.input_c),
        in_place_(ReadsInputInPlace(p)) {}

  /// The first of a row (of batch * output_h).
  [[nodiscard]] Pixel First(std::int32_t row) const {
    return {p_.input + row / p_.output_h * image_bytes_, row % p_.output_h, 0};
  }

  [[nodiscard]] Pixel After(Pixel pixel) const {
    if (++pixel.x < p_.output_w) return pixel;
    pixel.x = 0;
    if (++pixel.y < p_.output_h) return pixel;
    pixel.y = 0;
    pixel.image += image_bytes_;
    return pixel;
  }

  /// The window's inputs of a group, in the order of the weights: in the input, or in `slot`.
  const std::int8_t* Inputs(const Pixel& pixel, std::int32_t group, std::int8_t* slot) const {
    const std::int8_t* image = pixel.image + group * group_inputs_;
    const std::int32_t top = pixel.y * p_.stride_h - p_.pad_top;
    const std::int32_t left = pixel.x * p_.stride_w - p_.pad_left;
    if (in_place_) return image + (std::ptrdiff_t{top} * p_.input_w + left) * p_.input_c;
    std::int8_t* target = slot;
    if (taps_ == p_.kernel_w && top >= 0 && left >= 0 && top + rows_below_ < p_.input_h &&
        left + taps_ <= p_.input_w) {
      const std::int8_t* row = image + (std::ptrdiff_t{top} * p_.input_w + left) * p_.input_c;
      for (std::int32_t ky = p_.kernel_h; ky > 0; --ky, row += row_step_) {
        target = CopySome(row, run_bytes_, target);
      }
      return slot;
    }
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      const std::int32_t y = top + ky * p_.dilation_h;
      const bool inside = y >= 0 && y < p_.input_h;
      const std::int8_t* row = image + std::ptrdiff_t{inside ? y : 0} * p_.input_w * p_.input_c;
      for (std::int32_t kx = 0; kx < p_.kernel_w; kx += taps_) {
        target = Gather(row, inside, left + kx * p_.dilation_w, target);
      }
    }
    return slot;
  }

 private:
  /// taps_ neighbours from column `x` on; those outside the image are padding.
  std::int8_t* Gather(const std::int8_t* row, bool inside, std::int32_t x,
                      std::int8_t* target) const {
    if (inside && x >= 0 && x + taps_ <= p_.input_w) {
      return CopySome(row + std::ptrdiff_t{x} * p_.input_c, run_bytes_, target);
    }
    for (std::int32_t tap = x; tap < x + taps_; ++tap) {
      target = inside && tap >= 0 && tap < p_.input_w
                   ? CopyBytes(row + std::ptrdiff_t{tap} * p_.input_c, group_inputs_, target)
                   : FillBytes(p_.pad_value, group_inputs_, target);
    }
    return target;
  }

  const Conv2DParams& p_;
  std::int32_t taps_;  // that lie together
  std::int32_t group_inputs_;
  std::int32_t run_bytes_;   // of the taps that lie together
  std::int32_t rows_below_;  // the top row of a window
  std::ptrdiff_t row_step_;  // from a row of a window to the next
  std::ptrdiff_t image_bytes_;
  bool in_place_;
};

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
  std::int8_t* slot0 = p.scratch + static_cast<std::size_t>(work.worker) * Conv2DMveScratch(p);
  std::int8_t* slot1 = slot0 + (ReadsInputInPlace(p) ? 0 : WindowStride(p));
  const Windows windows(p);
  Pixel first = windows.First(work.begin);
  for (std::int32_t left = pixels; left > 0; left -= 2) {
    const Pixel second = windows.After(first);
    for (std::int32_t group = 0; group < p.groups; ++group) {
      const std::int32_t begin = group * group_outputs;
      const Layer layer{p.stage, output_row, p.weights + std::ptrdiff_t{begin} * depth,
                        depth,   begin,      begin + group_outputs};
      const std::int8_t* x0 = windows.Inputs(first, group, slot0);
      if (left == 1) {
        layer.RunOne(x0, output);
      } else {
        layer.RunTwo(x0, windows.Inputs(second, group, slot1), output, output + p.output_c);
      }
    }
    first = windows.After(second);
    output += 2 * p.output_c;
  }
}

void FullyConnectedMve(const FullyConnectedParams& p, const Work& work) {
  const OutputRow output_row(p.stage, work.begin, work.end);
  const Layer layer{p.stage, output_row, p.weights + std::ptrdiff_t{work.begin} * p.depth,
                    p.depth, work.begin, work.end};
  layer.RunRows(p.input, p.rows, p.output, p.output_c);
}

}  // namespace quaver::kernels
