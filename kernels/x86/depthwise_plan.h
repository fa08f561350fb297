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

/// More scratch than this is left to depthwise.h, which needs a quarter of it.
inline constexpr std::int64_t kMostWideBytes = 1 << 18;

struct DepthwisePlan {
  std::int32_t groups;        // of rows of the window
  std::int32_t block_rows;    // output rows at a time, 1, 2 or 4
  bool wide;                  // kernels/x86/depthwise_wide.h takes it
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

/// Not windows of many rows, nor rows so long that their interleaved columns would take more than
/// this: those are nobody's layer.
constexpr bool DepthwiseFits(const DepthwiseConv2DParams& p) {
  constexpr std::int64_t kMostColumns = 1 << 17;
  return p.kernel_h < kMaxDepthwiseRows - 3 && p.stride_w < kMostColumns &&
         (std::int64_t{p.output_w} - 1) * p.stride_w +
                 (std::int64_t{p.kernel_w} - 1) * p.dilation_w <
             kMostColumns;
}

/// Output rows whose windows lie in as many groups of input rows as one window does: 1, 2 or 4.
constexpr std::int32_t DepthwiseBlockRows(const DepthwiseConv2DParams& p, std::int32_t group) {
  const std::int32_t spare = (group - p.kernel_h % group) % group;
  if (p.dilation_h > 1) return 1;
  const std::int32_t fitting = spare / p.stride_h + 1;
  return fitting == 3 ? 2 : fitting;
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
  // The same for four vectors of channels.
  const std::int64_t wide_bytes =
      std::int64_t{16} * lanes * plan.groups *
      (std::int64_t{plan.columns} + std::int64_t{p.kernel_w} * plan.block_rows);
  plan.wide = p.input_c == p.output_c && p.output_c % 4 == 0 && p.output_c >= 4 * lanes &&
              wide_bytes <= kMostWideBytes;
  if (plan.wide) {
    plan.scratch_bytes = static_cast<std::size_t>(wide_bytes);
    plan.weights_bytes =
        static_cast<std::size_t>(std::int64_t{16} * lanes * plan.groups * p.kernel_w) *
        static_cast<std::size_t>(plan.block_rows);
    plan.columns_bytes = plan.scratch_bytes - plan.weights_bytes;
    return plan;
  }
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
