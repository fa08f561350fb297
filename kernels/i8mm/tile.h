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

// Four pairs; the next loads, of which the first are already here, are ahead of their use.
#define QUAVER_SMMLA16(x0, x1, x2, x3, w0, w1, w2, w3, load0, load1) \
  QUAVER_SMMLA4(16, 17, 18, 19, x0, w0, w1, w2, w3)                  \
  load0                                                              \
  QUAVER_SMMLA4(20, 21, 22, 23, x1, w0, w1, w2, w3)                  \
  load1                                                              \
  QUAVER_SMMLA4(24, 25, 26, 27, x2, w0, w1, w2, w3)                  \
  QUAVER_SMMLA4(28, 29, 30, 31, x3, w0, w1, w2, w3)

// Sixteen inputs of each pixel from where register `from` points; it moves on by 64, then by
// `step`. x0 to x3: the registers of the first eight, and y0 to y3 of the others.
#define QUAVER_SMMLA32(from, step, x0, x1, x2, x3, y0, y1, y2, y3)  \
  "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"                        \
  "ld1 {v4.16b-v7.16b}, [" from "], #64\n"                          \
  QUAVER_SMMLA16(x0, x1, x2, x3, 0, 1, 2, 3,                        \
                 "ld1 {v8.16b-v11.16b}, [" from "], " step "\n",    \
                 "ld1 {v12.16b-v15.16b}, [%[weights]], #64\n")      \
  QUAVER_SMMLA16(y0, y1, y2, y3, 12, 13, 14, 15, "", "")
#define QUAVER_SMMLA_QUADS(from) QUAVER_SMMLA32(from, "#64", 4, 5, 8, 9, 6, 7, 10, 11)
#define QUAVER_SMMLA_PAIRS(from) QUAVER_SMMLA32(from, "%[back]", 4, 6, 8, 10, 5, 7, 9, 11)
#define QUAVER_SMMLA_ODD_PAIRS(from) QUAVER_SMMLA32(from, "%[odd_back]", 4, 6, 8, 10, 5, 7, 9, 11)

#define QUAVER_THREE_CHUNKS(from) \
  QUAVER_SMMLA_PAIRS(from)        \
  QUAVER_SMMLA_ODD_PAIRS(from)    \
  QUAVER_SMMLA_PAIRS(from)

// Eight inputs.
#define QUAVER_SMMLA_EIGHT(from)             \
  "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n" \
  "ld1 {v4.16b-v7.16b}, [" from "]\n"        \
  QUAVER_SMMLA16(4, 5, 6, 7, 0, 1, 2, 3, "", "")

// Runs until there is none; of each the chunks, before the last of which the next run is loaded.
#define QUAVER_EACH_RUN(label, chunks, last) \
  "ldr x10, [%[runs]], #8\n"                 \
  label ":\n"                                \
  "add x9, x10, %[offset]\n"                 \
  chunks                                     \
  "ldr x10, [%[runs]], #8\n"                 \
  last                                       \
  "cbnz x10, " label "b\n"

#define QUAVER_LOAD_BIAS              \
  "ld1 {v16.4s-v19.4s}, [%[bias]]\n"  \
  "ld1 {v20.4s-v23.4s}, [%[bias]]\n"  \
  "ld1 {v24.4s-v27.4s}, [%[bias]]\n"  \
  "ld1 {v28.4s-v31.4s}, [%[bias]]\n"

// The sums, where the assembly statements leave them.
#define QUAVER_DECLARE_SUMS            \
  register int32x4_t a0 asm("v16");    \
  register int32x4_t a1 asm("v17");    \
  register int32x4_t a2 asm("v18");    \
  register int32x4_t a3 asm("v19");    \
  register int32x4_t b0 asm("v20");    \
  register int32x4_t b1 asm("v21");    \
  register int32x4_t b2 asm("v22");    \
  register int32x4_t b3 asm("v23");    \
  register int32x4_t c0 asm("v24");    \
  register int32x4_t c1 asm("v25");    \
  register int32x4_t c2 asm("v26");    \
  register int32x4_t c3 asm("v27");    \
  register int32x4_t d0 asm("v28");    \
  register int32x4_t d1 asm("v29");    \
  register int32x4_t d2 asm("v30");    \
  register int32x4_t d3 asm("v31")
