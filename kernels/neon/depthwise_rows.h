// Rows of a depthwise convolution of 3 x 3 with SMULL and SMLAL, in assembly: it takes all
// registers, and compilers read biases and weights again for each pixel. One statement goes through
// all rows of all blocks (kernels/arm/depthwise_walk.h).
//
// Products are added by two in 16 bits, in the order of the weights, column by column, and the last
// one by itself; where the weights allow it, the last one to the second two, or all by three, which
// saves widening sums.
// Precondition: no weight is -128, so that two products fit (docs/arithmetic.md).
#ifndef QUAVER_KERNELS_NEON_DEPTHWISE_ROWS_H_
#define QUAVER_KERNELS_NEON_DEPTHWISE_ROWS_H_

#include <arm_neon.h>

#include "kernels/arm/depthwise_3x3.h"

#ifdef __aarch64__

namespace quaver::kernels {
namespace {

static_assert(kHeaderBytes == 32 && kWeightsOffset == 96, "as in the assembly");

// clang-format off

// Products of eight channels, with those of another row: their first, and another added.
#define QUAVER_PRODUCTS(t, u, x, y, w)                    \
  "smull v" #t ".8h, v" #x ".8b, v" #w ".8b\n"            \
  "smull v" #u ".8h, v" #y ".8b, v" #w ".8b\n"
#define QUAVER_ADD_PRODUCTS(t, u, x, y, w)                \
  "smlal v" #t ".8h, v" #x ".8b, v" #w ".8b\n"            \
  "smlal v" #u ".8h, v" #y ".8b, v" #w ".8b\n"
// Adds what has 16 bits to the sums of both rows.
#define QUAVER_WIDEN(t, u)                                \
  "saddw v12.4s, v12.4s, v" #t ".4h\n"                    \
  "saddw2 v13.4s, v13.4s, v" #t ".8h\n"                   \
  "saddw v14.4s, v14.4s, v" #u ".4h\n"                    \
  "saddw2 v15.4s, v15.4s, v" #u ".8h\n"

// The next column.
#define QUAVER_LOAD_COLUMN(r0, r1, r2, r3)                \
  "ld1 {v" #r0 ".8b}, [%[above]], %[step_above]\n"        \
  "ld1 {v" #r1 ".8b}, [%[row]], %[row_bytes]\n"           \
  "ld1 {v" #r2 ".8b}, [%[row]], %[back]\n"                \
  "ld1 {v" #r3 ".8b}, [%[below]], %[step_below]\n"

// A pixel of both output rows; s and t are free.
#define QUAVER_STORE_TWO(s, t)                            \
  "sqdmulh v12.4s, v12.4s, v27.4s\n"                      \
  "sqdmulh v14.4s, v14.4s, v27.4s\n"                      \
  "sqdmulh v13.4s, v13.4s, v28.4s\n"                      \
  "sqdmulh v15.4s, v15.4s, v28.4s\n"                      \
  ".if %c[is_short]\n"                                    \
  QUAVER_SHIFT_SHORT(12, 13, 14, 15, 29, 29)              \
  ".else\n"                                               \
  "ldp q" #s ", q" #t ", [%[panel], #64]\n"               \
  QUAVER_SHIFT_ANY(12, 13, 14, 15, s, t, s, t)            \
  ".endif\n"                                              \
  "uqxtn v12.8b, v12.8h\n"                                \
  "uqxtn2 v12.16b, v14.8h\n"                              \
  "eor v12.16b, v12.16b, v30.16b\n"                       \
  "st1 {v12.8b}, [%[output]], %[output_row_bytes]\n"      \
  "st1 {v12.d}[1], [%[output]], %[output_back]\n"

// The first pixel of a row, whose sums hold the first column already: loads the other two.
#define QUAVER_FIRST_OF_ROW(b0, b1, b2, b3, c0, c1, c2, c3, t0, t1, t2, t3)  \
  QUAVER_LOAD_COLUMN(b0, b1, b2, b3)                      \
  QUAVER_LOAD_COLUMN(c0, c1, c2, c3)                      \
  QUAVER_PRODUCTS(t0, t1, b0, b1, 19)                     \
  QUAVER_ADD_PRODUCTS(t0, t1, b1, b2, 20)                 \
  QUAVER_PRODUCTS(t2, t3, b2, b3, 21)                     \
  QUAVER_ADD_PRODUCTS(t2, t3, c0, c1, 22)                 \
  QUAVER_WIDEN(t0, t1)                                    \
  QUAVER_PRODUCTS(t0, t1, c1, c2, 23)                     \
  QUAVER_ADD_PRODUCTS(t0, t1, c2, c3, 24)                 \
  QUAVER_WIDEN(t2, t3)                                    \
  QUAVER_WIDEN(t0, t1)                                    \
  QUAVER_STORE_TWO(t2, t3)
// The last one, whose sums hold the last column.
#define QUAVER_LAST_OF_ROW(a0, a1, a2, a3, b0, b1, b2, b3, t0, t1, t2, t3)  \
  QUAVER_PRODUCTS(t0, t1, a0, a1, 16)                     \
  QUAVER_ADD_PRODUCTS(t0, t1, a1, a2, 17)                 \
  QUAVER_PRODUCTS(t2, t3, a2, a3, 18)                     \
  QUAVER_ADD_PRODUCTS(t2, t3, b0, b1, 19)                 \
  QUAVER_WIDEN(t0, t1)                                    \
  QUAVER_PRODUCTS(t0, t1, b1, b2, 20)                     \
  QUAVER_ADD_PRODUCTS(t0, t1, b2, b3, 21)                 \
  QUAVER_WIDEN(t2, t3)                                    \
  QUAVER_WIDEN(t0, t1)                                    \
  QUAVER_STORE_TWO(t2, t3)

// Others load the third column. Those of the first, which no product needs any more, take products.
#define QUAVER_NEXT_OF_ROW(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, second, last)  \
  QUAVER_LOAD_COLUMN(c0, c1, c2, c3)                      \
  QUAVER_PRODUCTS(12, 14, a0, a1, 16)                     \
  QUAVER_ADD_PRODUCTS(12, 14, a1, a2, 17)                 \
  QUAVER_PRODUCTS(31, a0, a2, a3, 18)                     \
  QUAVER_ADD_PRODUCTS(31, a0, b0, b1, 19)                 \
  "saddw2 v13.4s, v26.4s, v12.8h\n"                       \
  "saddw2 v15.4s, v26.4s, v14.8h\n"                       \
  "saddw v12.4s, v25.4s, v12.4h\n"                        \
  "saddw v14.4s, v25.4s, v14.4h\n"                        \
  QUAVER_PRODUCTS(a1, a2, b1, b2, 20)                     \
  QUAVER_ADD_PRODUCTS(a1, a2, b2, b3, 21)                 \
  second(31, a0, c2, c3, 24)                              \
  QUAVER_WIDEN(31, a0)                                    \
  QUAVER_PRODUCTS(a3, 31, c0, c1, 22)                     \
  QUAVER_ADD_PRODUCTS(a3, 31, c1, c2, 23)                 \
  QUAVER_WIDEN(a1, a2)                                    \
  last(a1, a2, c2, c3, 24)                                \
  QUAVER_WIDEN(a3, 31)                                    \
  QUAVER_STORE_TWO(a0, a3)
// Ways to add the last product.
#define QUAVER_NOTHING(t, u, x, y, w)
#define QUAVER_BY_ITSELF(t, u, x, y, w)                   \
  QUAVER_PRODUCTS(t, u, x, y, w)                          \
  QUAVER_WIDEN(t, u)
#define QUAVER_NEXT_BY_TWO(...)                           \
  QUAVER_NEXT_OF_ROW(__VA_ARGS__, QUAVER_NOTHING, QUAVER_BY_ITSELF)
#define QUAVER_NEXT_BY_THREE(...)                         \
  QUAVER_NEXT_OF_ROW(__VA_ARGS__, QUAVER_ADD_PRODUCTS, QUAVER_NOTHING)

#define QUAVER_NEXT_ALL_BY_THREE(a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3)  \
  QUAVER_LOAD_COLUMN(c0, c1, c2, c3)                      \
  QUAVER_PRODUCTS(12, 14, a0, a1, 16)                     \
  QUAVER_ADD_PRODUCTS(12, 14, a1, a2, 17)                 \
  QUAVER_PRODUCTS(31, a0, a2, a3, 18)                     \
  QUAVER_ADD_PRODUCTS(12, 14, b2, b3, 21)                 \
  QUAVER_ADD_PRODUCTS(31, a0, b0, b1, 19)                 \
  QUAVER_PRODUCTS(a1, a2, b1, b2, 20)                     \
  "saddw2 v13.4s, v26.4s, v12.8h\n"                       \
  "saddw2 v15.4s, v26.4s, v14.8h\n"                       \
  "saddw v12.4s, v25.4s, v12.4h\n"                        \
  "saddw v14.4s, v25.4s, v14.4h\n"                        \
  QUAVER_ADD_PRODUCTS(31, a0, c0, c1, 22)                 \
  QUAVER_ADD_PRODUCTS(a1, a2, c1, c2, 23)                 \
  QUAVER_ADD_PRODUCTS(a1, a2, c2, c3, 24)                 \
  QUAVER_WIDEN(31, a0)                                    \
  QUAVER_WIDEN(a1, a2)                                    \
  QUAVER_STORE_TWO(a0, a3)

// The same of one row, by two.
#define QUAVER_LOAD_ONE(r0, r1, r2)                       \
  "ld1 {v" #r0 ".8b}, [%[above]], %[step_above]\n"        \
  "ld1 {v" #r1 ".8b}, [%[row]], %[step]\n"                \
  "ld1 {v" #r2 ".8b}, [%[below]], %[step_below]\n"
#define QUAVER_TWO_PRODUCTS(t, x, w, y, u)                \
  "smull v" #t ".8h, v" #x ".8b, v" #w ".8b\n"            \
  "smlal v" #t ".8h, v" #y ".8b, v" #u ".8b\n"
#define QUAVER_WIDEN_ONE(t)                               \
  "saddw v12.4s, v12.4s, v" #t ".4h\n"                    \
  "saddw2 v13.4s, v13.4s, v" #t ".8h\n"
#define QUAVER_STORE_ONE                                  \
  "sqdmulh v12.4s, v12.4s, v27.4s\n"                      \
  "sqdmulh v13.4s, v13.4s, v28.4s\n"                      \
  "sqshrun v12.4h, v12.4s, #2\n"                          \
  "sqshrun2 v12.8h, v13.4s, #2\n"                         \
  "urshl v12.8h, v12.8h, v29.8h\n"                        \
  "uqxtn v12.8b, v12.8h\n"                                \
  "eor v12.16b, v12.16b, v30.16b\n"                       \
  "st1 {v12.8b}, [%[output]], %[step]\n"
#define QUAVER_FIRST_OF_ONE(b0, b1, b2, c0, c1, c2)       \
  QUAVER_LOAD_ONE(b0, b1, b2)                             \
  QUAVER_LOAD_ONE(c0, c1, c2)                             \
  QUAVER_TWO_PRODUCTS(14, b0, 19, b1, 20)                 \
  QUAVER_TWO_PRODUCTS(15, b2, 21, c0, 22)                 \
  QUAVER_TWO_PRODUCTS(31, c1, 23, c2, 24)                 \
  QUAVER_WIDEN_ONE(14)                                    \
  QUAVER_WIDEN_ONE(15)                                    \
  QUAVER_WIDEN_ONE(31)                                    \
  QUAVER_STORE_ONE
#define QUAVER_NEXT_OF_ONE(a0, a1, a2, b0, b1, b2, c0, c1, c2)  \
  QUAVER_LOAD_ONE(c0, c1, c2)                             \
  QUAVER_TWO_PRODUCTS(12, a0, 16, a1, 17)                 \
  QUAVER_TWO_PRODUCTS(14, a2, 18, b0, 19)                 \
  QUAVER_TWO_PRODUCTS(15, b1, 20, b2, 21)                 \
  "saddw2 v13.4s, v26.4s, v12.8h\n"                       \
  "saddw v12.4s, v25.4s, v12.4h\n"                        \
  QUAVER_TWO_PRODUCTS(31, c0, 22, c1, 23)                 \
  QUAVER_WIDEN_ONE(14)                                    \
  "smull v14.8h, v" #c2 ".8b, v24.8b\n"                   \
  QUAVER_WIDEN_ONE(15)                                    \
  QUAVER_WIDEN_ONE(31)                                    \
  QUAVER_WIDEN_ONE(14)                                    \
  QUAVER_STORE_ONE

// A flag: whether no lane is above 255. Weights whose magnitudes add up to that have products with
// -128 to 127 that fit 16 bits together.
#define QUAVER_TELL(v, flag)                              \
  "umaxv h" #v ", v" #v ".8h\n"                           \
  "umov %w[other], v" #v ".h[0]\n"                        \
  "cmp %w[other], #255\n"                                 \
  "cset %w[other], ls\n"                                  \
  "bfi %[flags], %[other], #" #flag ", #1\n"

/// Pairs of output rows of eight channels, of StageKind::kShortRelu or kRelu.
template <bool kShort>
void RunDepthwisePairs(RowsOfBlocks* blocks) {
  QUAVER_WALK_VARIABLES;
  std::ptrdiff_t pad;
  asm volatile(
      QUAVER_WALK_BEGIN
      "mov %[pad], %[other]\n"

      "10:\n"                             // a block
      "ldp d16, d17, [%[panel], #96]\n"   // weights
      "ldp d18, d19, [%[panel], #112]\n"
      "ldp d20, d21, [%[panel], #128]\n"
      "ldp d22, d23, [%[panel], #144]\n"
      "ldr d24, [%[panel], #160]\n"
      "ldp q25, q26, [%[panel]]\n"        // biases
      "dup v0.8b, %w[pad]\n"
      "smull v1.8h, v0.8b, v16.8b\n"      // a column of padding at the left
      "smull v2.8h, v0.8b, v22.8b\n"      // at the right
      "smull v3.8h, v0.8b, v18.8b\n"
      "smull v4.8h, v0.8b, v24.8b\n"
      "smlal v1.8h, v0.8b, v17.8b\n"
      "smlal v2.8h, v0.8b, v23.8b\n"
      "saddl v5.4s, v1.4h, v3.4h\n"
      "saddl2 v6.4s, v1.8h, v3.8h\n"
      "saddl v7.4s, v2.4h, v4.4h\n"
      "saddl2 v8.4s, v2.8h, v4.8h\n"
      "add v5.4s, v5.4s, v25.4s\n"
      "add v6.4s, v6.4s, v26.4s\n"
      "add v7.4s, v7.4s, v25.4s\n"
      "add v8.4s, v8.4s, v26.4s\n"
      "tbnz %[flags], #2, 9f\n"
      "mov v5.16b, v25.16b\n"
      "mov v6.16b, v26.16b\n"
      "9:\n"
      "stp q5, q6, [%[sums], #64]\n"
      "stp q7, q8, [%[sums], #128]\n"
      "abs v0.8b, v16.8b\n"
      "abs v1.8b, v17.8b\n"
      "abs v2.8b, v18.8b\n"
      "abs v3.8b, v19.8b\n"
      "abs v4.8b, v20.8b\n"
      "abs v5.8b, v21.8b\n"
      "abs v6.8b, v22.8b\n"
      "abs v7.8b, v23.8b\n"
      "abs v8.8b, v24.8b\n"
      "uaddl v9.8h, v2.8b, v3.8b\n"
      "uaddl v10.8h, v0.8b, v1.8b\n"
      "uaddl v11.8h, v7.8b, v8.8b\n"
      "uaddw v12.8h, v9.8h, v8.8b\n"
      "uaddw v9.8h, v9.8h, v6.8b\n"
      "uaddw v10.8h, v10.8h, v5.8b\n"
      "uaddw v11.8h, v11.8h, v4.8b\n"
      "umax v9.8h, v9.8h, v10.8h\n"
      "umax v9.8h, v9.8h, v11.8h\n"
      QUAVER_TELL(12, 4)                  // the last product to the second two
      QUAVER_TELL(9, 5)                   // all by three
      "ldp q27, q28, [%[panel], #32]\n"   // multipliers
      ".if %c[is_short]\n"
      "ldp q29, q31, [%[panel], #64]\n"   // shifts
      "movi v0.8h, #2\n"
      "uzp1 v29.8h, v29.8h, v31.8h\n"
      "add v29.8h, v29.8h, v0.8h\n"
      ".endif\n"
      "movi v30.16b, #128\n"
      QUAVER_WALK_FIRST(1)

      QUAVER_WALK_NEXT(QUAVER_WALK_TWO_ROWS)
      "ldp q12, q13, [%[sums], #64]\n"
      "ldp q14, q15, [%[sums], #64]\n"
      "tbnz %[flags], #2, 12f\n"
      QUAVER_LOAD_COLUMN(0, 1, 2, 3)
      QUAVER_PRODUCTS(4, 5, 0, 1, 16)
      QUAVER_ADD_PRODUCTS(4, 5, 1, 2, 17)
      QUAVER_PRODUCTS(6, 7, 2, 3, 18)
      QUAVER_WIDEN(4, 5)
      QUAVER_WIDEN(6, 7)
      "12:\n"
      "ldr %[left], [%[sums], #440]\n"
      "tbnz %[flags], #0, 13f\n"
      "tbnz %[flags], #1, 14f\n"
      QUAVER_FIRST_OF_ROW(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
      "tbnz %[flags], #5, 35f\n"
      "tbz %[flags], #4, 15f\n"
      "25:\n"
      QUAVER_NEXT_BY_THREE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
      "26:\n"
      QUAVER_NEXT_BY_THREE(4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3)
      "27:\n"
      QUAVER_NEXT_BY_THREE(8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7)
      "subs %[left], %[left], #1\n"
      "b.ne 25b\n"
      "18:\n"
      "tbz %[flags], #3, 19f\n"
      "ldp q12, q13, [%[sums], #128]\n"
      "ldp q14, q15, [%[sums], #128]\n"
      QUAVER_LAST_OF_ROW(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)

      QUAVER_WALK_LAST(1, QUAVER_WALK_ODD)
      "13:\n"
      QUAVER_FIRST_OF_ROW(8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7)
      "tbnz %[flags], #5, 37f\n"
      "tbz %[flags], #4, 17f\n"
      "b 27b\n"
      "14:\n"
      QUAVER_FIRST_OF_ROW(4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3)
      "tbnz %[flags], #5, 36f\n"
      "tbz %[flags], #4, 16f\n"
      "b 26b\n"
      "15:\n"
      QUAVER_NEXT_BY_TWO(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
      "16:\n"
      QUAVER_NEXT_BY_TWO(4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3)
      "17:\n"
      QUAVER_NEXT_BY_TWO(8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7)
      "subs %[left], %[left], #1\n"
      "b.ne 15b\n"
      "b 18b\n"
      "35:\n"
      QUAVER_NEXT_ALL_BY_THREE(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
      "36:\n"
      QUAVER_NEXT_ALL_BY_THREE(4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3)
      "37:\n"
      QUAVER_NEXT_ALL_BY_THREE(8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7)
      "subs %[left], %[left], #1\n"
      "b.ne 35b\n"
      "b 18b\n"

      ".if %c[is_short]\n"
      "22:\n"                             // an odd row
      "ldp q12, q13, [%[sums], #64]\n"
      "tbnz %[flags], #2, 23f\n"
      QUAVER_LOAD_ONE(0, 1, 2)
      QUAVER_TWO_PRODUCTS(14, 0, 16, 1, 17)
      "smull v15.8h, v2.8b, v18.8b\n"
      QUAVER_WIDEN_ONE(14)
      QUAVER_WIDEN_ONE(15)
      "23:\n"
      "ldr %[left], [%[sums], #440]\n"
      "tbnz %[flags], #0, 24f\n"
      "tbnz %[flags], #1, 28f\n"
      QUAVER_FIRST_OF_ONE(0, 1, 2, 4, 5, 6)
      "29:\n"
      QUAVER_NEXT_OF_ONE(0, 1, 2, 4, 5, 6, 8, 9, 10)
      "30:\n"
      QUAVER_NEXT_OF_ONE(4, 5, 6, 8, 9, 10, 0, 1, 2)
      "31:\n"
      QUAVER_NEXT_OF_ONE(8, 9, 10, 0, 1, 2, 4, 5, 6)
      "subs %[left], %[left], #1\n"
      "b.ne 29b\n"
      "tbz %[flags], #3, 21f\n"
      "ldp q12, q13, [%[sums], #128]\n"
      QUAVER_TWO_PRODUCTS(14, 0, 16, 1, 17)
      QUAVER_TWO_PRODUCTS(15, 2, 18, 4, 19)
      QUAVER_TWO_PRODUCTS(31, 5, 20, 6, 21)
      QUAVER_WIDEN_ONE(14)
      QUAVER_WIDEN_ONE(15)
      QUAVER_WIDEN_ONE(31)
      QUAVER_STORE_ONE
      "b 21f\n"
      "24:\n"
      QUAVER_FIRST_OF_ONE(8, 9, 10, 0, 1, 2)
      "b 31b\n"
      "28:\n"
      QUAVER_FIRST_OF_ONE(4, 5, 6, 8, 9, 10)
      "b 30b\n"
      ".endif\n"

      QUAVER_WALK_END(192, 8)
      : QUAVER_WALK_OPERANDS, [pad] "=&r"(pad)
      : [sums] "r"(blocks), [is_short] "i"(kShort ? 1 : 0)
      : QUAVER_WALK_CLOBBERS);
}

// Sixteen channels of three rows.
#define QUAVER_WIDE_LOAD(r0, r1, r2)                      \
  "ld1 {v" #r0 ".16b}, [%[above]], %[step_above]\n"       \
  "ld1 {v" #r1 ".16b}, [%[row]], %[step]\n"               \
  "ld1 {v" #r2 ".16b}, [%[below]], %[step_below]\n"
#define QUAVER_WIDE_PRODUCTS(t, u, x, w)                  \
  "smull v" #t ".8h, v" #x ".8b, v" #w ".8b\n"            \
  "smull2 v" #u ".8h, v" #x ".16b, v" #w ".16b\n"
#define QUAVER_WIDE_ADD_PRODUCTS(t, u, x, w)              \
  "smlal v" #t ".8h, v" #x ".8b, v" #w ".8b\n"            \
  "smlal2 v" #u ".8h, v" #x ".16b, v" #w ".16b\n"
#define QUAVER_WIDE_WIDEN(t, u)                           \
  "saddw v8.4s, v8.4s, v" #t ".4h\n"                      \
  "saddw2 v9.4s, v9.4s, v" #t ".8h\n"                     \
  "saddw v10.4s, v10.4s, v" #u ".4h\n"                    \
  "saddw2 v11.4s, v11.4s, v" #u ".8h\n"
#define QUAVER_STORE_WIDE                                 \
  "sqdmulh v8.4s, v8.4s, v12.4s\n"                        \
  "sqdmulh v10.4s, v10.4s, v14.4s\n"                      \
  "sqdmulh v9.4s, v9.4s, v13.4s\n"                        \
  "sqdmulh v11.4s, v11.4s, v15.4s\n"                      \
  ".if %c[is_short]\n"                                    \
  QUAVER_SHIFT_SHORT(8, 9, 10, 11, 25, 26)                \
  ".else\n"                                               \
  "ld1 {v28.4s-v31.4s}, [%[shifts]]\n"                    \
  QUAVER_SHIFT_ANY(8, 9, 10, 11, 28, 29, 30, 31)          \
  ".endif\n"                                              \
  "uqxtn v8.8b, v8.8h\n"                                  \
  "uqxtn2 v8.16b, v10.8h\n"                               \
  "eor v8.16b, v8.16b, v27.16b\n"                         \
  "st1 {v8.16b}, [%[output]], %[step]\n"

// Pixels whose first column is in registers 0 to 2, and where their last one is then.
#define QUAVER_WIDE_NEXT(second, last)                    \
  "ld1 {v8.4s-v11.4s}, [%[sums]]\n"                       \
  QUAVER_WIDE_LOAD(3, 4, 5)                               \
  QUAVER_WIDE_PRODUCTS(28, 29, 0, 16)                     \
  QUAVER_WIDE_ADD_PRODUCTS(28, 29, 1, 17)                 \
  QUAVER_WIDE_PRODUCTS(6, 7, 2, 18)                       \
  QUAVER_WIDE_LOAD(0, 1, 2)                               \
  QUAVER_WIDE_ADD_PRODUCTS(6, 7, 3, 19)                   \
  QUAVER_WIDE_WIDEN(28, 29)                               \
  QUAVER_WIDE_PRODUCTS(30, 31, 4, 20)                     \
  QUAVER_WIDE_ADD_PRODUCTS(30, 31, 5, 21)                 \
  second(6, 7, 2, 24)                                     \
  QUAVER_WIDE_PRODUCTS(28, 29, 0, 22)                     \
  QUAVER_WIDE_ADD_PRODUCTS(28, 29, 1, 23)                 \
  QUAVER_WIDE_WIDEN(6, 7)                                 \
  QUAVER_WIDE_WIDEN(30, 31)                               \
  last(6, 7, 2, 24)                                       \
  QUAVER_WIDE_WIDEN(28, 29)                               \
  QUAVER_STORE_WIDE
#define QUAVER_WIDE_NOTHING(t, u, x, w)
#define QUAVER_WIDE_BY_ITSELF(t, u, x, w)                 \
  QUAVER_WIDE_PRODUCTS(t, u, x, w)                        \
  QUAVER_WIDE_WIDEN(t, u)

/// Output rows of sixteen channels with a stride of 2.
template <bool kShort>
void RunDepthwiseWide(RowsOfBlocks* blocks) {
  QUAVER_WALK_VARIABLES;
  const std::uint8_t *left_sums, *right_sums, *shifts;
  std::ptrdiff_t pad;
  asm volatile(
      QUAVER_WALK_BEGIN
      "mov %[pad], %[other]\n"
      "movi v27.16b, #128\n"
      "add %[left_sums], %[sums], #64\n"
      "add %[right_sums], %[sums], #128\n"
      "add %[shifts], %[sums], #256\n"

      "10:\n"                             // a block
      "add %[other], %[panel], #96\n"     // weights
      "add %[left], %[panel], #288\n"
      "ld1 {v16.8b-v19.8b}, [%[other]], #32\n"
      "ld1 {v20.8b-v23.8b}, [%[other]], #32\n"
      "ld1 {v24.8b}, [%[other]]\n"
      "ld1 {v16.d}[1], [%[left]], #8\n"
      "ld1 {v17.d}[1], [%[left]], #8\n"
      "ld1 {v18.d}[1], [%[left]], #8\n"
      "ld1 {v19.d}[1], [%[left]], #8\n"
      "ld1 {v20.d}[1], [%[left]], #8\n"
      "ld1 {v21.d}[1], [%[left]], #8\n"
      "ld1 {v22.d}[1], [%[left]], #8\n"
      "ld1 {v23.d}[1], [%[left]], #8\n"
      "ld1 {v24.d}[1], [%[left]]\n"
      "ldp q8, q9, [%[panel]]\n"          // biases
      "ldp q10, q11, [%[panel], #192]\n"
      "st1 {v8.4s-v11.4s}, [%[sums]]\n"
      "dup v0.16b, %w[pad]\n"
      "abs v28.16b, v18.16b\n"
      "abs v29.16b, v19.16b\n"
      "abs v30.16b, v24.16b\n"
      "uaddl v31.8h, v28.8b, v29.8b\n"
      "uaddl2 v28.8h, v28.16b, v29.16b\n"
      "uaddw v31.8h, v31.8h, v30.8b\n"
      "uaddw2 v28.8h, v28.8h, v30.16b\n"
      "umax v31.8h, v31.8h, v28.8h\n"
      QUAVER_TELL(31, 4)                  // the last product to the second two
      "tbz %[flags], #2, 9f\n"            // a column of padding at the left
      QUAVER_WIDE_PRODUCTS(28, 29, 0, 16)
      QUAVER_WIDE_ADD_PRODUCTS(28, 29, 0, 17)
      QUAVER_WIDE_PRODUCTS(30, 31, 0, 18)
      QUAVER_WIDE_WIDEN(28, 29)
      QUAVER_WIDE_WIDEN(30, 31)
      "9:\n"
      "st1 {v8.4s-v11.4s}, [%[left_sums]]\n"
      "ldp q8, q9, [%[panel]]\n"
      "ldp q10, q11, [%[panel], #192]\n"
      QUAVER_WIDE_PRODUCTS(28, 29, 0, 22) // at the right
      QUAVER_WIDE_ADD_PRODUCTS(28, 29, 0, 23)
      QUAVER_WIDE_PRODUCTS(30, 31, 0, 24)
      QUAVER_WIDE_WIDEN(28, 29)
      QUAVER_WIDE_WIDEN(30, 31)
      "st1 {v8.4s-v11.4s}, [%[right_sums]]\n"
      "ldp q12, q13, [%[panel], #32]\n"   // multipliers
      "ldp q14, q15, [%[panel], #224]\n"
      "ldp q28, q29, [%[panel], #64]\n"   // shifts
      "ldp q30, q31, [%[panel], #256]\n"
      ".if %c[is_short]\n"
      "movi v0.8h, #2\n"
      "uzp1 v25.8h, v28.8h, v29.8h\n"
      "uzp1 v26.8h, v30.8h, v31.8h\n"
      "add v25.8h, v25.8h, v0.8h\n"
      "add v26.8h, v26.8h, v0.8h\n"
      ".else\n"
      "st1 {v28.4s-v31.4s}, [%[shifts]]\n"
      ".endif\n"
      QUAVER_WALK_FIRST(0)

      QUAVER_WALK_NEXT(QUAVER_WALK_ONE_ROW)
      "ldr %[left], [%[sums], #440]\n"
      "tbnz %[flags], #2, 13f\n"
      QUAVER_WIDE_LOAD(0, 1, 2)
      "tbnz %[flags], #4, 15f\n"
      "12:\n"
      QUAVER_WIDE_NEXT(QUAVER_WIDE_NOTHING, QUAVER_WIDE_BY_ITSELF)
      "subs %[left], %[left], #1\n"
      "b.ne 12b\n"
      "14:\n"
      "tbz %[flags], #3, 19f\n"
      "ld1 {v8.4s-v11.4s}, [%[right_sums]]\n"
      QUAVER_WIDE_LOAD(3, 4, 5)
      QUAVER_WIDE_PRODUCTS(28, 29, 0, 16)
      QUAVER_WIDE_ADD_PRODUCTS(28, 29, 1, 17)
      QUAVER_WIDE_PRODUCTS(6, 7, 2, 18)
      QUAVER_WIDE_ADD_PRODUCTS(6, 7, 3, 19)
      QUAVER_WIDE_PRODUCTS(30, 31, 4, 20)
      QUAVER_WIDE_ADD_PRODUCTS(30, 31, 5, 21)
      QUAVER_WIDE_WIDEN(28, 29)
      QUAVER_WIDE_WIDEN(6, 7)
      QUAVER_WIDE_WIDEN(30, 31)
      QUAVER_STORE_WIDE

      QUAVER_WALK_LAST(0, QUAVER_WALK_NEVER_ODD)

      "13:\n"                             // the first pixel, its first column in the sums
      "ld1 {v8.4s-v11.4s}, [%[left_sums]]\n"
      QUAVER_WIDE_LOAD(3, 4, 5)
      QUAVER_WIDE_LOAD(0, 1, 2)
      QUAVER_WIDE_PRODUCTS(6, 7, 3, 19)
      QUAVER_WIDE_ADD_PRODUCTS(6, 7, 4, 20)
      QUAVER_WIDE_PRODUCTS(30, 31, 5, 21)
      QUAVER_WIDE_ADD_PRODUCTS(30, 31, 0, 22)
      QUAVER_WIDE_PRODUCTS(28, 29, 1, 23)
      QUAVER_WIDE_ADD_PRODUCTS(28, 29, 2, 24)
      QUAVER_WIDE_WIDEN(6, 7)
      QUAVER_WIDE_WIDEN(30, 31)
      QUAVER_WIDE_WIDEN(28, 29)
      QUAVER_STORE_WIDE
      "subs %[left], %[left], #1\n"
      "b.eq 14b\n"
      "tbz %[flags], #4, 12b\n"
      "15:\n"
      QUAVER_WIDE_NEXT(QUAVER_WIDE_ADD_PRODUCTS, QUAVER_WIDE_NOTHING)
      "subs %[left], %[left], #1\n"
      "b.ne 15b\n"
      "b 14b\n"

      QUAVER_WALK_END(384, 16)
      : QUAVER_WALK_OPERANDS, [pad] "=&r"(pad), [left_sums] "=&r"(left_sums),
        [right_sums] "=&r"(right_sums), [shifts] "=&r"(shifts)
      : [sums] "r"(blocks), [is_short] "i"(kShort ? 1 : 0)
      : QUAVER_WALK_CLOBBERS);
}
// clang-format on

#undef QUAVER_PRODUCTS
#undef QUAVER_ADD_PRODUCTS
#undef QUAVER_WIDEN
#undef QUAVER_LOAD_COLUMN
#undef QUAVER_STORE_TWO
#undef QUAVER_FIRST_OF_ROW
#undef QUAVER_LAST_OF_ROW
#undef QUAVER_NEXT_OF_ROW
#undef QUAVER_NOTHING
#undef QUAVER_BY_ITSELF
#undef QUAVER_NEXT_BY_TWO
#undef QUAVER_NEXT_BY_THREE
#undef QUAVER_NEXT_ALL_BY_THREE
#undef QUAVER_LOAD_ONE
#undef QUAVER_TWO_PRODUCTS
#undef QUAVER_WIDEN_ONE
#undef QUAVER_STORE_ONE
#undef QUAVER_FIRST_OF_ONE
#undef QUAVER_NEXT_OF_ONE
#undef QUAVER_TELL
#undef QUAVER_WIDE_LOAD
#undef QUAVER_WIDE_PRODUCTS
#undef QUAVER_WIDE_ADD_PRODUCTS
#undef QUAVER_WIDE_WIDEN
#undef QUAVER_STORE_WIDE
#undef QUAVER_WIDE_NEXT
#undef QUAVER_WIDE_NOTHING
#undef QUAVER_WIDE_BY_ITSELF

}  // namespace
}  // namespace quaver::kernels

#endif  // __aarch64__

#endif  // QUAVER_KERNELS_NEON_DEPTHWISE_ROWS_H_
