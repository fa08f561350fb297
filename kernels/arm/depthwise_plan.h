// The sizes of Arm's depthwise convolution by rows, and of its scratch. Computed alike by the
// compiler, for any target, and the kernel.
#ifndef QUAVER_KERNELS_ARM_DEPTHWISE_PLAN_H_
#define QUAVER_KERNELS_ARM_DEPTHWISE_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Rows of a window, in whole groups.
inline constexpr std::int32_t kMaxArmDepthwiseRows = 32;

struct ArmDepthwisePlan {
  std::int32_t groups;       // of rows of the window
  bool row_pairs;            // two output rows at a time
  std::int32_t columns;      // that are prepared, padding included
  std::ptrdiff_t row_bytes;  // from one group's columns to the next group's
  std::size_t columns_bytes, weights_bytes, scratch_bytes;
};

/// Large windows that move by one pixel over wide rows, for which the copies serve often enough:
/// the others are faster tap by tap (tap_plan.h). Neither rows so long nor windows so wide that
/// their copies would take tens of megabytes.
constexpr bool ArmDepthwiseFits(const DepthwiseConv2DParams& p) {
  constexpr std::int32_t kMostColumns = 1 << 16;
  constexpr std::int32_t kLeastTaps = 25;
  constexpr std::int32_t kLeastWidth = 12;
  return p.input_c == p.output_c && p.output_c >= 8 && p.stride_h == 1 && p.stride_w == 1 &&
         p.dilation_h == 1 && p.dilation_w == 1 && p.output_w >= kLeastWidth &&
         p.kernel_h <= kMaxArmDepthwiseRows - 4 && p.kernel_w <= kMostColumns &&
         p.kernel_h * p.kernel_w >= kLeastTaps && p.output_w - 1 + p.kernel_w - 1 < kMostColumns;
}

/// Whether kernels/arm/depthwise_3x3.h takes it: blocks of 8 channels, of 16 with a stride of 2.
constexpr bool ArmDepthwise3x3Fits(const DepthwiseConv2DParams& p) {
  return p.input_c == p.output_c && p.kernel_h == 3 && p.kernel_w == 3 && p.dilation_h == 1 &&
         p.dilation_w == 1 && p.pad_left <= 1 && p.stride_w <= 2 && p.output_c >= 8 * p.stride_w;
}

/// `group` rows of a window in one column of `column_bytes`, for eight channels.
constexpr ArmDepthwisePlan PlanArmDepthwise(const DepthwiseConv2DParams& p, std::int32_t group,
                                            std::int32_t column_bytes) {
  ArmDepthwisePlan plan{};
  plan.groups = (p.kernel_h + group - 1) / group;
  plan.row_pairs = p.stride_h == 1 && p.dilation_h == 1 && p.kernel_h % group != 0;
  plan.columns = (p.output_w - 1) * p.stride_w + (p.kernel_w - 1) * p.dilation_w + 1;
  plan.row_bytes = std::ptrdiff_t{plan.columns} * column_bytes;
  const auto groups = static_cast<std::size_t>(plan.groups);
  plan.columns_bytes = (groups * static_cast<std::size_t>(plan.row_bytes) + 63) / 64 * 64;
  const auto taps = groups * static_cast<std::size_t>(p.kernel_w * group);
  plan.weights_bytes = plan.row_pairs ? (taps * 8 + 63) / 64 * 64 : 0;
  plan.scratch_bytes = plan.columns_bytes + plan.weights_bytes;
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_PLAN_H_
