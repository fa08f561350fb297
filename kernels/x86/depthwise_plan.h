// The sizes of a depthwise convolution's tile and of its scratch. Computed alike by the compiler,
// for any target, and the kernel.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_PLAN_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Rows of a window, in whole groups.
inline constexpr std::int32_t kMaxDepthwiseRows = 32;

struct DepthwisePlan {
  std::int32_t groups;        // of rows of the window
  std::int32_t block_rows;    // output rows at a time, 1, 2 or 4
  std::int32_t pixels;        // of one vector; more than 1 where there are few channels
  std::int32_t columns;       // that are interleaved, padding included
  std::int32_t column_bytes;  // from one interleaved column to the next
  std::int32_t row_bytes;     // from one group's columns to the next group's
  std::int32_t pixel_step;    // from one output pixel's first column to the next one's
  std::int32_t vector_step;   // from one output vector's first column to the next one's
  std::int32_t tap_step;      // from one tap to the next in its row
  std::ptrdiff_t panel_bytes;
  std::size_t columns_bytes;
  std::size_t weights_bytes;  // those moved down for the rows of a block behind the first
  std::size_t scratch_bytes;
};

constexpr bool DepthwiseFits(const DepthwiseConv2DParams& p) {
  return p.kernel_h < kMaxDepthwiseRows - 3;
}

/// Output rows whose windows lie in as many groups of input rows as one window does.
constexpr std::int32_t DepthwiseBlockRows(const DepthwiseConv2DParams& p, std::int32_t group) {
  const std::int32_t spare = (group - p.kernel_h % group) % group;
  if (p.dilation_h > 1) return 1;
  return spare >= 3 * p.stride_h ? 4 : spare >= p.stride_h ? 2 : 1;
}

/// Whether kernels/x86/depthwise_3x3.h takes it, in vectors of `lanes` channels.
constexpr bool Depthwise3x3Fits(const DepthwiseConv2DParams& p, std::int32_t lanes) {
  return p.input_c == p.output_c && p.output_c >= lanes && p.kernel_h == 3 && p.kernel_w == 3 &&
         p.stride_w <= 2 && p.dilation_h == 1 && p.dilation_w == 1;
}

/// And kernels/x86/depthwise_3x3_flat.h, for this many channels.
constexpr bool Depthwise3x3FlatFits(const DepthwiseConv2DParams& p, std::int32_t channels) {
  return Depthwise3x3Fits(p, channels) && p.output_c == channels && p.stride_h == 1 &&
         p.stride_w == 1 && p.pad_left == 1 && p.output_w == p.input_w;
}

/// `lanes` channels of a panel, `group` rows of a Dot: weights of 4 bytes a lane and group of four,
/// columns of 4 bytes a lane.
constexpr DepthwisePlan PlanDepthwise(const DepthwiseConv2DParams& p, std::int32_t lanes,
                                      std::int32_t group) {
  const auto round = [](std::int32_t value, std::int32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
  };
  DepthwisePlan plan{};
  plan.groups = (p.kernel_h + group - 1) / group;
  plan.block_rows = DepthwiseBlockRows(p, group);
  plan.pixels =
      p.stride_w == 1 && p.output_c < lanes && lanes % p.output_c == 0 ? lanes / p.output_c : 1;
  plan.columns = (p.output_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
  plan.column_bytes = 4 * (plan.pixels > 1 ? p.output_c : lanes);
  plan.row_bytes = round(plan.columns * plan.column_bytes + 4 * lanes, 64);
  plan.pixel_step = p.stride_w * plan.column_bytes;
  plan.vector_step = plan.pixels * plan.pixel_step;
  plan.tap_step = p.dilation_w * plan.column_bytes;
  plan.panel_bytes = round(lanes * (12 + p.kernel_w * plan.groups * group), 64);
  plan.columns_bytes =
      static_cast<std::size_t>(plan.groups) * static_cast<std::size_t>(plan.row_bytes);
  plan.weights_bytes = static_cast<std::size_t>(
      round((plan.block_rows - 1) * p.kernel_w * plan.groups * group * lanes, 64));
  plan.scratch_bytes = plan.columns_bytes + plan.weights_bytes +
                       (plan.pixels > 1 ? static_cast<std::size_t>(plan.panel_bytes) : 0);
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_PLAN_H_
