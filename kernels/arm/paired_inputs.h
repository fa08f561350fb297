// Inputs as SMMLA takes them: groups of eight of a pixel, each followed by the same eight of the
// next pixel of the output row.
#ifndef QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_
#define QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm.h"
#include "kernels/arm/plain_inputs.h"

namespace quaver::kernels {
namespace {

/// Eight bytes of a, eight of b, and so on; `count` of each, a multiple of 8.
inline void PairEights(const std::int8_t* a, const std::int8_t* b, std::ptrdiff_t count,
                       std::int8_t* target) {
  // ST2 stores the first halves of both registers, then the second.
  for (; count >= 64; count -= 64) {
    asm volatile(
        "ldp q0, q2, [%0], #32\n"
        "ldp q1, q3, [%1], #32\n"
        "ldp q4, q6, [%0], #32\n"
        "ldp q5, q7, [%1], #32\n"
        "st2 {v0.2d, v1.2d}, [%2], #32\n"
        "st2 {v2.2d, v3.2d}, [%2], #32\n"
        "st2 {v4.2d, v5.2d}, [%2], #32\n"
        "st2 {v6.2d, v7.2d}, [%2], #32\n"
        : "+r"(a), "+r"(b), "+r"(target)
        :
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "memory");
  }
  if (count >= 32) {
    asm volatile(
        "ldp q0, q2, [%0], #32\n"
        "ldp q1, q3, [%1], #32\n"
        "st2 {v0.2d, v1.2d}, [%2], #32\n"
        "st2 {v2.2d, v3.2d}, [%2], #32\n"
        : "+r"(a), "+r"(b), "+r"(target)
        :
        : "v0", "v1", "v2", "v3", "memory");
    count -= 32;
  }
  if (count >= 16) {
    asm volatile(
        "ldr q0, [%0], #16\n"
        "ldr q1, [%1], #16\n"
        "st2 {v0.2d, v1.2d}, [%2], #32\n"
        : "+r"(a), "+r"(b), "+r"(target)
        :
        : "v0", "v1", "memory");
    count -= 16;
  }
  if (count > 0) vst1q_s8(target, vcombine_s8(vld1_s8(a), vld1_s8(b)));
}

/// Pairs of neighbours of 16 bytes each; an even number of pixels.
inline void PairSixteens(const std::int8_t* pixels, std::int32_t count, std::int8_t* target) {
  for (; count >= 4; count -= 4) {
    asm volatile(
        "ldp q0, q1, [%0], #32\n"
        "ldp q2, q3, [%0], #32\n"
        "st2 {v0.2d, v1.2d}, [%1], #32\n"
        "st2 {v2.2d, v3.2d}, [%1], #32\n"
        : "+r"(pixels), "+r"(target)
        :
        : "v0", "v1", "v2", "v3", "memory");
  }
  if (count > 0) PairEights(pixels, pixels + 16, 16, target);
}

/// The same of 32 bytes each.
inline void PairThirtyTwos(const std::int8_t* pixels, std::int32_t count, std::int8_t* target) {
  for (; count > 0; count -= 2) {
    asm volatile(
        "ldp q0, q2, [%0], #32\n"
        "ldp q1, q3, [%0], #32\n"
        "st2 {v0.2d, v1.2d}, [%1], #32\n"
        "st2 {v2.2d, v3.2d}, [%1], #32\n"
        : "+r"(pixels), "+r"(target)
        :
        : "v0", "v1", "v2", "v3", "memory");
  }
}

/// Windows of one pixel each, without padding: the pixels of an output row two by two.
class PairedPixels {
 public:
  PairedPixels(const Conv2DParams& p, std::int8_t* scratch, std::int32_t row)
      : p_(p), in_place_(p, row), pairs_(scratch), run_(reinterpret_cast<std::uint8_t*>(scratch)) {}

  [[nodiscard]] const std::uint8_t* const* runs() const { return &run_; }
  /// From a pixel to the next: half of a pair.
  [[nodiscard]] std::ptrdiff_t pixel_step() const { return p_.input_c; }

  void Next() {
    in_place_.Next();
    Pair(p_.output_w);
  }
  void Pixels(std::int64_t first, std::int32_t count) {
    in_place_.Pixels(first, count);
    Pair(count);
  }

