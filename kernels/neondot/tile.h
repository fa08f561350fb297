// The products of a tile of four pixels by sixteen channels with SDOT, in assembly: compilers copy
// sums between registers where weights are loaded four registers at a time.
#ifndef QUAVER_KERNELS_NEONDOT_TILE_H_
#define QUAVER_KERNELS_NEONDOT_TILE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"

namespace quaver::kernels {
namespace {

// clang-format off
// Four inputs of a pixel, lane l of register x, times the weights of sixteen channels.
#define QUAVER_SDOT4(a, b, c, d, x, l, w0, w1, w2, w3)     \
  "sdot v" #a ".4s, v" #w0 ".16b, v" #x ".4b[" #l "]\n"    \
  "sdot v" #b ".4s, v" #w1 ".16b, v" #x ".4b[" #l "]\n"    \
  "sdot v" #c ".4s, v" #w2 ".16b, v" #x ".4b[" #l "]\n"    \
  "sdot v" #d ".4s, v" #w3 ".16b, v" #x ".4b[" #l "]\n"

// Of all four pixels, while the weights of the next group are loaded.
#define QUAVER_SDOT_EVEN(x0, x1, x2, x3, l, load)          \
  QUAVER_SDOT4(16, 17, 18, 19, x0, l, 0, 1, 2, 3)          \
  load                                                     \
  QUAVER_SDOT4(20, 21, 22, 23, x1, l, 0, 1, 2, 3)          \
  QUAVER_SDOT4(24, 25, 26, 27, x2, l, 0, 1, 2, 3)          \
  QUAVER_SDOT4(28, 29, 30, 31, x3, l, 0, 1, 2, 3)
#define QUAVER_SDOT_ODD(x0, x1, x2, x3, l, load)           \
  QUAVER_SDOT4(16, 17, 18, 19, x0, l, 12, 13, 14, 15)      \
  load                                                     \
  QUAVER_SDOT4(20, 21, 22, 23, x1, l, 12, 13, 14, 15)      \
  QUAVER_SDOT4(24, 25, 26, 27, x2, l, 12, 13, 14, 15)      \
  QUAVER_SDOT4(28, 29, 30, 31, x3, l, 12, 13, 14, 15)

#define QUAVER_LOAD_EVEN "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"
#define QUAVER_LOAD_ODD "ld1 {v12.16b-v15.16b}, [%[weights]], #64\n"

// Sixteen inputs of each pixel, the first weights of which are loaded; `last`: what is loaded then.
#define QUAVER_SDOT_SIXTEEN(x0, x1, x2, x3, last)          \
  QUAVER_SDOT_EVEN(x0, x1, x2, x3, 0, QUAVER_LOAD_ODD)     \
  QUAVER_SDOT_ODD(x0, x1, x2, x3, 1, QUAVER_LOAD_EVEN)     \
  QUAVER_SDOT_EVEN(x0, x1, x2, x3, 2, QUAVER_LOAD_ODD)     \
  QUAVER_SDOT_ODD(x0, x1, x2, x3, 3, last)

#define QUAVER_FOUR_SUMS(name, r0, r1, r2, r3) \
  register int32x4_t name##0 asm(r0);          \
  register int32x4_t name##1 asm(r1);          \
  register int32x4_t name##2 asm(r2);          \
  register int32x4_t name##3 asm(r3)

/// Sums of four pixels: vector v of a pixel holds channels 4 v to 4 v + 3. They begin with the bias.
[[gnu::always_inline]] inline void MultiplyFour(const TileInputs& inputs, std::ptrdiff_t offset,
                                                int32x4_t (&acc)[4][4]) {
  QUAVER_FOUR_SUMS(a, "v16", "v17", "v18", "v19");
  QUAVER_FOUR_SUMS(b, "v20", "v21", "v22", "v23");
  QUAVER_FOUR_SUMS(c, "v24", "v25", "v26", "v27");
  QUAVER_FOUR_SUMS(d, "v28", "v29", "v30", "v31");
  const std::uint8_t* const* runs = inputs.runs;
  const std::uint8_t* weights = inputs.weights;
  asm volatile(
      "ld1 {v16.4s-v19.4s}, [%[bias]]\n"
      "ld1 {v20.4s-v23.4s}, [%[bias]]\n"
      "ld1 {v24.4s-v27.4s}, [%[bias]]\n"
      "ld1 {v28.4s-v31.4s}, [%[bias]]\n"
      "1:\n"
      "ldr x9, [%[runs]], #8\n"
      "add x9, x9, %[offset]\n"
      "add x10, x9, %[step]\n"
      "add x11, x10, %[step]\n"
      "add x12, x11, %[step]\n"
      "cbz %w[blocks], 3f\n"
      "mov w13, %w[blocks]\n"
      "2:\n"  // 32 inputs
      QUAVER_LOAD_EVEN
      "ldp q4, q8, [x9], #32\n"
      "ldp q5, q9, [x10], #32\n"
      "ldp q6, q10, [x11], #32\n"
      "ldp q7, q11, [x12], #32\n"
      QUAVER_SDOT_SIXTEEN(4, 5, 6, 7, QUAVER_LOAD_EVEN)
      "subs w13, w13, #1\n"
      QUAVER_SDOT_SIXTEEN(8, 9, 10, 11, )
      "b.ne 2b\n"
      "3:\n"
      "cbz %w[tail], 6f\n"
      "tbz %w[tail], #4, 4f\n"  // 16
      QUAVER_LOAD_EVEN
      "ldr q4, [x9], #16\n"
      "ldr q5, [x10], #16\n"
      "ldr q6, [x11], #16\n"
      "ldr q7, [x12], #16\n"
      QUAVER_SDOT_SIXTEEN(4, 5, 6, 7, )
      "4:\n"
      "tst %w[tail], #12\n"
      "b.eq 6f\n"
      "tbz %w[tail], #3, 5f\n"  // 8 or 12, of which 16 are read
      "ldr d4, [x9], #8\n"
      QUAVER_LOAD_EVEN
      "ldr d5, [x10], #8\n"
      "ldr d6, [x11], #8\n"
      "ldr d7, [x12], #8\n"
      QUAVER_SDOT_EVEN(4, 5, 6, 7, 0, QUAVER_LOAD_ODD)
      QUAVER_SDOT_ODD(4, 5, 6, 7, 1, )
      "tbz %w[tail], #2, 6f\n"
      "5:\n"  // 4
      QUAVER_LOAD_EVEN
      "ldr s4, [x9]\n"
      "ldr s5, [x10]\n"
      "ldr s6, [x11]\n"
      "ldr s7, [x12]\n"
      QUAVER_SDOT_EVEN(4, 5, 6, 7, 0, )
      "6:\n"
      "cmp %[runs], %[end]\n"
      "b.ne 1b\n"
      : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0),
        "=w"(c1), "=w"(c2), "=w"(c3), "=w"(d0), "=w"(d1), "=w"(d2), "=w"(d3), [runs] "+r"(runs),
        [weights] "+r"(weights)
      : [bias] "r"(inputs.bias), [end] "r"(inputs.runs_end), [offset] "r"(offset),
        [step] "r"(inputs.pixel_step), [blocks] "r"(inputs.run_bytes >> 5),
        [tail] "r"(inputs.run_bytes & 31)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
        "v14", "v15", "x9", "x10", "x11", "x12", "x13", "cc", "memory");
  acc[0][0] = a0, acc[0][1] = a1, acc[0][2] = a2, acc[0][3] = a3;
  acc[1][0] = b0, acc[1][1] = b1, acc[1][2] = b2, acc[1][3] = b3;
  acc[2][0] = c0, acc[2][1] = c1, acc[2][2] = c2, acc[2][3] = c3;
  acc[3][0] = d0, acc[3][1] = d1, acc[3][2] = d2, acc[3][3] = d3;
}

/// The same of runs of 4, 8 or 12 inputs, of which 16 are read.
[[gnu::always_inline]] inline void MultiplyFourShort(const TileInputs& inputs,
                                                     std::ptrdiff_t offset,
                                                     int32x4_t (&acc)[4][4]) {
  QUAVER_FOUR_SUMS(a, "v16", "v17", "v18", "v19");
  QUAVER_FOUR_SUMS(b, "v20", "v21", "v22", "v23");
  QUAVER_FOUR_SUMS(c, "v24", "v25", "v26", "v27");
  QUAVER_FOUR_SUMS(d, "v28", "v29", "v30", "v31");
  const std::uint8_t* const* runs = inputs.runs;
  const std::uint8_t* weights = inputs.weights;
  asm volatile(
      "ld1 {v16.4s-v19.4s}, [%[bias]]\n"
      "ld1 {v20.4s-v23.4s}, [%[bias]]\n"
      "ld1 {v24.4s-v27.4s}, [%[bias]]\n"
      "ld1 {v28.4s-v31.4s}, [%[bias]]\n"
      "1:\n"
      "ldr x9, [%[runs]], #8\n"
      QUAVER_LOAD_EVEN
      "add x9, x9, %[offset]\n"
      "ldr q4, [x9]\n"
      "ldr q5, [x9, %[step]]\n"
      "ldr q6, [x9, %[step2]]\n"
      "ldr q7, [x9, %[step3]]\n"
      "tbz %w[bytes], #3, 2f\n"
      QUAVER_SDOT_EVEN(4, 5, 6, 7, 0, QUAVER_LOAD_ODD)
      "tbz %w[bytes], #2, 3f\n"
      QUAVER_SDOT_ODD(4, 5, 6, 7, 1, QUAVER_LOAD_EVEN)
      "cmp %[runs], %[end]\n"
      QUAVER_SDOT_EVEN(4, 5, 6, 7, 2, )
      "b.ne 1b\n"
      "b 4f\n"
      "2:\n"
      "cmp %[runs], %[end]\n"
      QUAVER_SDOT_EVEN(4, 5, 6, 7, 0, )
      "b.ne 1b\n"
      "b 4f\n"
      "3:\n"
      "cmp %[runs], %[end]\n"
      QUAVER_SDOT_ODD(4, 5, 6, 7, 1, )
      "b.ne 1b\n"
      "4:\n"
      : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0),
        "=w"(c1), "=w"(c2), "=w"(c3), "=w"(d0), "=w"(d1), "=w"(d2), "=w"(d3), [runs] "+r"(runs),
        [weights] "+r"(weights)
      : [bias] "r"(inputs.bias), [end] "r"(inputs.runs_end), [offset] "r"(offset),
        [step] "r"(inputs.pixel_step), [step2] "r"(2 * inputs.pixel_step),
        [step3] "r"(3 * inputs.pixel_step), [bytes] "r"(inputs.run_bytes)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v12", "v13", "v14", "v15", "x9", "cc",
        "memory");
  acc[0][0] = a0, acc[0][1] = a1, acc[0][2] = a2, acc[0][3] = a3;
  acc[1][0] = b0, acc[1][1] = b1, acc[1][2] = b2, acc[1][3] = b3;
  acc[2][0] = c0, acc[2][1] = c1, acc[2][2] = c2, acc[2][3] = c3;
  acc[3][0] = d0, acc[3][1] = d1, acc[3][2] = d2, acc[3][3] = d3;
}
// clang-format on

#undef QUAVER_SDOT4
#undef QUAVER_SDOT_EVEN
#undef QUAVER_SDOT_ODD
#undef QUAVER_LOAD_EVEN
#undef QUAVER_LOAD_ODD
#undef QUAVER_SDOT_SIXTEEN
#undef QUAVER_FOUR_SUMS

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_TILE_H_