#define QUAVER_SUMS                                                                             \
  "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0),     \
  "=w"(c1), "=w"(c2), "=w"(c3), "=w"(d0), "=w"(d1), "=w"(d2), "=w"(d3)
#define QUAVER_CLOBBERS                                                                         \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",       \
  "v14", "v15", "cc", "memory"
#define QUAVER_RETURN_SUMS(acc)                                         \
  acc[0][0] = a0, acc[0][1] = a1, acc[0][2] = a2, acc[0][3] = a3;       \
  acc[1][0] = b0, acc[1][1] = b1, acc[1][2] = b2, acc[1][3] = b3;       \
  acc[2][0] = c0, acc[2][1] = c1, acc[2][2] = c2, acc[2][3] = c3;       \
  acc[3][0] = d0, acc[3][1] = d1, acc[3][2] = d2, acc[3][3] = d3

/// Sums of four pairs of pixels: acc[p][c] holds channels 2 c and 2 c + 1 of the first pixel of
/// pair p, then of the second. They begin with the bias, of four vectors for every pair.
///
/// Here the inputs are one run, of quads (kernels/arm/paired_inputs.h).
[[gnu::always_inline]] inline void MultiplyQuads(const TileInputs& inputs, std::ptrdiff_t offset,
                                                 int32x4_t (&acc)[4][4]) {
  QUAVER_DECLARE_SUMS;
  const std::uint8_t* input = *inputs.runs + offset;
  const std::uint8_t* weights = inputs.weights;
  std::int32_t blocks = inputs.run_bytes >> 5;
  asm volatile(
      QUAVER_LOAD_BIAS
      "cbz %w[blocks], 2f\n"
      "1:\n"
      QUAVER_SMMLA_QUADS("%[input]")
      "subs %w[blocks], %w[blocks], #1\n"
      QUAVER_SMMLA_QUADS("%[input]")
      "b.ne 1b\n"
      "2:\n"
      "tbz %w[bytes], #4, 3f\n"
      QUAVER_SMMLA_QUADS("%[input]")
      "3:\n"
      "tbz %w[bytes], #3, 4f\n"
      QUAVER_SMMLA_EIGHT("%[input]")
      "4:\n"
      : QUAVER_SUMS, [input] "+r"(input), [weights] "+r"(weights), [blocks] "+r"(blocks)
      : [bias] "r"(inputs.bias), [bytes] "r"(inputs.run_bytes)
      : QUAVER_CLOBBERS);
  QUAVER_RETURN_SUMS(acc);
}

