// The products of a tile of eight pixels by eight channels with SMMLA, which takes all registers:
// in assembly, as compilers copy sums between registers where weights are loaded four at a time.
#ifndef QUAVER_KERNELS_I8MM_TILE_H_
#define QUAVER_KERNELS_I8MM_TILE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"

namespace quaver::kernels {
namespace {

// A pair of pixels, eight inputs each, times eight channels of eight weights each.
// clang-format off
#define QUAVER_SMMLA4(a, b, c, d, x, w0, w1, w2, w3) \
  "smmla v" #a ".4s, v" #x ".16b, v" #w0 ".16b\n"    \
  "smmla v" #b ".4s, v" #x ".16b, v" #w1 ".16b\n"    \
  "smmla v" #c ".4s, v" #x ".16b, v" #w2 ".16b\n"    \
  "smmla v" #d ".4s, v" #x ".16b, v" #w3 ".16b\n"

// Sixteen inputs of each pixel: every load is ahead of its use.
#define QUAVER_SMMLA_SIXTEEN                              \
  "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"              \
  "ldp q4, q5, [x9], #32\n"                               \
  "ldp q6, q7, [x10], #32\n"                              \
  QUAVER_SMMLA4(16, 17, 18, 19, 4, 0, 1, 2, 3)            \
  "ldp q8, q9, [x11], #32\n"                              \
  QUAVER_SMMLA4(20, 21, 22, 23, 6, 0, 1, 2, 3)            \
  "ld1 {v12.16b-v15.16b}, [%[weights]], #64\n"            \
  "ldp q10, q11, [x12], #32\n"                            \
  QUAVER_SMMLA4(24, 25, 26, 27, 8, 0, 1, 2, 3)            \
  QUAVER_SMMLA4(28, 29, 30, 31, 10, 0, 1, 2, 3)           \
  QUAVER_SMMLA4(16, 17, 18, 19, 5, 12, 13, 14, 15)        \
  QUAVER_SMMLA4(20, 21, 22, 23, 7, 12, 13, 14, 15)        \
  QUAVER_SMMLA4(24, 25, 26, 27, 9, 12, 13, 14, 15)        \
  QUAVER_SMMLA4(28, 29, 30, 31, 11, 12, 13, 14, 15)

/// Sums of four pairs of pixels: acc[p][c] holds channels 2 c and 2 c + 1 of the first pixel of pair
/// p, then of the second. They begin with the bias, of four vectors for every pair.
[[gnu::always_inline]] inline void MultiplyEight(const TileInputs& inputs, std::ptrdiff_t offset,
                                                 int32x4_t (&acc)[4][4]) {
  register int32x4_t a0 asm("v16");
  register int32x4_t a1 asm("v17");
  register int32x4_t a2 asm("v18");
  register int32x4_t a3 asm("v19");
  register int32x4_t b0 asm("v20");
  register int32x4_t b1 asm("v21");
  register int32x4_t b2 asm("v22");
  register int32x4_t b3 asm("v23");
  register int32x4_t c0 asm("v24");
  register int32x4_t c1 asm("v25");
  register int32x4_t c2 asm("v26");
  register int32x4_t c3 asm("v27");
  register int32x4_t d0 asm("v28");
  register int32x4_t d1 asm("v29");
  register int32x4_t d2 asm("v30");
  register int32x4_t d3 asm("v31");
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
      "2:\n"
      QUAVER_SMMLA_SIXTEEN
      "subs w13, w13, #1\n"
      QUAVER_SMMLA_SIXTEEN
      "b.ne 2b\n"
      "3:\n"
      "tbz %w[bytes], #4, 4f\n"
      QUAVER_SMMLA_SIXTEEN
      "4:\n"
      "tbz %w[bytes], #3, 5f\n"
      "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"
      "ldr q4, [x9]\n"
      "ldr q6, [x10]\n"
      "ldr q8, [x11]\n"
      "ldr q10, [x12]\n"
      QUAVER_SMMLA4(16, 17, 18, 19, 4, 0, 1, 2, 3)
      QUAVER_SMMLA4(20, 21, 22, 23, 6, 0, 1, 2, 3)
      QUAVER_SMMLA4(24, 25, 26, 27, 8, 0, 1, 2, 3)
      QUAVER_SMMLA4(28, 29, 30, 31, 10, 0, 1, 2, 3)
      "5:\n"
      "cmp %[runs], %[end]\n"
      "b.ne 1b\n"
      : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0),
        "=w"(c1), "=w"(c2), "=w"(c3), "=w"(d0), "=w"(d1), "=w"(d2), "=w"(d3), [runs] "+r"(runs),
        [weights] "+r"(weights)
      : [bias] "r"(inputs.bias), [end] "r"(inputs.runs_end), [offset] "r"(offset),
        [step] "r"(2 * inputs.pixel_step), [blocks] "r"(inputs.run_bytes >> 5),
        [bytes] "r"(inputs.run_bytes)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
        "v14", "v15", "x9", "x10", "x11", "x12", "x13", "cc", "memory");
  acc[0][0] = a0, acc[0][1] = a1, acc[0][2] = a2, acc[0][3] = a3;
  acc[1][0] = b0, acc[1][1] = b1, acc[1][2] = b2, acc[1][3] = b3;
  acc[2][0] = c0, acc[2][1] = c1, acc[2][2] = c2, acc[2][3] = c3;
  acc[3][0] = d0, acc[3][1] = d1, acc[3][2] = d2, acc[3][3] = d3;
}
// clang-format on

#undef QUAVER_SMMLA_SIXTEEN
#undef QUAVER_SMMLA4

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_I8MM_TILE_H_
