// How Arm's matrix kernels read their inputs, and the scratch for it. Computed alike by the
// compiler, for any target, and the kernel.
#ifndef QUAVER_KERNELS_ARM_GEMM_PLAN_H_
#define QUAVER_KERNELS_ARM_GEMM_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/arm/columns_plan.h"
#include "kernels/generic/row_plan.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

struct ArmGemmPlan {
  RowPlan rows;
  bool pointwise;              // windows are single pixels without padding
  bool in_place;               // ... of whole groups, read where they lie
  std::ptrdiff_t group_bytes;  // from one group of channels to the next
  std::size_t scratch_bytes;
};

/// Inputs as they are, in groups of four. Where windows are single pixels they are read in place:
/// but not where a run ends with three groups, of which kernels read four.
constexpr ArmGemmPlan PlanArmGemm(const Conv2DParams& p) {
  ArmGemmPlan plan{PlanRows(p, 4, 1), IsPointwise(p), false, 0, 0};
  const std::int32_t tap = p.input_c / p.groups;
  plan.group_bytes = tap;
  plan.in_place = plan.pointwise && tap % 4 == 0 && tap % 16 != 12;
  plan.scratch_bytes = plan.in_place ? 0 : plan.rows.scratch_bytes;
  return plan;
}

/// Inputs in pairs of pixels (kernels/arm/paired_inputs.h, paired_rows.h).
struct PairedGemmPlan : ArmGemmPlan {
  // Of windows: planes of pairs, for every phase of the columns x, which is x % stride_w, and chunk
  // of inputs.
  std::int32_t chunk;       // inputs: 16, or 8
  std::int32_t chunks;      // of a group's pixel
  std::int32_t run_chunks;  // that follow each other by the two steps in turn, at most 4
  std::ptrdiff_t chunk_step, odd_chunk_step;
  std::int32_t phases;  // that windows read: the first ones
  std::int32_t plane_pairs;
  std::ptrdiff_t plane_bytes;
  std::ptrdiff_t row_bytes;  // of all planes, a multiple of 64
  std::int32_t block_rows;   // of the output, of which the inputs are copied at a time
  std::size_t copied_bytes;  // of a row of inputs with padding
  std::size_t pointers_bytes;
};

/// Pixels of a tile.
inline constexpr std::int32_t kPairedPixels = 8;

/// How many pixels to copy at a time: what the first-level cache holds.
constexpr std::int32_t PairedBlockPixels(std::int64_t pixels, std::int32_t pixel_bytes) {
  constexpr std::int32_t kBlockBytes = 16 * 1024;
  constexpr std::int32_t kMost = 512;
  const std::int32_t fit = kBlockBytes / pixel_bytes / kPairedPixels * kPairedPixels;
  const std::int32_t block = fit < kPairedPixels ? kPairedPixels : fit > kMost ? kMost : fit;
  return pixels < block ? static_cast<std::int32_t>(pixels) : block;
}

/// Of a window's row, how far the last tap of a phase is from the first one, in windows.
constexpr std::int32_t PairedShift(const Conv2DParams& p, std::int32_t phase) {
  const std::int32_t last = (p.kernel_w - 1) * p.dilation_w;
  return (p.dilation_w == 1 ? last - phase : last) / p.stride_w;
}

/// Strides beyond which the kernel has no planes: it would copy what windows do not read.
inline constexpr std::int32_t kMostPairedStride = 4;

/// How many of `chunks`, which follow each other evenly, are a run.
constexpr std::int32_t RunChunks(std::int32_t chunks, std::int32_t chunk) {
  if (chunk < 16) return 1;
  return chunks % 4 == 0 ? 4 : chunks % 3 == 0 ? 3 : chunks % 2 == 0 ? 2 : 1;
}

/// How many output rows' inputs to copy at a time. Several, so that few rows that they share with
/// the next ones are moved, and panels run over many tiles.
constexpr std::int32_t PairedBlockRows(const Conv2DParams& p, std::int64_t row_bytes) {
  constexpr std::int64_t kBlockBytes = 8 * 1024;
  constexpr std::int64_t kLeast = 4;
  constexpr std::int64_t kMost = 8;
  if (p.dilation_h > 1 || p.stride_h > p.kernel_h) return 1;
  const std::int64_t fit = (kBlockBytes / row_bytes - p.kernel_h) / p.stride_h + 1;
  const std::int64_t rows = fit < kLeast ? kLeast : fit > kMost ? kMost : fit;
  const std::int64_t blocks = (p.output_h + rows - 1) / rows;
  return static_cast<std::int32_t>((p.output_h + blocks - 1) / blocks);
}