/// The same of any number of runs (kernels/arm/paired_rows.h): of 8 inputs, or of up to four
/// chunks of 16, which are the first of `steps` and the second apart, in turn. A null pointer is
/// behind the last.
[[gnu::always_inline]] inline void MultiplyRuns(const TileInputs& inputs, std::ptrdiff_t offset,
                                                const std::ptrdiff_t (&steps)[2],
                                                int32x4_t (&acc)[4][4]) {
  QUAVER_DECLARE_SUMS;
  const std::uint8_t* const* runs = inputs.runs;
  const std::uint8_t* weights = inputs.weights;
  const std::ptrdiff_t runs_bytes = 8 * (inputs.runs_end - inputs.runs);
  asm volatile(
      QUAVER_LOAD_BIAS
      "tbz %w[bytes], #5, 5f\n"
      "tbnz %w[bytes], #4, 3f\n"
      QUAVER_EACH_RUN("2", QUAVER_SMMLA_PAIRS("x9"), QUAVER_SMMLA_PAIRS("x9"))
      "b 9f\n"
      "5:\n"
      "tbz %w[bytes], #6, 6f\n"
      QUAVER_EACH_RUN("4",
                      QUAVER_SMMLA_PAIRS("x9")
                      QUAVER_SMMLA_ODD_PAIRS("x9")
                      QUAVER_SMMLA_PAIRS("x9"),
                      QUAVER_SMMLA_PAIRS("x9"))
      "b 9f\n"
      "6:\n"
      "tbz %w[bytes], #4, 8f\n"
      // Two runs at a time, behind the odd one.
      "tbz %[runs_bytes], #3, 1f\n"
      "ldr x9, [%[runs]], #8\n"
      "add x9, x9, %[offset]\n"
      "cmp %[runs], %[end]\n"
      QUAVER_SMMLA_PAIRS("x9")
      "b.eq 9f\n"
      "1:\n"
      "ldp x9, x10, [%[runs]], #16\n"
      "add x9, x9, %[offset]\n"
      "add x10, x10, %[offset]\n"
      QUAVER_SMMLA_PAIRS("x9")
      "cmp %[runs], %[end]\n"
      QUAVER_SMMLA_PAIRS("x10")
      "b.ne 1b\n"
      "b 9f\n"
      "8:\n"
      QUAVER_EACH_RUN("7", , QUAVER_SMMLA_EIGHT("x9"))
      "b 9f\n"
      "3:\n"
      QUAVER_EACH_RUN("10",
                      QUAVER_SMMLA_PAIRS("x9")
                      QUAVER_SMMLA_ODD_PAIRS("x9"),
                      QUAVER_SMMLA_PAIRS("x9"))
      "9:\n"
      : QUAVER_SUMS, [runs] "+r"(runs), [weights] "+r"(weights)
      : [bias] "r"(inputs.bias), [end] "r"(inputs.runs_end), [offset] "r"(offset),
        [bytes] "r"(inputs.run_bytes), [runs_bytes] "r"(runs_bytes), [back] "r"(steps[0] - 64),
        [odd_back] "r"(steps[1] - 64)
      : QUAVER_CLOBBERS, "x9", "x10");
  QUAVER_RETURN_SUMS(acc);
}

/// The same of three runs of three chunks, windows of 3 x 3 x 16: their pointers stay in registers.
[[gnu::always_inline]] inline void MultiplyThreeByThree(const TileInputs& inputs,
                                                        const std::uint8_t* const (&runs)[3],
                                                        std::ptrdiff_t offset,
                                                        const std::ptrdiff_t (&steps)[2],
                                                        int32x4_t (&acc)[4][4]) {
  QUAVER_DECLARE_SUMS;
  const std::uint8_t* weights = inputs.weights;
  asm volatile(
      QUAVER_LOAD_BIAS
      "add x9, %[run0], %[offset]\n"
      QUAVER_THREE_CHUNKS("x9")
      "add x9, %[run1], %[offset]\n"
      QUAVER_THREE_CHUNKS("x9")
      "add x9, %[run2], %[offset]\n"
      QUAVER_THREE_CHUNKS("x9")
      : QUAVER_SUMS, [weights] "+r"(weights)
      : [bias] "r"(inputs.bias), [run0] "r"(runs[0]), [run1] "r"(runs[1]), [run2] "r"(runs[2]),
        [offset] "r"(offset), [back] "r"(steps[0] - 64), [odd_back] "r"(steps[1] - 64)
      : QUAVER_CLOBBERS, "x9");
  QUAVER_RETURN_SUMS(acc);
}
// clang-format on

#undef QUAVER_RETURN_SUMS
#undef QUAVER_CLOBBERS
#undef QUAVER_SUMS
#undef QUAVER_DECLARE_SUMS
#undef QUAVER_LOAD_BIAS
#undef QUAVER_EACH_RUN
#undef QUAVER_SMMLA_EIGHT
#undef QUAVER_THREE_CHUNKS
#undef QUAVER_SMMLA_ODD_PAIRS
#undef QUAVER_SMMLA_PAIRS
#undef QUAVER_SMMLA_QUADS
#undef QUAVER_SMMLA32
#undef QUAVER_SMMLA16
#undef QUAVER_SMMLA4

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_I8MM_TILE_H_
