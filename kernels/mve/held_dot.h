// Dot products for Helium of inputs so short that they stay in registers while all channels'
// weights pass by: half the instructions of kernels/mve/dot.h, and less around them.
//
// P0 holds the lanes of a row's last vector all the time; only the loads of these are predicated,
// so that nothing beyond a row is read. Other lanes are zero.
#ifndef QUAVER_KERNELS_MVE_HELD_DOT_H_
#define QUAVER_KERNELS_MVE_HELD_DOT_H_

#include <cstdint>

namespace quaver::kernels {
namespace {

/// The longest row of inputs of four pixels, and of two.
inline constexpr std::int32_t kHeldByFour = 16;
inline constexpr std::int32_t kHeldByTwo = 64;

/// What is multiplied: `depth` weights of each of `channels` >= 1 channels, one after the other.
struct HeldWeights {
  const std::int8_t* weights;
  std::int32_t depth, channels;
};

/// sums[4 * channel + i] = x[i] . weights[channel] for four pixels. Precondition: depth <= 16.
[[gnu::noinline]] inline void HeldDotsOfFour(const std::int8_t* const* x, const HeldWeights& w,
                                             std::int32_t* sums) {
  const std::int8_t* weights = w.weights;
  std::int32_t s0, s1, s2, s3;
  asm volatile(
      "vctp.8 %[depth]\n\t"
      "vpstttt\n\t"
      "vldrbt.8 q0, [%[x0]]\n\t"
      "vldrbt.8 q1, [%[x1]]\n\t"
      "vldrbt.8 q2, [%[x2]]\n\t"
      "vldrbt.8 q3, [%[x3]]\n\t"
      "dls lr, %[channels]\n"
      "1:\n\t"
      "vpst\n\t"
      "vldrbt.8 q4, [%[weights]]\n\t"
      "add %[weights], %[weights], %[depth]\n\t"
      "vmladav.s8 %[s0], q0, q4\n\t"
      "vmladav.s8 %[s1], q1, q4\n\t"
      "vmladav.s8 %[s2], q2, q4\n\t"
      "strd %[s0], %[s1], [%[sums]], #16\n\t"
      "vmladav.s8 %[s3], q3, q4\n\t"
      "strd %[s2], %[s3], [%[sums], #-8]\n\t"
      "le lr, 1b\n"
      : [s0] "=&Te"(s0), [s1] "=&Te"(s1), [s2] "=&Te"(s2), [s3] "=&Te"(s3), [sums] "+r"(sums),
        [weights] "+r"(weights)
      : [x0] "r"(x[0]), [x1] "r"(x[1]), [x2] "r"(x[2]), [x3] "r"(x[3]), [depth] "r"(w.depth),
        [channels] "r"(w.channels)
      : "q0", "q1", "q2", "q3", "q4", "lr", "memory");
}

// Of two pixels, by the number of vectors of a row: what comes before the loop over channels, and a
// channel.
#define QUAVER_HOLD_2             \
  "vldrb.8 q0, [%[x0]]\n\t"       \
  "vldrb.8 q3, [%[x1]]\n\t"       \
  "vpstt\n\t"                     \
  "vldrbt.8 q1, [%[x0], #16]\n\t" \
  "vldrbt.8 q4, [%[x1], #16]\n\t"
#define QUAVER_DOT_2                   \
  "vldrb.8 q6, [%[weights]]\n\t"       \
  "vpst\n\t"                           \
  "vldrbt.8 q7, [%[weights], #16]\n\t" \
  "vmladav.s8 %[s0], q0, q6\n\t"       \
  "vmladav.s8 %[s1], q3, q6\n\t"       \
  "vmladava.s8 %[s0], q1, q7\n\t"      \
  "vmladava.s8 %[s1], q4, q7\n\t"

#define QUAVER_HOLD_TWO_WHOLE    \
  "vldrb.8 q0, [%[x0]]\n\t"      \
  "vldrb.8 q3, [%[x1]]\n\t"      \
  "vldrb.8 q1, [%[x0], #16]\n\t" \
  "vldrb.8 q4, [%[x1], #16]\n\t"
#define QUAVER_DOT_TWO_WHOLE          \
  "vldrb.8 q6, [%[weights]]\n\t"      \
  "vldrb.8 q7, [%[weights], #16]\n\t" \
  "vmladav.s8 %[s0], q0, q6\n\t"      \
  "vmladav.s8 %[s1], q3, q6\n\t"      \
  "vmladava.s8 %[s0], q1, q7\n\t"     \
  "vmladava.s8 %[s1], q4, q7\n\t"

#define QUAVER_HOLD_3             \
  QUAVER_HOLD_TWO_WHOLE           \
  "vpstt\n\t"                     \
  "vldrbt.8 q2, [%[x0], #32]\n\t" \
  "vldrbt.8 q5, [%[x1], #32]\n\t"
#define QUAVER_DOT_3                   \
  QUAVER_DOT_TWO_WHOLE                 \
  "vpst\n\t"                           \
  "vldrbt.8 q6, [%[weights], #32]\n\t" \
  "vmladava.s8 %[s0], q2, q6\n\t"      \
  "vmladava.s8 %[s1], q5, q6\n\t"

// The last vectors of inputs are loaded for each channel.
#define QUAVER_HOLD_4            \
  QUAVER_HOLD_TWO_WHOLE          \
  "vldrb.8 q2, [%[x0], #32]\n\t" \
  "vldrb.8 q5, [%[x1], #32]\n\t"
#define QUAVER_DOT_4                   \
  QUAVER_DOT_TWO_WHOLE                 \
  "vldrb.8 q6, [%[weights], #32]\n\t"  \
  "vmladava.s8 %[s0], q2, q6\n\t"      \
  "vmladava.s8 %[s1], q5, q6\n\t"      \
  "vpstttt\n\t"                        \
  "vldrbt.8 q6, [%[weights], #48]\n\t" \
  "vldrbt.8 q7, [%[x0], #48]\n\t"      \
  "vmladavat.s8 %[s0], q7, q6\n\t"     \
  "vldrbt.8 q7, [%[x1], #48]\n\t"      \
  "vmladava.s8 %[s1], q7, q6\n\t"

#define QUAVER_HELD_DOTS(vectors)                                                              \
  asm volatile("vctp.8 %[tail]\n\t" QUAVER_HOLD_##vectors                                      \
               "dls lr, %[channels]\n"                                                         \
               "1:\n\t" QUAVER_DOT_##vectors                                                   \
               "add %[weights], %[weights], %[depth]\n\t"                                      \
               "strd %[s0], %[s1], [%[sums]], #8\n\t"                                          \
               "le lr, 1b\n"                                                                   \
               : [s0] "=&Te"(s0), [s1] "=&Te"(s1), [sums] "+r"(sums), [weights] "+r"(weights)  \
               : [x0] "r"(x0), [x1] "r"(x1), [depth] "r"(w.depth), [channels] "r"(w.channels), \
                 [tail] "r"(w.depth - 16 * (vectors - 1))                                      \
               : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "lr", "memory")

/// sums[2 * channel + i] = xi . weights[channel] for two pixels. Precondition: 16 < depth <= 64.
[[gnu::noinline]] inline void HeldDotsOfTwo(const std::int8_t* x0, const std::int8_t* x1,
                                            const HeldWeights& w, std::int32_t* sums) {
  const std::int8_t* weights = w.weights;
  std::int32_t s0, s1;
  if (w.depth <= 32) {
    QUAVER_HELD_DOTS(2);
  } else if (w.depth <= 48) {
    QUAVER_HELD_DOTS(3);
  } else {
    QUAVER_HELD_DOTS(4);
  }
}

#undef QUAVER_HELD_DOTS
#undef QUAVER_DOT_4
#undef QUAVER_HOLD_4
#undef QUAVER_DOT_3
#undef QUAVER_HOLD_3
#undef QUAVER_DOT_TWO_WHOLE
#undef QUAVER_HOLD_TWO_WHOLE
#undef QUAVER_DOT_2
#undef QUAVER_HOLD_2

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_MVE_HELD_DOT_H_
