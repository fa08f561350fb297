// The products of a tile of four pixels by sixteen channels with SMULL, SMLAL and SADALP, in
// assembly: it takes all registers, and compilers copy sums between them where weights are loaded
// four registers at a time.
#ifndef QUAVER_KERNELS_NEON_TILE_H_
#define QUAVER_KERNELS_NEON_TILE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"

#ifdef __aarch64__

namespace quaver::kernels {
namespace {

// clang-format off
// Products of a pair of inputs, in all lanes of register x, by the lower or upper half of weights w0
// to w3: those of sixteen channels. They begin, or are added to, v12 to v15.
#define QUAVER_BEGIN_LOW(w0, w1, w2, w3, x)     \
  "smull v12.8h, v" #w0 ".8b, v" #x ".8b\n"     \
  "smull v13.8h, v" #w1 ".8b, v" #x ".8b\n"     \
  "smull v14.8h, v" #w2 ".8b, v" #x ".8b\n"     \
  "smull v15.8h, v" #w3 ".8b, v" #x ".8b\n"
#define QUAVER_ADD_LOW(w0, w1, w2, w3, x)       \
  "smlal v12.8h, v" #w0 ".8b, v" #x ".8b\n"     \
  "smlal v13.8h, v" #w1 ".8b, v" #x ".8b\n"     \
  "smlal v14.8h, v" #w2 ".8b, v" #x ".8b\n"     \
  "smlal v15.8h, v" #w3 ".8b, v" #x ".8b\n"
#define QUAVER_ADD_HIGH(w0, w1, w2, w3, x)      \
  "smlal2 v12.8h, v" #w0 ".16b, v" #x ".16b\n"  \
  "smlal2 v13.8h, v" #w1 ".16b, v" #x ".16b\n"  \
  "smlal2 v14.8h, v" #w2 ".16b, v" #x ".16b\n"  \
  "smlal2 v15.8h, v" #w3 ".16b, v" #x ".16b\n"
#define QUAVER_ADD_UP(a, b, c, d)               \
  "sadalp v" #a ".4s, v12.8h\n"                 \
  "sadalp v" #b ".4s, v13.8h\n"                 \
  "sadalp v" #c ".4s, v14.8h\n"                 \
  "sadalp v" #d ".4s, v15.8h\n"

// Eight inputs of a pixel: all four products in 16 bits.
#define QUAVER_EIGHT(pixel, a, b, c, d)                  \
  "ld4r {v8.8h-v11.8h}, [" #pixel "], #8\n"              \
  QUAVER_BEGIN_LOW(0, 1, 2, 3, 8)                        \
  QUAVER_ADD_HIGH(0, 1, 2, 3, 9)                         \
  QUAVER_ADD_LOW(4, 5, 6, 7, 10)                         \
  QUAVER_ADD_HIGH(4, 5, 6, 7, 11)                        \
  QUAVER_ADD_UP(a, b, c, d)
// Two at a time.
#define QUAVER_TWICE_FOUR(pixel, a, b, c, d)             \
  "ld4r {v8.8h-v11.8h}, [" #pixel "], #8\n"              \
  QUAVER_BEGIN_LOW(0, 1, 2, 3, 8)                        \
  QUAVER_ADD_HIGH(0, 1, 2, 3, 9)                         \
  QUAVER_ADD_UP(a, b, c, d)                              \
  QUAVER_BEGIN_LOW(4, 5, 6, 7, 10)                       \
  QUAVER_ADD_HIGH(4, 5, 6, 7, 11)                        \
  QUAVER_ADD_UP(a, b, c, d)
// Four inputs.
#define QUAVER_FOUR(pixel, a, b, c, d)                   \
  "ld2r {v8.8h-v9.8h}, [" #pixel "]\n"                   \
  QUAVER_BEGIN_LOW(0, 1, 2, 3, 8)                        \
  QUAVER_ADD_HIGH(0, 1, 2, 3, 9)                         \
  QUAVER_ADD_UP(a, b, c, d)
#define QUAVER_FOUR_PIXELS(products)                     \
  products(x9, 16, 17, 18, 19)                           \
  products(x10, 20, 21, 22, 23)                          \
  products(x11, 24, 25, 26, 27)                          \
  products(x12, 28, 29, 30, 31)

#define QUAVER_FOUR_SUMS(name, r0, r1, r2, r3) \
  register int32x4_t name##0 asm(r0);          \
  register int32x4_t name##1 asm(r1);          \
  register int32x4_t name##2 asm(r2);          \
  register int32x4_t name##3 asm(r3)

/// Sums of four pixels: vector v of a pixel holds channels 4 v to 4 v + 3. They begin with the bias.
/// `notes`: of the panel, a byte for each eight inputs: whether four products do not fit. Two do.
[[gnu::always_inline]] inline void MultiplyFour(const TileInputs& inputs, std::ptrdiff_t offset,
                                                const std::uint8_t* notes,
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
      "cbz %w[blocks], 4f\n"
      "mov w13, %w[blocks]\n"
      "2:\n"
      "ldrb w14, [%[notes]], #1\n"
      "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"
      "ld1 {v4.16b-v7.16b}, [%[weights]], #64\n"
      "cbnz w14, 3f\n"
      "subs w13, w13, #1\n"
      QUAVER_FOUR_PIXELS(QUAVER_EIGHT)
      "b.ne 2b\n"
      "b 4f\n"
      "3:\n"
      "subs w13, w13, #1\n"
      QUAVER_FOUR_PIXELS(QUAVER_TWICE_FOUR)
      "b.ne 2b\n"
      "4:\n"
      "tbz %w[bytes], #2, 5f\n"
      "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"
      "add %[notes], %[notes], #1\n"
      QUAVER_FOUR_PIXELS(QUAVER_FOUR)
      "5:\n"
      "cmp %[runs], %[end]\n"
      "b.ne 1b\n"
      : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0),
        "=w"(c1), "=w"(c2), "=w"(c3), "=w"(d0), "=w"(d1), "=w"(d2), "=w"(d3), [runs] "+r"(runs),
        [weights] "+r"(weights), [notes] "+r"(notes)
      : [bias] "r"(inputs.bias), [end] "r"(inputs.runs_end), [offset] "r"(offset),
        [step] "r"(inputs.pixel_step), [blocks] "r"(inputs.run_bytes >> 3),
        [bytes] "r"(inputs.run_bytes)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
        "v14", "v15", "x9", "x10", "x11", "x12", "x13", "x14", "cc", "memory");
  acc[0][0] = a0, acc[0][1] = a1, acc[0][2] = a2, acc[0][3] = a3;
  acc[1][0] = b0, acc[1][1] = b1, acc[1][2] = b2, acc[1][3] = b3;
  acc[2][0] = c0, acc[2][1] = c1, acc[2][2] = c2, acc[2][3] = c3;
  acc[3][0] = d0, acc[3][1] = d1, acc[3][2] = d2, acc[3][3] = d3;
}
// clang-format on

#undef QUAVER_BEGIN_LOW
#undef QUAVER_ADD_LOW
#undef QUAVER_ADD_HIGH
#undef QUAVER_ADD_UP
#undef QUAVER_EIGHT
#undef QUAVER_TWICE_FOUR
#undef QUAVER_FOUR
#undef QUAVER_FOUR_PIXELS
#undef QUAVER_FOUR_SUMS

}  // namespace
}  // namespace quaver::kernels

#endif  // __aarch64__

#endif  // QUAVER_KERNELS_NEON_TILE_H_
