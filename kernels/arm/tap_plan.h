// The scratch of Arm's depthwise convolution by taps. Computed alike by the compiler, for any
// target, and the kernel.
#ifndef QUAVER_KERNELS_ARM_TAP_PLAN_H_
#define QUAVER_KERNELS_ARM_TAP_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Pixels of a tile at most, and bytes that it reads of each for a block of channels.
inline constexpr int kArmTilePixels = 4;
inline constexpr std::size_t kArmBlockBytes = 16;
/// What a kernel keeps of a tap, on any machine: an address and a step, or an address a pixel.
inline constexpr std::size_t kArmTapBytes = 16;
inline constexpr std::size_t kArmPixelTapBytes = 8 * kArmTilePixels;

struct ArmTapPlan {
  std::int32_t taps;
  // Of lists of an even number of taps, of inputs of one block at all taps of a tile, of a pixel
  // and a block beyond it, and of one byte for each output channel.
  std::size_t list_bytes, pixel_list_bytes, copies_bytes, padding_bytes, lanes_bytes;
  std::size_t scratch_bytes;  // a list, two by pixels, and the others, in this order
};

/// Larger windows are nobody's layer: they are left to the scalar kernel.
constexpr bool ArmTapsFit(const DepthwiseConv2DParams& p) {
  constexpr std::int32_t kMostTaps = 1024;
  return p.kernel_h <= kMostTaps && p.kernel_w <= kMostTaps && p.kernel_h * p.kernel_w <= kMostTaps;
}

constexpr ArmTapPlan PlanArmTaps(const DepthwiseConv2DParams& p) {
  const auto round_up = [](std::size_t bytes) { return (bytes + 63) / 64 * 64; };
  ArmTapPlan plan{};
  plan.taps = p.kernel_h * p.kernel_w;
  const std::size_t even = (static_cast<std::size_t>(plan.taps) + 1) / 2 * 2;
  plan.list_bytes = round_up(even * kArmTapBytes);
  plan.pixel_list_bytes = even * kArmPixelTapBytes;
  plan.copies_bytes = even * kArmTilePixels * kArmBlockBytes;
  plan.padding_bytes = round_up(static_cast<std::size_t>(p.input_c) + kArmBlockBytes);
  plan.lanes_bytes = round_up(static_cast<std::size_t>(p.output_c));
  plan.scratch_bytes = plan.list_bytes + 2 * plan.pixel_list_bytes + plan.copies_bytes +
                       plan.padding_bytes + plan.lanes_bytes;
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_TAP_PLAN_H_
