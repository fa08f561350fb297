// The windows of a layer with few input channels, as Arm's matrix kernels gather them, and the
// scratch for it. Computed alike by the compiler, for any target, and the kernel.
#ifndef QUAVER_KERNELS_ARM_COLUMNS_PLAN_H_
#define QUAVER_KERNELS_ARM_COLUMNS_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/row_plan.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// For each column of output pixels, the runs that its windows have in the rows of the input lie
/// one after the other:
///
///   run of row 0, run of row 1, ...   run_bytes each
///
/// so that a window is kernel_h of them, without gaps, and the next window of the column begins
/// stride_h of them later. Of neighbours in a column, windows share what has been copied: it costs
/// stride_h copies a pixel, not kernel_h.
struct ColumnsPlan {
  std::int32_t run_bytes;      // a row of a window
  std::int32_t window_bytes;   // all of them, and what fills the last group of four
  std::int32_t copy_bytes;     // at a time, not less than a run: the next one comes over the rest
  std::int32_t rows, columns;  // output pixels of a block
  std::int32_t column_bytes;   // from a column of a block to the next
  std::size_t block_bytes;     // a multiple of 64
  std::size_t scratch_bytes;   // a block, a row of the input, a run of padding
};

inline constexpr std::int32_t kLongestColumnRun = 32;

/// Whether windows are to be gathered: where runs are so short that most of what a tile does for
/// each of them is no product, and enough rows for tiles that go down the columns.
constexpr bool ColumnsFit(const Conv2DParams& p) {
  constexpr std::int32_t kLeastRows = 8;
  return p.groups == 1 && p.dilation_h == 1 && p.dilation_w == 1 && p.kernel_h > 1 &&
         p.stride_h <= p.kernel_h && p.stride_w <= p.kernel_w &&
         p.kernel_w <= kLongestColumnRun / p.input_c &&
         (p.output_h >= kLeastRows || p.output_h % 4 == 0);
}

constexpr std::int32_t ColumnCopyBytes(std::int32_t run_bytes) {
  std::int32_t bytes = 4;
  while (bytes < run_bytes) bytes *= 2;
  return bytes;
}

/// Rows of the input that the windows of so many output rows reach over.
constexpr std::int32_t ColumnInputRows(const Conv2DParams& p, std::int32_t rows) {
  return (rows - 1) * p.stride_h + p.kernel_h;
}

constexpr ColumnsPlan PlanColumns(const Conv2DParams& p) {
  // What the first-level cache holds beside the output, and rows in tiles of four or eight.
  constexpr std::int32_t kBlockBytes = 8 * 1024;
  constexpr std::int32_t kMostRows = 32;
  constexpr std::int32_t kLeastRows = 8;
  ColumnsPlan plan{};
  plan.run_bytes = p.kernel_w * p.input_c;
  plan.window_bytes = (p.kernel_h * plan.run_bytes + 3) / 4 * 4;
  plan.copy_bytes = ColumnCopyBytes(plan.run_bytes);
  const auto column_bytes = [&](std::int32_t rows) {
    return ColumnInputRows(p, rows) * plan.run_bytes + plan.copy_bytes;
  };
  plan.rows = p.output_h < kMostRows ? p.output_h : kMostRows;
  while (plan.rows > kLeastRows && column_bytes(plan.rows) > kBlockBytes / p.output_w) {
    plan.rows = (plan.rows / 2 + kLeastRows - 1) / kLeastRows * kLeastRows;
  }
  plan.column_bytes = column_bytes(plan.rows);
  const std::int32_t fit = plan.column_bytes < kBlockBytes ? kBlockBytes / plan.column_bytes : 1;
  const std::int32_t blocks = (p.output_w + fit - 1) / fit;
  plan.columns = (p.output_w + blocks - 1) / blocks;
  const auto round = [](std::int32_t bytes) { return (bytes + kRowOverrun + 63) / 64 * 64; };
  plan.block_bytes = static_cast<std::size_t>(round(plan.columns * plan.column_bytes));
  const std::int32_t pixels = (plan.columns - 1) * p.stride_w + p.kernel_w;
  plan.scratch_bytes = plan.block_bytes + static_cast<std::size_t>(round(pixels * p.input_c)) +
                       static_cast<std::size_t>(kLongestColumnRun);
  plan.scratch_bytes = (plan.scratch_bytes + 63) / 64 * 64;
  return plan;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_COLUMNS_PLAN_H_
