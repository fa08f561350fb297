// The sizes of a convolution by Winograd's minimal filtering (kernels/avx2/winograd.cc), and
// whether it takes one. Computed alike by the compiler, for any target, and the kernel.
#ifndef QUAVER_KERNELS_X86_WINOGRAD_PLAN_H_
#define QUAVER_KERNELS_X86_WINOGRAD_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Output pixels that one set of products gives.
inline constexpr std::int32_t kQuadPixels = 4;
/// Output rows that use a panel of weights before the next panel is read.
inline constexpr std::int32_t kWinogradRows = 4;

struct WinogradPlan {
  std::int32_t quads;         // of an output row, the last one perhaps partly beyond its end
  std::int32_t rows;          // of the input that are kept transformed
  std::ptrdiff_t quad_bytes;  // of one row and quad: kFilterTerms values of 16 bits a channel
  std::ptrdiff_t row_bytes;
  std::size_t scratch_bytes;  // the kept rows and one of padding
};

constexpr WinogradPlan PlanWinograd(const Conv2DParams& p) {
  WinogradPlan plan{};
  plan.quads = (p.output_w + kQuadPixels - 1) / kQuadPixels;
  plan.rows = p.kernel_h + kWinogradRows - 1;
  plan.quad_bytes = std::ptrdiff_t{2 * kFilterTerms} * p.input_c;
  plan.row_bytes = (plan.quads * plan.quad_bytes + 63) / 64 * 64;
  plan.scratch_bytes =
      static_cast<std::size_t>(plan.row_bytes) * (static_cast<std::size_t>(plan.rows) + 1);
  return plan;
}

/// Sums of 24 times the products, of which each is at most 2^14, have to fit int32; the scratch a
/// megabyte; and the rows quads well enough to save products.
constexpr bool WinogradFits(const Conv2DParams& p) {
  constexpr std::int64_t kMostDepth = (std::int64_t{1} << 31) / (24 << 14);
  constexpr std::int64_t kMostScratch = 1 << 20;
  if (p.kernel_w != kFilterTaps || p.stride_w != 1 || p.stride_h != 1 || p.dilation_w != 1 ||
      p.dilation_h != 1 || p.groups != 1 || p.input_c % 8 != 0) {
    return false;
  }
  const std::int64_t quads = (std::int64_t{p.output_w} + kQuadPixels - 1) / kQuadPixels;
  if (3 * std::int64_t{p.output_w} < 8 * quads) return false;
  const std::int64_t depth = std::int64_t{p.kernel_h} * p.kernel_w * p.input_c;
  const std::int64_t row = quads * 2 * kFilterTerms * p.input_c + 64;
  return depth < kMostDepth && row * (std::int64_t{p.kernel_h} + kWinogradRows) < kMostScratch;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_WINOGRAD_PLAN_H_
