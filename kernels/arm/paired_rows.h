// Inputs of windows of several pixels as SMMLA takes them.
#ifndef QUAVER_KERNELS_ARM_PAIRED_ROWS_H_
#define QUAVER_KERNELS_ARM_PAIRED_ROWS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm.h"
#include "kernels/arm/gemm_plan.h"
#include "kernels/arm/memory.h"

namespace quaver::kernels {
namespace {

/// Larger windows. Pixels i and i + 4 of a tile are pair i, so that a tap's inputs of all pairs of
/// a tile are neighbours where every pixel of the input, with padding, is stored before the one
/// that is 4 * stride_w further on. Pixels that windows begin with are apart from the others, kind
/// by kind ("phases"). Chunk by chunk of 16 inputs a pair has eight of both pixels, then the
/// others.
///
/// The rows of some output rows' windows are there at a time; those that the next windows share are
/// moved to the front.
class PairedRows {
 public:
  /// `row`: the first output row that Next prepares.
  PairedRows(const Conv2DParams& p, const PairedGemmPlan& plan, std::int8_t* scratch,
             std::int32_t row)
      : p_(p),
        plan_(plan),
        runs_(reinterpret_cast<const std::uint8_t**>(scratch)),
        row_(scratch + plan.pointers_bytes),
        planes_(row_ + plan.copied_bytes),
        pixel_bytes_(p.input_c),
        image_(p.input + row / p.output_h * ImageBytes()),
        output_y_(row % p.output_h) {
    FillBytes(row_, static_cast<std::ptrdiff_t>(plan.copied_bytes));
    SetRuns();
    for (std::int32_t phase = 0; phase < plan.phases; ++phase) {
      phase_pairs_[phase] = (p.output_w - 1) / kPairedPixels * kPairedPixels + kPairedPixels / 2 +
                            PairedShift(p, phase);
    }
    const std::int32_t room = plan.rows.row_pixels - p.pad_left;
    inside_bytes_ = (p.input_w < room ? p.input_w : room) * pixel_bytes_;
  }

  /// Run s of output pixel x begins at runs()[s] + x * pixel_step() where x is a multiple of 8; its
  /// next chunk is chunk_step() later, the one after that another odd_chunk_step(), and so on in
  /// turn, and the chunk of the next output row row_step(). Behind the last run is a null pointer.
  [[nodiscard]] const std::uint8_t* const* runs() const { return runs_; }
  [[nodiscard]] std::ptrdiff_t pixel_step() const { return 2 * std::ptrdiff_t{plan_.chunk}; }
  [[nodiscard]] std::ptrdiff_t chunk_step() const { return plan_.chunk_step; }
  [[nodiscard]] std::ptrdiff_t odd_chunk_step() const { return plan_.odd_chunk_step; }
  [[nodiscard]] std::ptrdiff_t row_step() const { return p_.stride_h * plan_.row_bytes; }

  /// The next output rows, at most so many. Returns how many they are.
  std::int32_t Next(std::int32_t most) {
    if (output_y_ == p_.output_h) {
      output_y_ = 0;
      image_ += ImageBytes();
      kept_ = 0;
    }
    const std::int32_t count = Least(Least(most, plan_.block_rows), p_.output_h - output_y_);
    const std::int32_t input_rows = p_.kernel_h + (count - 1) * p_.stride_h;
    const std::int32_t top = output_y_ * p_.stride_h - p_.pad_top;
    if (kept_ > 0) {
      Copy64Bytes(planes_ + kept_from_ * plan_.row_bytes, planes_, kept_ * plan_.row_bytes / 64);
    }
    for (std::int32_t i = kept_; i < input_rows; ++i) {
      SetRow(top + i * p_.dilation_h, planes_ + i * plan_.row_bytes);
    }
    kept_from_ = count * p_.stride_h;
    if (p_.dilation_h == 1 && kept_from_ < input_rows) kept_ = input_rows - kept_from_;
    output_y_ += count;
    return count;
  }

 private:
  [[nodiscard]] std::ptrdiff_t ImageBytes() const {
    return std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c;
  }

  // A multiple of 64 bytes.
  void FillBytes(std::int8_t* target, std::ptrdiff_t bytes) const {
    const int8x16_t value = vdupq_n_s8(static_cast<std::int8_t>(p_.pad_value));
    for (std::ptrdiff_t i = 0; i < bytes; i += 64) {
      for (int v = 0; v < 4; ++v) vst1q_s8(target + i + 16 * v, value);
    }
  }

  void SetRuns() {
    const std::uint8_t** run = runs_;
    std::int32_t next = 0;  // chunks from here to the next run
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      const auto* planes = reinterpret_cast<const std::uint8_t*>(planes_ + ky * plan_.row_bytes);
      for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
        const std::int32_t x = kx * p_.dilation_w;
        const std::uint8_t* tap = planes + x % p_.stride_w * p_.groups * plan_.group_bytes +
                                  x / p_.stride_w * pixel_step();
        for (std::int32_t chunk = 0; chunk < plan_.chunks; ++chunk, tap += plan_.plane_bytes) {
          if (next == 0) *run++ = tap, next = plan_.run_chunks;
          --next;
        }
      }
    }
    *run = nullptr;
  }

