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
  std::size_t scratch_bytes;
};

/// Inputs as they are, in groups of four. Where windows are single pixels they are read in place:
/// but not where a run ends with three groups, of which kernels read four.
constexpr ArmGemmPlan PlanArmGemm(const Conv2DParams& p) {
  ArmGemmPlan plan{PlanRows(p, 4, 1), IsPointwise(p), false, 0};
  const std::int32_t tap = p.input_c / p.groups;
  plan.in_place = plan.pointwise && tap % 4 == 0 && tap % 16 != 12;
  plan.scratch_bytes = plan.in_place ? 0 : plan.rows.scratch_bytes;
  return plan;
}

/// Pairs of pixels (kernels/arm/paired_inputs.h), in groups of eight inputs of each: of single
/// pixels, or behind whole rows with padding.
constexpr ArmGemmPlan PlanPairedGemm(const Conv2DParams& p) {
  ArmGemmPlan plan{PlanRows(p, 8, 1), IsPointwise(p), false, 0};
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
