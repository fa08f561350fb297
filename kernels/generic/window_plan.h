// How a convolution reads the inputs of its windows: which parts lie in one piece, what has to be
// copied, and the scratch for it. Computed alike by the compiler, for any target, and the kernel.
#ifndef QUAVER_KERNELS_GENERIC_WINDOW_PLAN_H_
#define QUAVER_KERNELS_GENERIC_WINDOW_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Bytes that a copy may write beyond its end.
inline constexpr std::int32_t kCopyOverrun = 64;

/// The window of an output pixel in one group of channels is made of runs (kernels/packing.h),
/// which the kernel reads in groups of `group` inputs. It reads them where they lie, over the end
/// of a run where the run is no multiple of the group (there the weights are 0), except where a
/// run is partly padding or reading over its end would leave the tensor; or, if inputs have to be
/// widened, always from a copy.
struct WindowPlan {
  std::int32_t runs;          // of a window
  std::int32_t run;           // inputs of one run
  std::int32_t padded_run;    // and as they are packed, a multiple of `group`
  bool row_runs;              // a run is a row of the window, not one tap
  bool copy_all;              // runs are never read in place
  bool pointwise;             // one run a window, always read in place
  std::int32_t block_pixels;  // pixels prepared at a time
  std::int32_t slot_bytes;    // of a copy of one run
  std::int32_t slots_bytes;   // from the copies of one run, for all pixels, to those of the next
  std::size_t pointers_bytes, pad_bytes, scratch_bytes;
};

/// No padding, and windows of one pixel.
constexpr bool IsPointwise(const Conv2DParams& p) {
  return p.kernel_h == 1 && p.kernel_w == 1 && p.pad_top == 0 && p.pad_left == 0 &&
         (p.output_h - 1) * p.stride_h < p.input_h && (p.output_w - 1) * p.stride_w < p.input_w;
}

/// A fully connected layer: `rows` pixels, each its own window.
constexpr Conv2DParams AsConv2D(const FullyConnectedParams& f) {
  Conv2DParams p{};
  p.input = f.input;
  p.weights = f.weights;
  p.output = f.output;
  p.scratch = f.scratch;
  p.stage = f.stage;
  p.batch = p.input_h = p.output_h = 1;
  p.input_w = p.output_w = f.rows;
  p.input_c = f.depth;
  p.output_c = f.output_c;
  p.kernel_h = p.kernel_w = p.stride_h = p.stride_w = p.dilation_h = p.dilation_w = 1;
  p.groups = 1;
  return p;
}

constexpr std::int32_t BlockPixels(std::int32_t slot_bytes) {
  constexpr std::int32_t kMost = 64;
  constexpr std::int32_t kLeast = 8;
  constexpr std::int32_t kBlockBytes = 32 * 1024;
  if (slot_bytes == 0) return kMost;
  const std::int32_t fit = kBlockBytes / slot_bytes / kLeast * kLeast;
  return fit < kLeast ? kLeast : fit > kMost ? kMost : fit;
}

constexpr WindowPlan PlanWindows(const Conv2DParams& p, std::int32_t group,
                                 std::int32_t element_bytes) {
  const auto round = [](std::int32_t value, std::int32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
  };
  const WeightShape shape = WeightShapeOf(p);
  WindowPlan plan{};
  plan.run = shape.run;
  plan.padded_run = round(shape.run, group);
  plan.row_runs = p.dilation_w == 1 && p.groups == 1;
  plan.runs = shape.depth / shape.run;
  plan.copy_all = element_bytes != 1;
  plan.pointwise = IsPointwise(p) && !plan.copy_all && plan.run == plan.padded_run;
  plan.slot_bytes = plan.padded_run * element_bytes;
  plan.block_pixels = BlockPixels(plan.pointwise ? 0 : plan.runs * plan.slot_bytes);
  plan.slots_bytes =
      plan.pointwise ? 0 : round(plan.block_pixels * plan.slot_bytes + kCopyOverrun, 64);
  const auto runs = static_cast<std::size_t>(plan.runs);
  plan.pointers_bytes = runs * static_cast<std::size_t>(plan.block_pixels) * 8;
  plan.pad_bytes = static_cast<std::size_t>(round(plan.slot_bytes, 64));
  plan.scratch_bytes =
      plan.pointers_bytes + plan.pad_bytes + runs * static_cast<std::size_t>(plan.slots_bytes);
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_WINDOW_PLAN_H_
