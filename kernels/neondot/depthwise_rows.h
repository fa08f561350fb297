// Rows of a depthwise convolution of 3 x 3 with SDOT, in assembly: it takes all registers, and
// compilers move sums and columns between them. One statement goes through all rows of all blocks,
// as rows are short in the layers with many channels: what a block needs is read once, and what it
// adds for a padded column once, to the biases that the sums of such a pixel start with.
#ifndef QUAVER_KERNELS_NEONDOT_DEPTHWISE_ROWS_H_
#define QUAVER_KERNELS_NEONDOT_DEPTHWISE_ROWS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/depthwise_3x3.h"

namespace quaver::kernels {
namespace {

/// Where byte r of channel c is, in two registers: rows 0 and 2 of eight channels each, rows 1 and
/// 3.
alignas(16) inline constexpr std::uint8_t kColumnBytes[32] = {
    0, 16, 8,  24, 1, 17, 9,  25, 2, 18, 10, 26, 3, 19, 11, 27,
    4, 20, 12, 28, 5, 21, 13, 29, 6, 22, 14, 30, 7, 23, 15, 31};

/// Of sixteen channels of three rows, the fourth byte without a weight: for the first eight
/// channels in rows 0 and 2, a byte of each in turn, and row 1; for the others in row 1 and those
/// two.
alignas(16) inline constexpr std::uint8_t kWideColumnBytes[64] = {
    0,  16, 1,  1,  2,  17, 3,  3,  4,  18, 5,  5,  6,  19, 7,  7,  8,  20, 9,  9,  10, 21,
    11, 11, 12, 22, 13, 13, 14, 23, 15, 15, 16, 8,  17, 17, 18, 9,  19, 19, 20, 10, 21, 21,
    22, 11, 23, 23, 24, 12, 25, 25, 26, 13, 27, 27, 28, 14, 29, 29, 30, 15, 31, 31};

static_assert(kHeaderBytes == 32 && kWeightsOffset == 96, "as in the assembly");
// clang-format off
// The next column: four bytes of each channel, of the first four channels and the others.
#define QUAVER_LOAD_ROWS                                \
  "ld1 {v12.8b}, [%[above]], %[step_above]\n"           \
  "ld1 {v13.8b}, [%[row]], %[row_bytes]\n"              \
  "ld1 {v12.d}[1], [%[row]], %[back]\n"                 \
  "ld1 {v13.d}[1], [%[below]], %[step_below]\n"
#define QUAVER_ZIP_ROWS(low, high)                      \
  "tbl v" #low ".16b, {v12.16b, v13.16b}, v31.16b\n"    \
  "tbl v" #high ".16b, {v12.16b, v13.16b}, v15.16b\n"

// Adds a column of the window, for both output rows.
#define QUAVER_SDOT_COLUMN(low, high, w0, w1, down0, down1)  \
  "sdot v8.4s, v" #low ".16b, v" #w0 ".16b\n"                \
  "sdot v9.4s, v" #high ".16b, v" #w1 ".16b\n"               \
  "sdot v10.4s, v" #low ".16b, v" #down0 ".16b\n"            \
  "sdot v11.4s, v" #high ".16b, v" #down1 ".16b\n"
#define QUAVER_SDOT_FIRST(low, high) QUAVER_SDOT_COLUMN(low, high, 16, 17, 22, 23)
#define QUAVER_SDOT_MIDDLE(low, high) QUAVER_SDOT_COLUMN(low, high, 18, 19, 24, 25)
#define QUAVER_SDOT_LAST(low, high) QUAVER_SDOT_COLUMN(low, high, 20, 21, 26, 27)

// A pixel of both output rows.
#define QUAVER_STORE_PAIR                               \
  "sqdmulh v8.4s, v8.4s, v6.4s\n"                       \
  "sqdmulh v9.4s, v9.4s, v7.4s\n"                       \
  "sqdmulh v10.4s, v10.4s, v6.4s\n"                     \
  "sqdmulh v11.4s, v11.4s, v7.4s\n"                     \
  ".if %c[is_short]\n"                                  \
  QUAVER_SHIFT_SHORT(8, 9, 10, 11, 28, 28)              \
  ".else\n"                                             \
  QUAVER_SHIFT_ANY(8, 9, 10, 11, 28, 14, 28, 14)        \
  ".endif\n"                                            \
  "uqxtn v8.8b, v8.8h\n"                                \
  "uqxtn2 v8.16b, v10.8h\n"                             \
  "eor v8.16b, v8.16b, v30.16b\n"                       \
  "st1 {v8.8b}, [%[output]], %[output_row_bytes]\n"     \
  "st1 {v8.d}[1], [%[output]], %[output_back]\n"

// The first pixel of a row, whose sums hold the first column already: loads the other two.
#define QUAVER_FIRST_PIXEL(b0, b1, c0, c1)  \
  QUAVER_LOAD_ROWS                          \
  QUAVER_ZIP_ROWS(b0, b1)                   \
  QUAVER_LOAD_ROWS                          \
  QUAVER_SDOT_MIDDLE(b0, b1)                \
  QUAVER_ZIP_ROWS(c0, c1)                   \
  QUAVER_SDOT_LAST(c0, c1)                  \
  QUAVER_STORE_PAIR
// Loads the third column.
#define QUAVER_NEXT_PIXEL(a0, a1, b0, b1, c0, c1)  \
  "ld1 {v8.4s-v11.4s}, [%[sums]]\n"                \
  QUAVER_LOAD_ROWS                                 \
  QUAVER_SDOT_FIRST(a0, a1)                        \
  QUAVER_SDOT_MIDDLE(b0, b1)                       \
  QUAVER_ZIP_ROWS(c0, c1)                          \
  QUAVER_SDOT_LAST(c0, c1)                         \
  QUAVER_STORE_PAIR

// The same of one row.
#define QUAVER_LOAD_ROW                                 \
  "ld1 {v12.8b}, [%[above]], %[step_above]\n"           \
  "ld1 {v13.8b}, [%[row]], %[step]\n"                   \
  "ld1 {v12.d}[1], [%[below]], %[step_below]\n"
#define QUAVER_SDOT_ROW(low, high, w0, w1)              \
  "sdot v8.4s, v" #low ".16b, v" #w0 ".16b\n"           \
  "sdot v9.4s, v" #high ".16b, v" #w1 ".16b\n"
#define QUAVER_STORE_ROW                                \
  "sqdmulh v8.4s, v8.4s, v6.4s\n"                       \
  "sqdmulh v9.4s, v9.4s, v7.4s\n"                       \
  "sqshrun v8.4h, v8.4s, #2\n"                          \
  "sqshrun2 v8.8h, v9.4s, #2\n"                         \
  "urshl v8.8h, v8.8h, v28.8h\n"                        \
  "uqxtn v8.8b, v8.8h\n"                                \
  "eor v8.16b, v8.16b, v30.16b\n"                       \
  "st1 {v8.8b}, [%[output]], %[step]\n"
#define QUAVER_FIRST_OF_ROW(b0, b1, c0, c1)             \
  QUAVER_LOAD_ROW                                       \
  QUAVER_ZIP_ROWS(b0, b1)                               \
  QUAVER_LOAD_ROW                                       \
  QUAVER_SDOT_ROW(b0, b1, 18, 19)                       \
  QUAVER_ZIP_ROWS(c0, c1)                               \
  QUAVER_SDOT_ROW(c0, c1, 20, 21)                       \
  QUAVER_STORE_ROW
#define QUAVER_NEXT_OF_ROW(a0, a1, b0, b1, c0, c1)      \
  "ldp q8, q9, [%[sums]]\n"                             \
  QUAVER_LOAD_ROW                                       \
  QUAVER_SDOT_ROW(a0, a1, 16, 17)                       \
  QUAVER_SDOT_ROW(b0, b1, 18, 19)                       \
  QUAVER_ZIP_ROWS(c0, c1)                               \
  QUAVER_SDOT_ROW(c0, c1, 20, 21)                       \
  QUAVER_STORE_ROW

/// Pairs of output rows of eight channels, of StageKind::kShortRelu or kRelu
/// (kernels/arm/depthwise_stage.h).
template <bool kShort>
void RunDepthwisePairs(RowsOfBlocks* blocks) {
  QUAVER_WALK_VARIABLES;
  const std::uint8_t *left_sums, *right_sums;
  asm volatile(
      "ldp q31, q15, [%[bytes]]\n"
      QUAVER_WALK_BEGIN
      "dup v29.16b, %w[other]\n"          // a column of padding
      "movi v30.16b, #128\n"
      "add %[left_sums], %[sums], #64\n"
      "add %[right_sums], %[sums], #128\n"

      "10:\n"                             // a block
      "ldp q16, q17, [%[panel], #96]\n"   // weights of the upper row
      "ldp q8, q9, [%[panel]]\n"          // biases
      "ldp q10, q11, [%[panel]]\n"
      "ldp q18, q19, [%[panel], #128]\n"
      "ldp q20, q21, [%[panel], #160]\n"
      "shl v22.4s, v16.4s, #8\n"          // of the lower row
      "shl v23.4s, v17.4s, #8\n"
      "st1 {v8.4s-v11.4s}, [%[sums]]\n"
      "ldp q28, q14, [%[panel], #64]\n"   // shifts
      "shl v24.4s, v18.4s, #8\n"
      "shl v25.4s, v19.4s, #8\n"
      "tbz %[flags], #2, 9f\n"
      QUAVER_SDOT_FIRST(29, 29)
      "9:\n"
      "shl v26.4s, v20.4s, #8\n"
      "shl v27.4s, v21.4s, #8\n"
      "st1 {v8.4s-v11.4s}, [%[left_sums]]\n"
      "ldp q8, q9, [%[panel]]\n"
      "ldp q10, q11, [%[panel]]\n"
      "ldp q6, q7, [%[panel], #32]\n"     // multipliers
      QUAVER_SDOT_LAST(29, 29)
      ".if %c[is_short]\n"
      "movi v0.8h, #2\n"
      "uzp1 v28.8h, v28.8h, v14.8h\n"
      "add v28.8h, v28.8h, v0.8h\n"
      ".endif\n"
      "st1 {v8.4s-v11.4s}, [%[right_sums]]\n"
      QUAVER_WALK_FIRST(1)

      QUAVER_WALK_NEXT(QUAVER_WALK_TWO_ROWS)
      "ld1 {v8.4s-v11.4s}, [%[left_sums]]\n"
      "tbnz %[flags], #2, 12f\n"
      QUAVER_LOAD_ROWS
      QUAVER_ZIP_ROWS(0, 1)
      QUAVER_SDOT_FIRST(0, 1)
      "12:\n"
      "ldr %[left], [%[sums], #440]\n"
      "tbnz %[flags], #0, 13f\n"
      "tbnz %[flags], #1, 14f\n"
      QUAVER_FIRST_PIXEL(0, 1, 2, 3)
      "15:\n"
      QUAVER_NEXT_PIXEL(0, 1, 2, 3, 4, 5)
      "16:\n"
      QUAVER_NEXT_PIXEL(2, 3, 4, 5, 0, 1)
      "17:\n"
      QUAVER_NEXT_PIXEL(4, 5, 0, 1, 2, 3)
      "subs %[left], %[left], #1\n"
      "b.ne 15b\n"
      "tbz %[flags], #3, 19f\n"
      "ld1 {v8.4s-v11.4s}, [%[right_sums]]\n"
      QUAVER_SDOT_FIRST(0, 1)
      QUAVER_SDOT_MIDDLE(2, 3)
      QUAVER_STORE_PAIR

      QUAVER_WALK_LAST(1, QUAVER_WALK_ODD)
      "13:\n"
      QUAVER_FIRST_PIXEL(4, 5, 0, 1)
      "b 17b\n"
      "14:\n"
      QUAVER_FIRST_PIXEL(2, 3, 4, 5)
      "b 16b\n"

      ".if %c[is_short]\n"
      "22:\n"                             // an odd row
      "ldp q8, q9, [%[sums], #64]\n"
      "tbnz %[flags], #2, 23f\n"
      QUAVER_LOAD_ROW
      QUAVER_ZIP_ROWS(0, 1)
      QUAVER_SDOT_ROW(0, 1, 16, 17)
      "23:\n"
      "ldr %[left], [%[sums], #440]\n"
      "tbnz %[flags], #0, 24f\n"
      "tbnz %[flags], #1, 25f\n"
      QUAVER_FIRST_OF_ROW(0, 1, 2, 3)
      "26:\n"
      QUAVER_NEXT_OF_ROW(0, 1, 2, 3, 4, 5)
      "27:\n"
      QUAVER_NEXT_OF_ROW(2, 3, 4, 5, 0, 1)
      "28:\n"
      QUAVER_NEXT_OF_ROW(4, 5, 0, 1, 2, 3)
      "subs %[left], %[left], #1\n"
      "b.ne 26b\n"
      "tbz %[flags], #3, 21f\n"
      "ldp q8, q9, [%[sums], #128]\n"
      QUAVER_SDOT_ROW(0, 1, 16, 17)
      QUAVER_SDOT_ROW(2, 3, 18, 19)
      QUAVER_STORE_ROW
      "b 21f\n"
      "24:\n"
      QUAVER_FIRST_OF_ROW(4, 5, 0, 1)
      "b 28b\n"
      "25:\n"
      QUAVER_FIRST_OF_ROW(2, 3, 4, 5)
      "b 27b\n"
      ".endif\n"

      QUAVER_WALK_END(192, 8)
      : QUAVER_WALK_OPERANDS, [left_sums] "=&r"(left_sums), [right_sums] "=&r"(right_sums)
      : [sums] "r"(blocks), [bytes] "r"(kColumnBytes), [is_short] "i"(kShort ? 1 : 0)
      : QUAVER_WALK_CLOBBERS);
}

// The next column of sixteen channels of three rows. TBL of three registers would take fewer
// instructions, but more time on a Cortex-A76.
#define QUAVER_WIDE_COLUMN                                        \
  "ld1 {v15.16b}, [%[above]], %[step_above]\n"                    \
  "ld1 {v13.16b}, [%[row]], %[step]\n"                            \
  "ld1 {v14.16b}, [%[below]], %[step_below]\n"                    \
  "zip1 v12.16b, v15.16b, v14.16b\n"                              \
  "zip2 v14.16b, v15.16b, v14.16b\n"                              \
  "tbl v0.16b, {v12.16b, v13.16b}, v28.16b\n"                     \
  "tbl v1.16b, {v12.16b, v13.16b}, v29.16b\n"                     \
  "tbl v2.16b, {v13.16b, v14.16b}, v30.16b\n"                     \
  "tbl v3.16b, {v13.16b, v14.16b}, v31.16b\n"
#define QUAVER_SDOT_WIDE(a, b, c, d, w0, w1, w2, w3)              \
  "sdot v8.4s, v" #a ".16b, v" #w0 ".16b\n"                       \
  "sdot v9.4s, v" #b ".16b, v" #w1 ".16b\n"                       \
  "sdot v10.4s, v" #c ".16b, v" #w2 ".16b\n"                      \
  "sdot v11.4s, v" #d ".16b, v" #w3 ".16b\n"
#define QUAVER_WIDE_FIRST QUAVER_SDOT_WIDE(0, 1, 2, 3, 16, 17, 18, 19)
#define QUAVER_WIDE_MIDDLE QUAVER_SDOT_WIDE(0, 1, 2, 3, 20, 21, 22, 23)
#define QUAVER_WIDE_LAST QUAVER_SDOT_WIDE(0, 1, 2, 3, 24, 25, 26, 27)
#define QUAVER_STORE_WIDE                                         \
  "ld1 {v12.4s-v15.4s}, [%[multipliers]]\n"                       \
  "sqdmulh v8.4s, v8.4s, v12.4s\n"                                \
  "sqdmulh v9.4s, v9.4s, v13.4s\n"                                \
  "sqdmulh v10.4s, v10.4s, v14.4s\n"                              \
  "sqdmulh v11.4s, v11.4s, v15.4s\n"                              \
  ".if %c[is_short]\n"                                            \
  QUAVER_SHIFT_SHORT(8, 9, 10, 11, 4, 5)                          \
  ".else\n"                                                       \
  "ld1 {v12.4s-v15.4s}, [%[shifts]]\n"                            \
  QUAVER_SHIFT_ANY(8, 9, 10, 11, 12, 13, 14, 15)                  \
  ".endif\n"                                                      \
  "uqxtn v8.8b, v8.8h\n"                                          \
  "uqxtn2 v8.16b, v10.8h\n"                                       \
  "eor v8.16b, v8.16b, v6.16b\n"                                  \
  "st1 {v8.16b}, [%[output]], %[step]\n"

/// Output rows of sixteen channels with a stride of 2.
template <bool kShort>
void RunDepthwiseWide(RowsOfBlocks* blocks) {
  QUAVER_WALK_VARIABLES;
  const std::uint8_t *left_sums, *right_sums, *multipliers, *shifts;
  asm volatile(
      "ld1 {v28.16b-v31.16b}, [%[bytes]]\n"
      QUAVER_WALK_BEGIN
      "dup v7.16b, %w[other]\n"           // a column of padding
      "movi v6.16b, #128\n"
      "add %[left_sums], %[sums], #64\n"
      "add %[right_sums], %[sums], #128\n"
      "add %[multipliers], %[sums], #192\n"
      "add %[shifts], %[sums], #256\n"

      "10:\n"                             // a block
      "ldp q8, q9, [%[panel]]\n"          // biases
      "ldp q10, q11, [%[panel], #192]\n"
      "ldp q16, q17, [%[panel], #96]\n"   // weights
      "ldp q18, q19, [%[panel], #288]\n"
      "st1 {v8.4s-v11.4s}, [%[sums]]\n"
      "ldp q20, q21, [%[panel], #128]\n"
      "ldp q22, q23, [%[panel], #320]\n"
      "tbz %[flags], #2, 9f\n"
      QUAVER_SDOT_WIDE(7, 7, 7, 7, 16, 17, 18, 19)
      "9:\n"
      "ldp q0, q1, [%[panel], #32]\n"     // multipliers
      "ldp q2, q3, [%[panel], #224]\n"
      "ldp q24, q25, [%[panel], #160]\n"
      "ldp q26, q27, [%[panel], #352]\n"
      "st1 {v8.4s-v11.4s}, [%[left_sums]]\n"
      "st1 {v0.4s-v3.4s}, [%[multipliers]]\n"
      "ldp q8, q9, [%[panel]]\n"
      "ldp q10, q11, [%[panel], #192]\n"
      "ldp q0, q1, [%[panel], #64]\n"     // shifts
      "ldp q2, q3, [%[panel], #256]\n"
      QUAVER_SDOT_WIDE(7, 7, 7, 7, 24, 25, 26, 27)
      ".if %c[is_short]\n"
      "movi v12.8h, #2\n"
      "uzp1 v4.8h, v0.8h, v1.8h\n"
      "uzp1 v5.8h, v2.8h, v3.8h\n"
      "add v4.8h, v4.8h, v12.8h\n"
      "add v5.8h, v5.8h, v12.8h\n"
      ".else\n"
      "st1 {v0.4s-v3.4s}, [%[shifts]]\n"
      ".endif\n"
      "st1 {v8.4s-v11.4s}, [%[right_sums]]\n"
      QUAVER_WALK_FIRST(0)

      QUAVER_WALK_NEXT(QUAVER_WALK_ONE_ROW)
      "ld1 {v8.4s-v11.4s}, [%[left_sums]]\n"
      "ldr %[left], [%[sums], #440]\n"
      "tbnz %[flags], #2, 14f\n"
      QUAVER_WIDE_COLUMN
      "b 13f\n"
      "12:\n"
      "ld1 {v8.4s-v11.4s}, [%[sums]]\n"
      "13:\n"
      QUAVER_WIDE_FIRST
      "14:\n"
      QUAVER_WIDE_COLUMN
      QUAVER_WIDE_MIDDLE
      QUAVER_WIDE_COLUMN
      QUAVER_WIDE_LAST
      QUAVER_STORE_WIDE
      "subs %[left], %[left], #1\n"
      "b.ne 12b\n"
      "tbz %[flags], #3, 19f\n"
      "ld1 {v8.4s-v11.4s}, [%[right_sums]]\n"
      QUAVER_WIDE_FIRST
      QUAVER_WIDE_COLUMN
      QUAVER_WIDE_MIDDLE
      QUAVER_STORE_WIDE

      QUAVER_WALK_LAST(0, QUAVER_WALK_NEVER_ODD)

      QUAVER_WALK_END(384, 16)
      : QUAVER_WALK_OPERANDS, [left_sums] "=&r"(left_sums), [right_sums] "=&r"(right_sums),
        [multipliers] "=&r"(multipliers), [shifts] "=&r"(shifts)
      : [sums] "r"(blocks), [bytes] "r"(kWideColumnBytes), [is_short] "i"(kShort ? 1 : 0)
      : QUAVER_WALK_CLOBBERS);
}
// clang-format on

#undef QUAVER_LOAD_ROWS
#undef QUAVER_ZIP_ROWS
#undef QUAVER_SDOT_COLUMN
#undef QUAVER_SDOT_FIRST
#undef QUAVER_SDOT_MIDDLE
#undef QUAVER_SDOT_LAST
#undef QUAVER_STORE_PAIR
#undef QUAVER_FIRST_PIXEL
#undef QUAVER_NEXT_PIXEL
#undef QUAVER_LOAD_ROW
#undef QUAVER_SDOT_ROW
#undef QUAVER_STORE_ROW
#undef QUAVER_FIRST_OF_ROW
#undef QUAVER_NEXT_OF_ROW
#undef QUAVER_WIDE_COLUMN
#undef QUAVER_SDOT_WIDE
#undef QUAVER_WIDE_FIRST
#undef QUAVER_WIDE_MIDDLE
#undef QUAVER_WIDE_LAST
#undef QUAVER_STORE_WIDE

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_DEPTHWISE_ROWS_H_
