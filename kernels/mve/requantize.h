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

// Pieces of the loops in OutputRow: four channels of the pixels whose accumulators are in q0 to q3,
// as many of these as a macro says. Of each channel, q4 and q5 are what is added, multiplied with,
// shifted by.
#define QUAVER_EACH_1(op, operands) op " q0, q0, " operands "\n\t"
#define QUAVER_EACH_2(op, operands) QUAVER_EACH_1(op, operands) op " q1, q1, " operands "\n\t"
#define QUAVER_EACH_4(op, operands) \
  QUAVER_EACH_2(op, operands) op " q2, q2, " operands "\n\t" op " q3, q3, " operands "\n\t"

/// requant for shifts <= -1: VRSHL by q5.
#define QUAVER_SHIFTS_RIGHT(pixels) "vldrb.s32 q5, [%[shift]], #4\n\t"
/// For any: before, VQSHL by what is above -1.
#define QUAVER_SHIFTS_ANY(pixels)    \
  "vldrb.s32 q4, [%[shift]], #4\n\t" \
  "vmvn.i32 q5, #0\n\t"              \
  "vmin.s32 q5, q5, q4\n\t"          \
  "vsub.i32 q4, q4, q5\n\t" QUAVER_EACH_##pixels("vqshl.s32", "q4")

#define QUAVER_REQUANTIZE(pixels, shifts)                                                          \
  shifts(pixels) "vldrw.32 q4, [%[multiplier]], #16\n\t" QUAVER_EACH_##pixels("vqdmulh.s32", "q4") \
      QUAVER_EACH_##pixels("vrshl.s32", "q5") QUAVER_EACH_##pixels("vadd.i32", "%[zero_point]")    \
          QUAVER_EACH_##pixels("vmax.s32", "%q[low]") QUAVER_EACH_##pixels("vmin.s32", "%q[high]")

#define QUAVER_ADD_BIAS(pixels) \
  "vldrw.32 q4, [%[bias]], #16\n\t" QUAVER_EACH_##pixels("vadd.i32", "q4")

/// Output values of neighbouring channels from their sums.
class OutputRow {
 public:
  /// Of channels [begin, end) of `stage`, that all calls are about.
  OutputRow(const OutputStage& stage, std::int32_t begin, std::int32_t end)
      : stage_(stage),
        low_(vdupq_n_s32(stage.clamp_min)),
        high_(vdupq_n_s32(stage.clamp_max)),
        only_right_(LargestShift(stage.shift + begin, end - begin) <= -1) {}

  /// `only_right`: whether no shift is to the left, or 0.
  OutputRow(const OutputStage& stage, bool only_right)
      : stage_(stage),
        low_(vdupq_n_s32(stage.clamp_min)),
        high_(vdupq_n_s32(stage.clamp_max)),
        only_right_(only_right) {}

  [[nodiscard]] bool only_right() const { return only_right_; }

  /// Channels [channel, channel + count) of a pixel; sums with the bias.
  // GCC 12 makes no tail-predicated loops of intrinsics: in one, lanes beyond `count` are neither
  // read nor written, at no cost.
  void Store(const std::int32_t* sums, std::int32_t channel, std::int32_t count,
             std::int8_t* output) const {
    const std::int32_t* multiplier = stage_.multiplier + channel;
    const std::int8_t* shift = stage_.shift + channel;
#define QUAVER_STORE(shifts) \
  asm volatile(                                                                                 \
      "dlstp.32 lr, %[count]\n"                                                                 \
      "1:\n\t"                                                                                  \
      "vldrw.32 q0, [%[sums]], #16\n\t" QUAVER_REQUANTIZE(                                      \
          1, shifts) "vstrb.32 q0, [%[output]], #4\n\t"                                         \
                     "letp lr, 1b\n"                                                            \
      : [sums] "+r"(sums), [multiplier] "+r"(multiplier), [shift] "+l"(shift),                  \
        [output] "+l"(output)                                                                   \
      : [count] "r"(count), [zero_point] "r"(stage_.zero_point), [low] "w"(low_),               \
        [high] "w"(high_)                                                                       \
      : "q0", "q4", "q5", "lr", "memory")
    if (only_right_) {
      QUAVER_STORE(QUAVER_SHIFTS_RIGHT);
    } else {
      QUAVER_STORE(QUAVER_SHIFTS_ANY);
    }
#undef QUAVER_STORE
  }