constexpr PairedGemmPlan PlanPairedGemm(const Conv2DParams& p) {
  PairedGemmPlan plan{};
  const std::int32_t tap = p.input_c / p.groups;
  plan.rows = PlanRows(p, 8, 1);
  plan.pointwise = IsPointwise(p);
  const auto round_up = [](std::int64_t bytes) {
    return static_cast<std::size_t>((bytes + 63) / 64 * 64);
  };
  if (plan.pointwise) {
    plan.rows.flat = true;
    plan.rows.row_pixels =
        PairedBlockPixels(std::int64_t{p.batch} * p.output_h * p.output_w, p.input_c);
    plan.group_bytes = std::ptrdiff_t{kPairedPixels} * tap;
    const std::int64_t tiles = (plan.rows.row_pixels + kPairedPixels - 1) / kPairedPixels;
    plan.scratch_bytes = round_up(tiles * kPairedPixels * p.input_c);
    return plan;
  }
  constexpr std::int64_t kPointerBytes = 8;
  const std::int32_t last = (p.output_w - 1) / kPairedPixels * kPairedPixels;
  plan.chunk = tap % 16 == 0 ? 16 : 8;
  plan.chunks = tap / plan.chunk;
  plan.phases = p.dilation_w == 1 && p.kernel_w < p.stride_w ? p.kernel_w : p.stride_w;
  // One more, as some are made two at a time.
  plan.plane_pairs = last + kPairedPixels / 2 + PairedShift(p, 0) + 1;
  plan.plane_bytes = 2 * std::ptrdiff_t{plan.plane_pairs} * plan.chunk;
  plan.group_bytes = plan.chunks * plan.plane_bytes;
  // Chunks of a tap are a plane apart. Those of neighbours are beside each other, a pair apart, and
  // with a stride of 2 in the planes of both phases in turn.
  const bool is_tap = plan.chunks == 1 && p.dilation_w == 1;
  const std::ptrdiff_t pair_bytes = 2 * std::ptrdiff_t{plan.chunk};
  if (is_tap && p.stride_w == 1) {
    plan.chunk_step = plan.odd_chunk_step = pair_bytes;
    plan.run_chunks = RunChunks(p.kernel_w, plan.chunk);
  } else if (is_tap && p.stride_w == 2 && p.kernel_w <= 4) {
    plan.chunk_step = p.groups * plan.group_bytes;
    plan.odd_chunk_step = pair_bytes - plan.chunk_step;
    plan.run_chunks = RunChunks(p.kernel_w, plan.chunk);
  } else {
    plan.chunk_step = plan.odd_chunk_step = plan.plane_bytes;
    plan.run_chunks = RunChunks(plan.chunks, plan.chunk);
  }
  plan.rows.padded_run = plan.run_chunks * plan.chunk;
  plan.rows.runs = p.kernel_h * p.kernel_w * plan.chunks / plan.run_chunks;
  plan.row_bytes = static_cast<std::ptrdiff_t>(
      round_up(std::int64_t{plan.phases} * p.groups * plan.group_bytes));
  plan.block_rows = PairedBlockRows(p, plan.row_bytes);
  plan.copied_bytes =
      round_up(std::int64_t{plan.plane_pairs + kPairedPixels / 2} * p.stride_w * p.input_c);
  plan.pointers_bytes = round_up((plan.rows.runs + 1) * kPointerBytes);
  const std::int64_t rows = p.kernel_h + std::int64_t{plan.block_rows - 1} * p.stride_h;
  plan.scratch_bytes =
      plan.pointers_bytes + plan.copied_bytes + static_cast<std::size_t>(rows * plan.row_bytes);
  return plan;
}

/// Of windows that are gathered column by column.
struct PairedColumnsPlan {
  ColumnsPlan columns;
  std::int32_t window_bytes;  // a multiple of 8
  std::int32_t column_bytes;  // of the pairs of a column
  std::size_t scratch_bytes;
};

constexpr PairedColumnsPlan PlanPairedColumns(const Conv2DParams& p) {
  PairedColumnsPlan plan{PlanColumns(p), 0, 0, 0};
  plan.window_bytes = (p.kernel_h * plan.columns.run_bytes + 7) / 8 * 8;
  const std::int32_t tiles = (plan.columns.rows + kPairedPixels - 1) / kPairedPixels;
  plan.column_bytes = tiles * kPairedPixels * plan.window_bytes;
  plan.scratch_bytes = plan.columns.scratch_bytes + static_cast<std::size_t>(plan.columns.columns) *
                                                        static_cast<std::size_t>(plan.column_bytes);
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_GEMM_PLAN_H_
