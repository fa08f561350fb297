// How a convolution whose kernel converts its inputs (makes them unsigned, or wider) keeps them:
// whole rows of the input, converted once, with their padding. Computed alike by the compiler, for
// any target, and the kernel.
#ifndef QUAVER_KERNELS_GENERIC_ROW_PLAN_H_
#define QUAVER_KERNELS_GENERIC_ROW_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/window_plan.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Bytes that a conversion may write, and a kernel may read, beyond the end of a row.
inline constexpr std::int32_t kRowOverrun = 64;

/// The window of an output pixel in one group of channels is made of runs (kernels/packing.h),
/// which the kernel reads in groups of `group` inputs: over the end of a run where that is no
/// multiple of the group (there the weights are 0). From one pixel of an output row to the next,
/// every run moves by the same number of bytes.
struct RowPlan {
  std::int32_t runs;          // of a window
  std::int32_t padded_run;    // inputs of a run as they are packed, a multiple of `group`
  bool row_runs;              // a run is a row of the window, not one tap
  bool flat;                  // windows are single pixels, side by side, over all rows and images
  bool keep_rows;             // the rows of a window are kept for the next output row
  bool pad_row;               // windows reach above or below the input
  std::int32_t row_pixels;    // of the input, with padding; flat: pixels converted at a time
  std::ptrdiff_t pixel_step;  // bytes from one window to the next
  std::int64_t row_bytes;     // a multiple of 64; does not fit a pointer where RowsFit says so
  std::size_t pointers_bytes, scratch_bytes;
};

/// Pixels of `pixel_inputs` to convert at a time: what the first-level cache holds, and enough to
/// use a panel of weights several times.
constexpr std::int32_t FlatPixels(std::int64_t pixels, std::int32_t pixel_inputs) {
  constexpr std::int32_t kLeast = 8;
  constexpr std::int32_t kMost = 128;
  constexpr std::int32_t kBlockInputs = 16 * 1024;
  if (pixels <= kLeast) return static_cast<std::int32_t>(pixels);
  const std::int32_t fit = kBlockInputs / pixel_inputs / kLeast * kLeast;
  const std::int32_t block = fit < kLeast ? kLeast : fit > kMost ? kMost : fit;
  return pixels < block ? static_cast<std::int32_t>(pixels) : block;
}

constexpr RowPlan PlanRows(const Conv2DParams& p, std::int32_t group, std::int32_t element_bytes) {
  const WeightShape shape = WeightShapeOf(p);
  const std::int64_t pixel_bytes = std::int64_t{p.input_c} * element_bytes;
  RowPlan plan{};
  plan.row_runs = p.dilation_w == 1 && p.groups == 1;
  plan.runs = shape.depth / shape.run;
  plan.padded_run = (shape.run + group - 1) / group * group;
  plan.flat = IsPointwise(p) && p.stride_h == 1 && p.stride_w == 1 && p.output_h == p.input_h &&
              p.output_w == p.input_w;
  plan.keep_rows = p.dilation_h == 1;
  plan.pad_row =
      p.pad_top > 0 ||
      (p.output_h - 1) * p.stride_h - p.pad_top + (p.kernel_h - 1) * p.dilation_h >= p.input_h;
  plan.row_pixels = plan.flat
                        ? FlatPixels(std::int64_t{p.batch} * p.output_h * p.output_w, p.input_c)
                        : (p.output_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
  plan.pixel_step = static_cast<std::ptrdiff_t>(p.stride_w * pixel_bytes);
  plan.row_bytes = (plan.row_pixels * pixel_bytes + kRowOverrun + 63) / 64 * 64;
  plan.pointers_bytes = (static_cast<std::size_t>(plan.runs) * 8 + 63) / 64 * 64;
  plan.scratch_bytes =
      plan.pointers_bytes + static_cast<std::size_t>(plan.row_bytes) *
                                (static_cast<std::size_t>(p.kernel_h) + (plan.pad_row ? 1 : 0));
  return plan;
}

/// Rows so long or so many that their copies would take more than this are nobody's layer: they
/// are left to a kernel that copies nothing.
constexpr bool RowsFit(const RowPlan& plan, std::int32_t kernel_h) {
  constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;
  return plan.row_bytes <= kMostBytes / (std::int64_t{kernel_h} + 1);
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_ROW_PLAN_H_