 private:
  void Pair(std::int32_t count) {
    const auto* pixel = reinterpret_cast<const std::int8_t*>(*in_place_.runs());
    const std::int32_t even = count / 2 * 2;
    const bool neighbours = in_place_.pixel_step() == p_.input_c;
    run_ = reinterpret_cast<const std::uint8_t*>(pairs_);
    if (neighbours && p_.input_c == 8 && even == count) {
      run_ = *in_place_.runs();
    } else if (neighbours && p_.input_c == 16) {
      PairSixteens(pixel, even, pairs_);
    } else if (neighbours && p_.input_c == 32) {
      PairThirtyTwos(pixel, even, pairs_);
    } else {
      PairAny(pixel, even);
    }
    // The last of an odd number is its own partner.
    if (even < count) {
      pixel += even * in_place_.pixel_step();
      PairEights(pixel, pixel, p_.input_c, pairs_ + even * std::ptrdiff_t{p_.input_c});
    }
  }

  void PairAny(const std::int8_t* pixel, std::int32_t count) {
    const std::ptrdiff_t step = in_place_.pixel_step();
    std::int8_t* target = pairs_;
    for (std::int32_t i = 0; i < count; i += 2) {
      PairEights(pixel, pixel + step, p_.input_c, target);
      pixel += 2 * step;
      target += 2 * std::ptrdiff_t{p_.input_c};
    }
  }

  const Conv2DParams& p_;
  InPlaceInputs in_place_;
  std::int8_t* pairs_;
  const std::uint8_t* run_;  // they, or the pixels in place
};

/// Rows with padding, of which every pixel is followed by its partner, group by group: windows move
/// by any number of pixels.
class PairedRows {
 public:
  PairedRows(const Conv2DParams& p, const ArmGemmPlan& plan, std::int8_t* scratch, std::int32_t row)
      : plan_(plan.rows),
        rows_(p, plan, scratch, row),
        source_(scratch + plan.rows.pointers_bytes),
        runs_(reinterpret_cast<const std::uint8_t**>(scratch + plan.rows.scratch_bytes)),
        target_(scratch + plan.rows.scratch_bytes + plan.rows.pointers_bytes),
        pixel_bytes_(p.input_c),
        kernel_h_(p.kernel_h),
        row_runs_(plan.rows.runs / p.kernel_h) {}

  [[nodiscard]] const std::uint8_t* const* runs() const { return runs_; }
  [[nodiscard]] std::ptrdiff_t pixel_step() const { return 2 * plan_.pixel_step; }

  void Next() {
    rows_.Next();
    for (std::int32_t ky = 0; ky < kernel_h_; ++ky) {
      const std::int32_t first = ky * row_runs_;
      if (ky >= rows_.kept()) PairRow(Source(first));
      for (std::int32_t s = first; s < first + row_runs_; ++s) {
        runs_[s] = reinterpret_cast<const std::uint8_t*>(Target(Source(s)));
      }
    }
  }

 private:
  [[nodiscard]] const std::int8_t* Source(std::int32_t run) const {
    return reinterpret_cast<const std::int8_t*>(rows_.runs()[run]);
  }
  [[nodiscard]] std::int8_t* Target(const std::int8_t* source) const {
    return target_ + 2 * (source - source_);
  }

  // The last pixels of a row, which are the first of no pair, are their own partners.
  void PairRow(const std::int8_t* row) const {
    const std::ptrdiff_t step = plan_.pixel_step;
    const std::ptrdiff_t all = std::ptrdiff_t{plan_.row_pixels} * pixel_bytes_;
    const std::ptrdiff_t firsts = all > step ? all - step : 0;
    PairEights(row, row + step, firsts, Target(row));
    PairEights(row + firsts, row + firsts, all - firsts, Target(row + firsts));
  }

  const RowPlan& plan_;
  CopiedRows<false> rows_;
  const std::int8_t* source_;
  const std::uint8_t** runs_;
  std::int8_t* target_;
  std::int32_t pixel_bytes_;
  std::int32_t kernel_h_;
  std::int32_t row_runs_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_PAIRED_INPUTS_H_
