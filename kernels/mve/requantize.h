// int32 accumulators to int8, exactly as kernels/requantize.h: VQDMULH and VRSHL round once as on
// NEON (docs/arithmetic.md). Included only by files compiled for Helium; everything has internal
// linkage.
#ifndef QUAVER_KERNELS_MVE_REQUANTIZE_H_
#define QUAVER_KERNELS_MVE_REQUANTIZE_H_

#include <arm_mve.h>

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// requant(x, m, s) of docs/arithmetic.md for shifts <= -1 in all lanes.
inline int32x4_t ScaleRight(int32x4_t x, int32x4_t multiplier, int32x4_t shift) {
  return vrshlq_s32(vqdmulhq_s32(x, multiplier), shift);
}

/// The same for all shifts, with multipliers that are 0 or in [2^30, 2^31).
inline int32x4_t Scale(int32x4_t x, int32x4_t multiplier, int32x4_t shift) {
  const int32x4_t right = vminq_s32(shift, vdupq_n_s32(-1));
  const int32x4_t left = vsubq_s32(shift, right);
  return ScaleRight(vqshlq_s32(x, left), multiplier, right);
}

/// The largest of `count` >= 1 shifts.
inline std::int32_t LargestShift(const std::int8_t* shifts, std::int32_t count) {
  std::int32_t largest = INT8_MIN;
  for (std::int32_t i = 0; i < count; i += 16) {
    const mve_pred16_t lanes = vctp8q(static_cast<std::uint32_t>(count - i));
    largest = vmaxvq_p_s8(static_cast<std::int8_t>(largest), vldrbq_z_s8(shifts + i, lanes), lanes);
  }
  return largest;
}

/// Output values of neighbouring channels from their sums, bias included.
class OutputRow {
 public:
  /// Of channels [begin, end) of `stage`, that all calls are about.
  OutputRow(const OutputStage& stage, std::int32_t begin, std::int32_t end)
      : stage_(stage), only_right_(LargestShift(stage.shift + begin, end - begin) <= -1) {}

  [[nodiscard]] bool only_right() const { return only_right_; }

  /// Channels [channel, channel + count).
  void Store(const std::int32_t* sums, std::int32_t channel, std::int32_t count,
             std::int8_t* output) const {
    if (only_right_) {
      StoreRight(sums, stage_.multiplier + channel, stage_.shift + channel, count, output);
      return;
    }
    for (std::int32_t i = 0; i < count; i += 4) {
      const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(count - i));
      const int32x4_t scaled =
          Scale(vldrwq_z_s32(sums + i, lanes), vldrwq_z_s32(stage_.multiplier + channel + i, lanes),
                vldrbq_z_s32(stage_.shift + channel + i, lanes));
      vstrbq_p_s32(output + i, Finish(scaled), lanes);
    }
  }

  /// The same channels of two pixels.
  void StoreTwo(const std::int32_t* sums0, const std::int32_t* sums1, std::int32_t channel,
                std::int32_t count, std::int8_t* output0, std::int8_t* output1) const {
    if (only_right_) {
      StoreTwoRight(sums0, sums1, stage_.multiplier + channel, stage_.shift + channel, count,
                    output0, output1);
      return;
    }
    Store(sums0, channel, count, output0);
    Store(sums1, channel, count, output1);
  }

  /// + zero point, clamped. Scaled values are at most 2^30 in magnitude.
  [[nodiscard]] int32x4_t Finish(int32x4_t scaled) const {
    const int32x4_t value = vaddq_n_s32(scaled, stage_.zero_point);
    return vminq_s32(vmaxq_s32(value, vdupq_n_s32(stage_.clamp_min)),
                     vdupq_n_s32(stage_.clamp_max));
  }

 private:
  // GCC 12 makes no tail-predicated loops of intrinsics: in one, lanes beyond `count` are neither
  // read nor written, at no cost.
  void StoreRight(const std::int32_t* sums, const std::int32_t* multiplier,
                  const std::int8_t* shift, std::int32_t count, std::int8_t* output) const {
    asm volatile(
        "dlstp.32 lr, %[count]\n"
        "1:\n\t"
        "vldrw.32 q0, [%[sums]], #16\n\t"
        "vldrw.32 q1, [%[multiplier]], #16\n\t"
        "vqdmulh.s32 q0, q0, q1\n\t"
        "vldrb.s32 q1, [%[shift]], #4\n\t"
        "vrshl.s32 q0, q0, q1\n\t"
        "vadd.i32 q0, q0, %[zero_point]\n\t"
        "vmax.s32 q0, q0, %q[low]\n\t"
        "vmin.s32 q0, q0, %q[high]\n\t"
        "vstrb.32 q0, [%[output]], #4\n\t"
        "letp lr, 1b\n"
        :
        [sums] "+r"(sums), [multiplier] "+r"(multiplier), [shift] "+l"(shift), [output] "+l"(output)
        : [count] "r"(count), [zero_point] "r"(stage_.zero_point),
          [low] "w"(vdupq_n_s32(stage_.clamp_min)), [high] "w"(vdupq_n_s32(stage_.clamp_max))
        : "q0", "q1", "lr", "memory");
  }

  void StoreTwoRight(const std::int32_t* sums0, const std::int32_t* sums1,
                     const std::int32_t* multiplier, const std::int8_t* shift, std::int32_t count,
                     std::int8_t* output0, std::int8_t* output1) const {
    asm volatile(
        "dlstp.32 lr, %[count]\n"
        "1:\n\t"
        "vldrw.32 q1, [%[multiplier]], #16\n\t"
        "vldrw.32 q0, [%[sums0]], #16\n\t"
        "vqdmulh.s32 q0, q0, q1\n\t"
        "vldrw.32 q2, [%[sums1]], #16\n\t"
        "vqdmulh.s32 q2, q2, q1\n\t"
        "vldrb.s32 q1, [%[shift]], #4\n\t"
        "vrshl.s32 q0, q0, q1\n\t"
        "vadd.i32 q0, q0, %[zero_point]\n\t"
        "vrshl.s32 q2, q2, q1\n\t"
        "vmax.s32 q0, q0, %q[low]\n\t"
        "vadd.i32 q2, q2, %[zero_point]\n\t"
        "vmin.s32 q0, q0, %q[high]\n\t"
        "vmax.s32 q2, q2, %q[low]\n\t"
        "vstrb.32 q0, [%[output0]], #4\n\t"
        "vmin.s32 q2, q2, %q[high]\n\t"
        "vstrb.32 q2, [%[output1]], #4\n\t"
        "letp lr, 1b\n"
        : [sums0] "+r"(sums0), [sums1] "+r"(sums1), [multiplier] "+r"(multiplier),
          [shift] "+l"(shift), [output0] "+l"(output0), [output1] "+l"(output1)
        : [count] "r"(count), [zero_point] "r"(stage_.zero_point),
          [low] "w"(vdupq_n_s32(stage_.clamp_min)), [high] "w"(vdupq_n_s32(stage_.clamp_max))
        : "q0", "q1", "q2", "lr", "memory");
  }

  const OutputStage& stage_;
  bool only_right_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_MVE_REQUANTIZE_H_
