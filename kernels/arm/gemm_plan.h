// How Arm's matrix kernels cut their work, and the scratch for it. Computed alike by the compiler,
// for any target, and the kernel.
#ifndef QUAVER_KERNELS_ARM_GEMM_PLAN_H_
#define QUAVER_KERNELS_ARM_GEMM_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/window_plan.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

struct ArmGemmPlan {
  WindowPlan windows;
  std::int32_t run_bytes;     // of a run that are multiplied, zeros at its end included
  std::int32_t block_pixels;  // pixels prepared at a time
  std::size_t scratch_bytes;
};

/// Runs of inputs in groups of `group`, of which only the first half is multiplied where a run of
/// 16 ends there. Interleaved inputs (kernels/arm/interleave.h) lie behind the windows' scratch.
constexpr ArmGemmPlan PlanArmGemm(const Conv2DParams& p, std::int32_t group, bool interleaved) {
  constexpr std::int32_t kInterleavedBytes = 32 * 1024;
  constexpr std::int32_t kLeastPixels = 8;
  ArmGemmPlan plan{PlanWindows(p, group, 1), 0, 0, 0};
  const std::int32_t step = group < 8 ? group : 8;
  plan.run_bytes = (plan.windows.run + step - 1) / step * step;
  plan.block_pixels = plan.windows.block_pixels;
  plan.scratch_bytes = plan.windows.scratch_bytes;
  if (!interleaved) return plan;
  const std::int32_t depth = plan.windows.runs * plan.run_bytes;
  const std::int32_t fit = kInterleavedBytes / depth / kLeastPixels * kLeastPixels;
  const std::int32_t most = fit < kLeastPixels ? kLeastPixels : fit;
  if (plan.block_pixels > most) plan.block_pixels = most;
  plan.scratch_bytes +=
      static_cast<std::size_t>((plan.block_pixels * depth + 63) / 64) * std::size_t{64};
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_PLAN_H_
