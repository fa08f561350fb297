// Rows of a depthwise convolution of 3 x 3 with SDOT, in assembly: it takes all registers, and
// compilers move sums and columns between them.
#ifndef QUAVER_KERNELS_NEONDOT_DEPTHWISE_ROWS_H_
#define QUAVER_KERNELS_NEONDOT_DEPTHWISE_ROWS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/depthwise_3x3.h"

namespace quaver::kernels {
namespace {

/// Where byte r of channel c is, in two registers of two rows of eight channels each.
alignas(16) inline constexpr std::uint8_t kColumnBytes[32] = {
    0, 8,  16, 24, 1, 9,  17, 25, 2, 10, 18, 26, 3, 11, 19, 27,
    4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31};

/// Of sixteen channels of three rows, the fourth byte without a weight: for the first eight
/// channels in rows 0 and 2, a byte of each in turn, and row 1; for the others in row 1 and those
/// two.
alignas(16) inline constexpr std::uint8_t kWideColumnBytes[64] = {
    0,  16, 1,  1,  2,  17, 3,  3,  4,  18, 5,  5,  6,  19, 7,  7,  8,  20, 9,  9,  10, 21,
    11, 11, 12, 22, 13, 13, 14, 23, 15, 15, 16, 8,  17, 17, 18, 9,  19, 19, 20, 10, 21, 21,
    22, 11, 23, 23, 24, 12, 25, 25, 26, 13, 27, 27, 28, 14, 29, 29, 30, 15, 31, 31};

static_assert(kReluEarlyShift == 2, "as in the assembly");
static_assert(kHeaderBytes == 32 && kWeightsOffset == 96, "as in the assembly");

// clang-format off
// The next column: four bytes of each channel, of the first four channels and the others.
#define QUAVER_LOAD_ROWS                                \
  "ld1 {v12.8b}, [%[row0]], %[step0]\n"                 \
  "ld1 {v13.8b}, [%[row2]], %[step2]\n"                 \
  "ld1 {v12.d}[1], [%[row1]], %[step1]\n"               \
  "ld1 {v13.d}[1], [%[row3]], %[step3]\n"
#define QUAVER_ZIP_ROWS(low, high)                      \
  "tbl v" #low ".16b, {v12.16b, v13.16b}, v31.16b\n"    \
  "tbl v" #high ".16b, {v12.16b, v13.16b}, v15.16b\n"
#define QUAVER_COLUMN(low, high) QUAVER_LOAD_ROWS QUAVER_ZIP_ROWS(low, high)

// A column of the window, for both output rows.
#define QUAVER_SDOT_COLUMN(low, high, w0, w1, down0, down1)  \
  "sdot v8.4s, v" #low ".16b, v" #w0 ".16b\n"                \
  "sdot v9.4s, v" #high ".16b, v" #w1 ".16b\n"               \
  "sdot v10.4s, v" #low ".16b, v" #down0 ".16b\n"            \
  "sdot v11.4s, v" #high ".16b, v" #down1 ".16b\n"

// A pixel of both output rows. The third column may be loaded on the way: `rows`, `zip`.
#define QUAVER_PIXEL(a0, a1, b0, b1, c0, c1, rows, zip) \
  "ldp q8, q9, [%[panel]]\n"                            \
  rows                                                  \
  "ldp q10, q11, [%[panel]]\n"                          \
  QUAVER_SDOT_COLUMN(a0, a1, 16, 17, 22, 23)            \
  QUAVER_SDOT_COLUMN(b0, b1, 18, 19, 24, 25)            \
  zip                                                   \
  QUAVER_SDOT_COLUMN(c0, c1, 20, 21, 26, 27)            \
  "sqdmulh v8.4s, v8.4s, v6.4s\n"                       \
  "sqdmulh v9.4s, v9.4s, v7.4s\n"                       \
  "sqdmulh v10.4s, v10.4s, v6.4s\n"                     \
  "sqdmulh v11.4s, v11.4s, v7.4s\n"                     \
  "sqshrun v8.4h, v8.4s, #2\n"                          \
  "sqshrun v10.4h, v10.4s, #2\n"                        \
  "sqshrun2 v8.8h, v9.4s, #2\n"                         \
  "sqshrun2 v10.8h, v11.4s, #2\n"                       \
  "urshl v8.8h, v8.8h, v28.8h\n"                        \
  "urshl v10.8h, v10.8h, v28.8h\n"                      \
  "uqxtn v8.8b, v8.8h\n"                                \
  "uqxtn2 v8.16b, v10.8h\n"                             \
  "eor v8.16b, v8.16b, v30.16b\n"                       \
  "st1 {v8.8b}, [%[output]], %[step]\n"                 \
  "st1 {v8.d}[1], [%[below]], %[step]\n"
#define QUAVER_NEXT_PIXEL(a0, a1, b0, b1, c0, c1)  \
  QUAVER_PIXEL(a0, a1, b0, b1, c0, c1, QUAVER_LOAD_ROWS, QUAVER_ZIP_ROWS(c0, c1))
#define QUAVER_LAST_PIXEL(a0, a1, b0, b1) QUAVER_PIXEL(a0, a1, b0, b1, 29, 29, , )

/// Two output rows of eight channels, of StageKind::kShortRelu (kernels/arm/depthwise_stage.h).
inline void RunDepthwisePair(const PairOfRows& pair) {
  const std::int8_t* row0 = pair.rows.first(0);
  const std::int8_t* row1 = pair.rows.first(1);
  const std::int8_t* row2 = pair.rows.first(2);
  const std::int8_t* row3 = pair.rows.first(3);
  std::int8_t* output = pair.output;
  std::int8_t* below = pair.output + pair.row_bytes;
  std::int32_t left = pair.inner;
  asm volatile(
      "ldp q16, q17, [%[panel], #96]\n"   // weights of the upper row
      "ldp q18, q19, [%[panel], #128]\n"
      "ldp q20, q21, [%[panel], #160]\n"
      "ldp q8, q9, [%[panel], #64]\n"     // shifts
      "ldp q6, q7, [%[panel], #32]\n"     // multipliers
      "ldp q31, q15, [%[bytes]]\n"
      "shl v22.4s, v16.4s, #8\n"          // of the lower row
      "shl v23.4s, v17.4s, #8\n"
      "movi v14.8h, #2\n"
      "shl v24.4s, v18.4s, #8\n"
      "shl v25.4s, v19.4s, #8\n"
      "uzp1 v28.8h, v8.8h, v9.8h\n"
      "shl v26.4s, v20.4s, #8\n"
      "shl v27.4s, v21.4s, #8\n"
      "dup v29.16b, %w[pad]\n"
      "movi v30.16b, #128\n"
      "add v28.8h, v28.8h, v14.8h\n"
      "mov v0.16b, v29.16b\n"
      "mov v1.16b, v29.16b\n"
      "cbnz %w[pad_left], 1f\n"
      QUAVER_COLUMN(0, 1)
      "1:\n"
      QUAVER_COLUMN(2, 3)
      "2:\n"
      QUAVER_NEXT_PIXEL(0, 1, 2, 3, 4, 5)
      "subs %w[left], %w[left], #1\n"
      "b.eq 3f\n"
      QUAVER_NEXT_PIXEL(2, 3, 4, 5, 0, 1)
      "subs %w[left], %w[left], #1\n"
      "b.eq 4f\n"
      QUAVER_NEXT_PIXEL(4, 5, 0, 1, 2, 3)
      "subs %w[left], %w[left], #1\n"
      "b.ne 2b\n"
      "cbz %w[pad_right], 5f\n"
      QUAVER_LAST_PIXEL(0, 1, 2, 3)
      "b 5f\n"
      "3:\n"
      "cbz %w[pad_right], 5f\n"
      QUAVER_LAST_PIXEL(2, 3, 4, 5)
      "b 5f\n"
      "4:\n"
      "cbz %w[pad_right], 5f\n"
      QUAVER_LAST_PIXEL(4, 5, 0, 1)
      "5:\n"
      : [row0] "+r"(row0), [row1] "+r"(row1), [row2] "+r"(row2), [row3] "+r"(row3),
        [output] "+r"(output), [below] "+r"(below), [left] "+r"(left)
      : [panel] "r"(pair.panel), [bytes] "r"(kColumnBytes), [step0] "r"(pair.rows.step(0)),
        [step1] "r"(pair.rows.step(1)), [step2] "r"(pair.rows.step(2)),
        [step3] "r"(pair.rows.step(3)), [step] "r"(pair.pixel_bytes), [pad] "r"(pair.pad_value),
        [pad_left] "r"(pair.pad_left), [pad_right] "r"(pair.pad_right)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
        "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26",
        "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}

// Sixteen channels of three rows. TBL of three registers would take fewer instructions, but more
// time on a Cortex-A76.
#define QUAVER_LOAD_WIDE                                          \
  "ld1 {v15.16b}, [%[row0]], %[step0]\n"                          \
  "ld1 {v13.16b}, [%[row1]], %[step1]\n"                          \
  "ld1 {v14.16b}, [%[row2]], %[step2]\n"
#define QUAVER_ZIP_WIDE(a, b, c, d)                               \
  "zip1 v12.16b, v15.16b, v14.16b\n"                              \
  "zip2 v14.16b, v15.16b, v14.16b\n"                              \
  "tbl v" #a ".16b, {v12.16b, v13.16b}, v28.16b\n"                \
  "tbl v" #b ".16b, {v12.16b, v13.16b}, v29.16b\n"                \
  "tbl v" #c ".16b, {v13.16b, v14.16b}, v30.16b\n"                \
  "tbl v" #d ".16b, {v13.16b, v14.16b}, v31.16b\n"
#define QUAVER_SDOT_WIDE(a, b, c, d, w0, w1, w2, w3)              \
  "sdot v8.4s, v" #a ".16b, v" #w0 ".16b\n"                       \
  "sdot v9.4s, v" #b ".16b, v" #w1 ".16b\n"                       \
  "sdot v10.4s, v" #c ".16b, v" #w2 ".16b\n"                      \
  "sdot v11.4s, v" #d ".16b, v" #w3 ".16b\n"

// A pixel: its first column is in registers a to d, the others are made in e to h by `middle` and
// `last`.
#define QUAVER_WIDE_PIXEL(a, b, c, d, middle, last)               \
  "ldp q8, q9, [%[panel]]\n"                                      \
  "ldp q10, q11, [%[panel], #192]\n"                              \
  QUAVER_SDOT_WIDE(a, b, c, d, 16, 17, 18, 19)                    \
  middle                                                          \
  last                                                            \
  "ldp q12, q13, [%[panel], #32]\n"                               \
  "ldp q14, q15, [%[panel], #224]\n"                              \
  "sqdmulh v8.4s, v8.4s, v12.4s\n"                                \
  "sqdmulh v9.4s, v9.4s, v13.4s\n"                                \
  "sqdmulh v10.4s, v10.4s, v14.4s\n"                              \
  "sqdmulh v11.4s, v11.4s, v15.4s\n"                              \
  "ld1 {v12.16b-v14.16b}, [%[constants]]\n"                       \
  "sqshrun v8.4h, v8.4s, #2\n"                                    \
  "sqshrun v10.4h, v10.4s, #2\n"                                  \
  "sqshrun2 v8.8h, v9.4s, #2\n"                                   \
  "sqshrun2 v10.8h, v11.4s, #2\n"                                 \
  "urshl v8.8h, v8.8h, v12.8h\n"                                  \
  "urshl v10.8h, v10.8h, v13.8h\n"                                \
  "uqxtn v8.8b, v8.8h\n"                                          \
  "uqxtn2 v8.16b, v10.8h\n"                                       \
  "eor v8.16b, v8.16b, v14.16b\n"                                 \
  "st1 {v8.16b}, [%[output]], %[step]\n"
#define QUAVER_WIDE_COLUMN(e, f, g, h, w0, w1, w2, w3)            \
  QUAVER_LOAD_WIDE                                                \
  QUAVER_ZIP_WIDE(e, f, g, h)                                     \
  QUAVER_SDOT_WIDE(e, f, g, h, w0, w1, w2, w3)
#define QUAVER_WIDE_PADDING(w0, w1, w2, w3)                       \
  "dup v15.16b, %w[pad]\n"                                        \
  QUAVER_SDOT_WIDE(15, 15, 15, 15, w0, w1, w2, w3)
#define QUAVER_NEXT_WIDE(a, b, c, d, e, f, g, h)                  \
  QUAVER_WIDE_PIXEL(a, b, c, d,                                   \
                    QUAVER_WIDE_COLUMN(e, f, g, h, 20, 21, 22, 23), \
                    QUAVER_WIDE_COLUMN(e, f, g, h, 24, 25, 26, 27))
// The last pixel, to the right of whose first column there is one more, or none.
#define QUAVER_LAST_WIDE(a, b, c, d, e, f, g, h, none, done)      \
  "cbz %w[one], " none "f\n"                                      \
  QUAVER_WIDE_PIXEL(a, b, c, d,                                   \
                    QUAVER_WIDE_COLUMN(e, f, g, h, 20, 21, 22, 23), \
                    QUAVER_WIDE_PADDING(24, 25, 26, 27))          \
  "b " done "f\n"                                                 \
  none ":\n"                                                      \
  QUAVER_WIDE_PIXEL(a, b, c, d, QUAVER_WIDE_PADDING(20, 21, 22, 23), \
                    QUAVER_WIDE_PADDING(24, 25, 26, 27))

/// One output row of sixteen channels with a stride of 2, of StageKind::kShortRelu.
inline void RunDepthwiseWide(const WideRow& wide) {
  const std::int8_t* row0 = wide.rows.first(0);
  const std::int8_t* row1 = wide.rows.first(1);
  const std::int8_t* row2 = wide.rows.first(2);
  std::int8_t* output = wide.output;
  std::int32_t left = wide.inner;
  alignas(16) std::uint8_t constants[48];  // shifts, and 128
  asm volatile(
      "ldp q12, q13, [%[panel], #64]\n"   // shifts
      "ldp q14, q15, [%[panel], #256]\n"
      "ldp q16, q17, [%[panel], #96]\n"   // weights
      "ldp q18, q19, [%[panel], #288]\n"
      "uzp1 v12.8h, v12.8h, v13.8h\n"
      "uzp1 v13.8h, v14.8h, v15.8h\n"
      "movi v14.8h, #2\n"
      "add v12.8h, v12.8h, v14.8h\n"
      "add v13.8h, v13.8h, v14.8h\n"
      "movi v14.16b, #128\n"
      "ldp q20, q21, [%[panel], #128]\n"
      "ldp q22, q23, [%[panel], #320]\n"
      "st1 {v12.16b-v14.16b}, [%[constants]]\n"
      "ldp q24, q25, [%[panel], #160]\n"
      "ldp q26, q27, [%[panel], #352]\n"
      "ld1 {v28.16b-v31.16b}, [%[bytes]]\n"
      "cbz %w[pad_left], 1f\n"
      "dup v0.16b, %w[pad]\n"
      "dup v1.16b, %w[pad]\n"
      "dup v2.16b, %w[pad]\n"
      "dup v3.16b, %w[pad]\n"
      "b 2f\n"
      "1:\n"
      QUAVER_LOAD_WIDE
      QUAVER_ZIP_WIDE(0, 1, 2, 3)
      "2:\n"
      QUAVER_NEXT_WIDE(0, 1, 2, 3, 4, 5, 6, 7)
      "subs %w[left], %w[left], #1\n"
      "b.eq 3f\n"
      QUAVER_NEXT_WIDE(4, 5, 6, 7, 0, 1, 2, 3)
      "subs %w[left], %w[left], #1\n"
      "b.ne 2b\n"
      "cbz %w[pad_right], 9f\n"
      "b 4f\n"
      "3:\n"
      "cbz %w[pad_right], 9f\n"
      "mov v0.16b, v4.16b\n"
      "mov v1.16b, v5.16b\n"
      "mov v2.16b, v6.16b\n"
      "mov v3.16b, v7.16b\n"
      "4:\n"
      QUAVER_LAST_WIDE(0, 1, 2, 3, 4, 5, 6, 7, "5", "9")
      "9:\n"
      : [row0] "+r"(row0), [row1] "+r"(row1), [row2] "+r"(row2), [output] "+r"(output),
        [left] "+r"(left)
      : [panel] "r"(wide.panels), [bytes] "r"(kWideColumnBytes), [constants] "r"(constants),
        [step0] "r"(wide.rows.step(0)), [step1] "r"(wide.rows.step(1)),
        [step2] "r"(wide.rows.step(2)), [step] "r"(wide.pixel_bytes), [pad] "r"(wide.pad_value),
        [pad_left] "r"(wide.pad_left), [pad_right] "r"(wide.pad_right), [one] "r"(wide.one_more)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
        "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26",
        "v27", "v28", "v29", "v30", "v31", "cc", "memory");
}
// clang-format on

#undef QUAVER_LOAD_ROWS
#undef QUAVER_ZIP_ROWS
#undef QUAVER_COLUMN
#undef QUAVER_SDOT_COLUMN
#undef QUAVER_PIXEL
#undef QUAVER_NEXT_PIXEL
#undef QUAVER_LAST_PIXEL
#undef QUAVER_LOAD_WIDE
#undef QUAVER_ZIP_WIDE
#undef QUAVER_SDOT_WIDE
#undef QUAVER_WIDE_PIXEL
#undef QUAVER_WIDE_COLUMN
#undef QUAVER_WIDE_PADDING
#undef QUAVER_NEXT_WIDE
#undef QUAVER_LAST_WIDE

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_DEPTHWISE_ROWS_H_