  /// The same channels of two pixels: sums[2 * channel + pixel], without the bias.
  void StoreTwo(const std::int32_t* sums, std::int32_t channel, std::int32_t count,
                std::int8_t* output0, std::int8_t* output1) const {
    const std::int32_t* bias = stage_.bias + channel;
    const std::int32_t* multiplier = stage_.multiplier + channel;
    const std::int8_t* shift = stage_.shift + channel;
#define QUAVER_STORE(shifts) \
  asm volatile(                                                                                    \
      "wls lr, %[fours], 2f\n"                                                                     \
      "1:\n\t"                                                                                     \
      "vld20.32 {q0, q1}, [%[sums]]\n\t"                                                           \
      "vld21.32 {q0, q1}, [%[sums]]!\n\t" QUAVER_ADD_BIAS(2)                                       \
          QUAVER_REQUANTIZE(2, shifts) "vstrb.32 q0, [%[output0]], #4\n\t"                         \
                                       "vstrb.32 q1, [%[output1]], #4\n\t"                         \
                                       "le lr, 1b\n"                                               \
                                       "2:\n"                                                      \
      : [sums] "+r"(sums), [bias] "+r"(bias), [multiplier] "+r"(multiplier), [shift] "+l"(shift),  \
        [output0] "+l"(output0), [output1] "+l"(output1)                                           \
      : [fours] "r"(count >> 2), [zero_point] "r"(stage_.zero_point), [low] "w"(low_),             \
        [high] "w"(high_)                                                                          \
      : "q0", "q1", "q4", "q5", "lr", "memory")
    if (only_right_) {
      QUAVER_STORE(QUAVER_SHIFTS_RIGHT);
    } else {
      QUAVER_STORE(QUAVER_SHIFTS_ANY);
    }
#undef QUAVER_STORE
    if ((count & 3) == 0) return;
    const int32x4x2_t rest = vld2q_s32(sums);
    StoreRest(rest.val[0], channel + (count & ~3), count & 3, output0);
    StoreRest(rest.val[1], channel + (count & ~3), count & 3, output1);
  }

  /// Of four pixels, whose outputs are `stride` apart: sums[4 * channel + pixel], without the bias.
  void StoreFour(const std::int32_t* sums, std::int32_t channel, std::int32_t count,
                 std::int8_t* output, std::ptrdiff_t stride) const {
    const std::int32_t* bias = stage_.bias + channel;
    const std::int32_t* multiplier = stage_.multiplier + channel;
    const std::int8_t* shift = stage_.shift + channel;
    std::int8_t* output0 = output;
    std::int8_t* output1 = output0 + stride;
    std::int8_t* output2 = output1 + stride;
    std::int8_t* output3 = output2 + stride;
#define QUAVER_STORE(shifts) \
  asm volatile(                                                                                    \
      "wls lr, %[fours], 2f\n"                                                                     \
      "1:\n\t"                                                                                     \
      "vld40.32 {q0, q1, q2, q3}, [%[sums]]\n\t"                                                   \
      "vld41.32 {q0, q1, q2, q3}, [%[sums]]\n\t"                                                   \
      "vld42.32 {q0, q1, q2, q3}, [%[sums]]\n\t"                                                   \
      "vld43.32 {q0, q1, q2, q3}, [%[sums]]!\n\t" QUAVER_ADD_BIAS(4)                               \
          QUAVER_REQUANTIZE(4, shifts) "vstrb.32 q0, [%[output0]], #4\n\t"                         \
                                       "vstrb.32 q1, [%[output1]], #4\n\t"                         \
                                       "vstrb.32 q2, [%[output2]], #4\n\t"                         \
                                       "vstrb.32 q3, [%[output3]], #4\n\t"                         \
                                       "le lr, 1b\n"                                               \
                                       "2:\n"                                                      \
      : [sums] "+r"(sums), [bias] "+r"(bias), [multiplier] "+r"(multiplier), [shift] "+l"(shift),  \
        [output0] "+l"(output0), [output1] "+l"(output1), [output2] "+l"(output2),                 \
        [output3] "+l"(output3)                                                                    \
      : [fours] "r"(count >> 2), [zero_point] "r"(stage_.zero_point), [low] "w"(low_),             \
        [high] "w"(high_)                                                                          \
      : "q0", "q1", "q2", "q3", "q4", "q5", "lr", "memory")
    if (only_right_) {
      QUAVER_STORE(QUAVER_SHIFTS_RIGHT);
    } else {
      QUAVER_STORE(QUAVER_SHIFTS_ANY);
    }
#undef QUAVER_STORE
    if ((count & 3) == 0) return;
    const int32x4x4_t rest = vld4q_s32(sums);
    StoreRest(rest.val[0], channel + (count & ~3), count & 3, output0);
    StoreRest(rest.val[1], channel + (count & ~3), count & 3, output1);
    StoreRest(rest.val[2], channel + (count & ~3), count & 3, output2);
    StoreRest(rest.val[3], channel + (count & ~3), count & 3, output3);
  }

  /// The first `lanes` channels from `channel` on; the sum with the bias.
  void StoreLanes(int32x4_t sum, std::int32_t channel, mve_pred16_t lanes,
                  std::int8_t* output) const {
    const int32x4_t scaled = Scale(sum, vldrwq_z_s32(stage_.multiplier + channel, lanes),
                                   vldrbq_z_s32(stage_.shift + channel, lanes));
    const int32x4_t value = vaddq_n_s32(scaled, stage_.zero_point);
    vstrbq_p_s32(output, vminq_s32(vmaxq_s32(value, low_), high_), lanes);
  }

 private:
  [[gnu::noinline]] void StoreRest(int32x4_t sum, std::int32_t channel, std::int32_t count,
                                   std::int8_t* output) const {
    const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(count));
    StoreLanes(vaddq_s32(sum, vldrwq_z_s32(stage_.bias + channel, lanes)), channel, lanes, output);
  }

  const OutputStage& stage_;
  int32x4_t low_, high_;  // of the clamps
  bool only_right_;
};

#undef QUAVER_ADD_BIAS
#undef QUAVER_REQUANTIZE
#undef QUAVER_SHIFTS_ANY
#undef QUAVER_SHIFTS_RIGHT
#undef QUAVER_EACH_4
#undef QUAVER_EACH_2
#undef QUAVER_EACH_1

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_MVE_REQUANTIZE_H_