  // Row y of the image, or padding.
  [[gnu::noinline]] void SetRow(std::int32_t y, std::int8_t* planes) const {
    if (static_cast<std::uint32_t>(y) >= static_cast<std::uint32_t>(p_.input_h)) {
      FillBytes(planes, plan_.row_bytes);
      return;
    }
    const std::ptrdiff_t inside = inside_bytes_;
    const std::int8_t* source = image_ + y * p_.input_w * pixel_bytes_;
    std::int8_t* target = row_ + p_.pad_left * pixel_bytes_;
    const std::ptrdiff_t blocks = inside >> 6;
    Copy64Bytes(source, target, blocks);
    for (std::ptrdiff_t i = 64 * blocks; i < inside; i += 8) {
      vst1_s8(target + i, vld1_s8(source + i));
    }
    const std::int8_t* pixel = row_;
    if (pixel_bytes_ == 16 && p_.stride_w == 2 && plan_.phases == 2 && plan_.chunk == 16) {
      // Of both phases together.
      PairNext(pixel, pixel + 16 * kPairedPixels, phase_pairs_[0], planes,
               planes + plan_.group_bytes, 32);
      return;
    }
    for (std::int32_t phase = 0; phase < plan_.phases; ++phase, pixel += pixel_bytes_) {
      PairPixels(pixel, phase_pairs_[phase], planes);
      planes += p_.groups * plan_.group_bytes;
    }
  }

  void PairPixels(const std::int8_t* pixel, std::int32_t count, std::int8_t* target) const {
    const std::ptrdiff_t step = p_.stride_w * pixel_bytes_;
    const std::int8_t* partner = pixel + kPairedPixels / 2 * step;
    if (step == 16 && plan_.chunk == 16) {
      // Two pixels at a time, of an even number: another one than needed does no harm.
      PairNext(pixel, partner, (count + 1) / 2, target, target + 32, 64);
      return;
    }
    std::ptrdiff_t left = plan_.chunk == 16 ? pixel_bytes_ : 0;
    for (; left >= 32; left -= 32, target += 2 * plan_.plane_bytes) {
      PairTwo(pixel, partner, step, count, target, target + plan_.plane_bytes);
      pixel += 32;
      partner += 32;
    }
    if (left > 0) PairOne(pixel, partner, step, count, target);
    if (plan_.chunk == 16) return;
    for (std::ptrdiff_t i = 0; i < pixel_bytes_; i += 8, target += plan_.plane_bytes) {
      PairEights(pixel + i, partner + i, step, count, target);
    }
  }

  // Of `count` pixels eight inputs, to be followed by the same of their partners.
  static void PairEights(const std::int8_t* pixel, const std::int8_t* partner, std::ptrdiff_t step,
                         std::int32_t count, std::int8_t* target) {
    for (; count > 0; --count, pixel += step, partner += step, target += 16) {
      vst1q_s8(target, vcombine_s8(vld1_s8(pixel), vld1_s8(partner)));
    }
  }

  // ... sixteen.
  static void PairOne(const std::int8_t* pixel, const std::int8_t* partner, std::ptrdiff_t step,
                      std::int32_t count, std::int8_t* target) {
    for (; count > 0; --count) {
      asm volatile(
          "ld1 {v0.2d}, [%0], %3\n"
          "ld1 {v1.2d}, [%1], %3\n"
          "st2 {v0.2d, v1.2d}, [%2], #32\n"
          : "+r"(pixel), "+r"(partner), "+r"(target)
          : "r"(step)
          : "v0", "v1", "memory");
    }
  }

  // ... twice sixteen, to different places.
  static void PairTwo(const std::int8_t* pixel, const std::int8_t* partner, std::ptrdiff_t step,
                      std::int32_t count, std::int8_t* target, std::int8_t* target2) {
    if (step == 32) return PairNext(pixel, partner, count, target, target2, 32);
    for (; count > 0; --count) {
      asm volatile(
          "ldp q0, q2, [%0]\n"
          "ldp q1, q3, [%1]\n"
          "add %0, %0, %4\n"
          "add %1, %1, %4\n"
          "st2 {v0.2d, v1.2d}, [%2], #32\n"
          "st2 {v2.2d, v3.2d}, [%3], #32\n"
          : "+r"(pixel), "+r"(partner), "+r"(target), "+r"(target2)
          : "r"(step)
          : "v0", "v1", "v2", "v3", "memory");
    }
  }

  // The same of `count` times 32 bytes that lie together.
  static void PairNext(const std::int8_t* pixel, const std::int8_t* partner, std::int32_t count,
                       std::int8_t* target, std::int8_t* target2, std::ptrdiff_t target_step) {
    if ((count & 1) != 0) PairNextOne(pixel, partner, target, target2, target_step);
    for (count >>= 1; count > 0; --count) {
      PairNextOne(pixel, partner, target, target2, target_step);
      PairNextOne(pixel, partner, target, target2, target_step);
    }
  }
  [[gnu::always_inline]] static void PairNextOne(const std::int8_t*& pixel,
                                                 const std::int8_t*& partner, std::int8_t*& target,
                                                 std::int8_t*& target2,
                                                 std::ptrdiff_t target_step) {
    asm volatile(
        "ldp q0, q2, [%0], #32\n"
        "ldp q1, q3, [%1], #32\n"
        "st2 {v0.2d, v1.2d}, [%2], %4\n"
        "st2 {v2.2d, v3.2d}, [%3], %4\n"
        : "+r"(pixel), "+r"(partner), "+r"(target), "+r"(target2)
        : "r"(target_step)
        : "v0", "v1", "v2", "v3", "memory");
  }

  const Conv2DParams& p_;
  const PairedGemmPlan& plan_;
  const std::uint8_t** runs_;
  std::int8_t* row_;  // of inputs with padding
  std::int8_t* planes_;
  std::ptrdiff_t pixel_bytes_;
  std::ptrdiff_t inside_bytes_;  // of a row without padding
  std::int32_t phase_pairs_[kMostPairedStride];
  const std::int8_t* image_;
  std::int32_t output_y_;
  std::int32_t kept_ = 0;  // rows of the next windows that are here
  std::int32_t kept_from_ = 0;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_PAIRED_ROWS_H_
