// How Arm's matrix kernels read their inputs, and the scratch for it. Computed alike by the
// compiler, for any target, and the kernel.
#ifndef QUAVER_KERNELS_ARM_GEMM_PLAN_H_
#define QUAVER_KERNELS_ARM_GEMM_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/row_plan.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

struct ArmGemmPlan {
  RowPlan rows;
  bool pointwise;  // windows are single pixels without padding
  bool in_place;   // ... of whole groups, read where they lie
  // Windows of short runs are copied into one run each, of several rows of pixels at a time.
  std::int32_t gathered_rows;  // 0: they are not
  std::size_t scratch_bytes;
};

/// How many rows of pixels to gather at a time. It is worth it where many channels use what a pixel
/// has been copied for: copies take some instructions a run, and save as many a run for four pixels
/// by 16 channels, and tiles of fewer pixels at the end of each row.
constexpr std::int32_t GatheredRows(const Conv2DParams& p, const RowPlan& rows) {
  constexpr std::int32_t kMostRun = 16;
  constexpr std::int32_t kLeastChannels = 48;
  constexpr std::int64_t kBlockBytes = 8 * 1024;
  if (p.groups > 1 || rows.padded_run > kMostRun || rows.runs == 1 || p.output_c < kLeastChannels) {
    return 0;
  }
  const std::int64_t row_bytes = std::int64_t{rows.runs} * rows.padded_run * p.output_w;
  const std::int64_t fit = row_bytes < kBlockBytes ? kBlockBytes / row_bytes : 1;
  return static_cast<std::int32_t>(fit < p.output_h ? fit : p.output_h);
}

/// Inputs as they are, in groups of four. Where windows are single pixels they are read in place:
/// but not where a run ends with three groups, of which kernels read four.
constexpr ArmGemmPlan PlanArmGemm(const Conv2DParams& p) {
  ArmGemmPlan plan{PlanRows(p, 4, 1), IsPointwise(p), false, 0, 0};
  const std::int32_t tap = p.input_c / p.groups;
  plan.in_place = plan.pointwise && tap % 4 == 0 && tap % 16 != 12;
  plan.scratch_bytes = plan.in_place ? 0 : plan.rows.scratch_bytes;
  if (!plan.pointwise) plan.gathered_rows = GatheredRows(p, plan.rows);
  if (plan.gathered_rows > 0) {
    const auto window =
        static_cast<std::size_t>(plan.rows.runs) * static_cast<std::size_t>(plan.rows.padded_run);
    const auto pixels =
        static_cast<std::size_t>(plan.gathered_rows) * static_cast<std::size_t>(p.output_w);
    plan.scratch_bytes += (window * pixels + kRowOverrun + 63) / 64 * 64;
  }
  return plan;
}

/// Pairs of pixels (kernels/arm/paired_inputs.h), in groups of eight inputs of each: of single
/// pixels, or behind whole rows with padding.
constexpr ArmGemmPlan PlanPairedGemm(const Conv2DParams& p) {
  ArmGemmPlan plan{PlanRows(p, 8, 1), IsPointwise(p), false, 0, 0};
  if (plan.pointwise) {
    const std::int32_t pixels = plan.rows.flat ? plan.rows.row_pixels : p.output_w;
    const auto pairs = static_cast<std::size_t>((pixels + 1) / 2);
    plan.scratch_bytes = (pairs * 2 * static_cast<std::size_t>(p.input_c) + 63) / 64 * 64;
  } else {
    const std::size_t rows = static_cast<std::size_t>(p.kernel_h) + (plan.rows.pad_row ? 1 : 0);
    plan.scratch_bytes = plan.rows.scratch_bytes + plan.rows.pointers_bytes +
                         2 * rows * static_cast<std::size_t>(plan.rows.row_bytes);
  }
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_PLAN_H_
