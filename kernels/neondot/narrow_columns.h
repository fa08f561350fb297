// Gathered windows by eight channels with SDOT, in assembly: tiles of four pixels down the columns
// of a block (kernels/arm/columns_plan.h). Weights of 12 inputs (windows of 3 x 3 x 1) and 28 (3 x
// 3 x 3, 5 x 5 x 1) stay in registers for all pixels.
#ifndef QUAVER_KERNELS_NEONDOT_NARROW_COLUMNS_H_
#define QUAVER_KERNELS_NEONDOT_NARROW_COLUMNS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_output.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/tile_stage.h"
#include "kernels/neondot/dot_columns.h"

namespace quaver::kernels {
namespace {

// clang-format off
// Four inputs of a window, lane l, times weights w0 and w1 of eight channels, for each of four
// pixels, of which x0 to x3 hold inputs and v22 to v29 sums.
#define QUAVER_SDOT_GROUP(w0, w1, x0, x1, x2, x3, l)           \
  "sdot v22.4s, v" #w0 ".16b, v" #x0 ".4b[" #l "]\n"           \
  "sdot v23.4s, v" #w1 ".16b, v" #x0 ".4b[" #l "]\n"           \
  "sdot v24.4s, v" #w0 ".16b, v" #x1 ".4b[" #l "]\n"           \
  "sdot v25.4s, v" #w1 ".16b, v" #x1 ".4b[" #l "]\n"           \
  "sdot v26.4s, v" #w0 ".16b, v" #x2 ".4b[" #l "]\n"           \
  "sdot v27.4s, v" #w1 ".16b, v" #x2 ".4b[" #l "]\n"           \
  "sdot v28.4s, v" #w0 ".16b, v" #x3 ".4b[" #l "]\n"           \
  "sdot v29.4s, v" #w1 ".16b, v" #x3 ".4b[" #l "]\n"

// Weights of a group are 64 bytes apart, as panels have sixteen channels.
#define QUAVER_THREE_WEIGHTS                                   \
  "ldp q0, q1, [%[weights]]\n"                                 \
  "ldp q2, q3, [%[weights], #64]\n"                            \
  "ldp q4, q5, [%[weights], #128]\n"
#define QUAVER_SEVEN_WEIGHTS                                   \
  QUAVER_THREE_WEIGHTS                                         \
  "ldp q6, q7, [%[weights], #192]\n"                           \
  "ldp q8, q9, [%[weights], #256]\n"                           \
  "ldp q10, q11, [%[weights], #320]\n"                         \
  "ldp q12, q13, [%[weights], #384]\n"

// Three groups: of each pixel 16 inputs are read; seven: 32.
#define QUAVER_THREE_GROUPS                                    \
  "ld1 {v14.16b}, [x9], %[step]\n"                             \
  "ld1 {v16.16b}, [x9], %[step]\n"                             \
  "ld1 {v18.16b}, [x9], %[step]\n"                             \
  "ld1 {v20.16b}, [x9], %[step]\n"                             \
  QUAVER_SDOT_GROUP(0, 1, 14, 16, 18, 20, 0)                   \
  QUAVER_SDOT_GROUP(2, 3, 14, 16, 18, 20, 1)                   \
  QUAVER_SDOT_GROUP(4, 5, 14, 16, 18, 20, 2)
#define QUAVER_SEVEN_GROUPS                                    \
  "ld1 {v14.16b, v15.16b}, [x9], %[step]\n"                    \
  "ld1 {v16.16b, v17.16b}, [x9], %[step]\n"                    \
  "ld1 {v18.16b, v19.16b}, [x9], %[step]\n"                    \
  "ld1 {v20.16b, v21.16b}, [x9], %[step]\n"                    \
  QUAVER_SDOT_GROUP(0, 1, 14, 16, 18, 20, 0)                   \
  QUAVER_SDOT_GROUP(2, 3, 14, 16, 18, 20, 1)                   \
  QUAVER_SDOT_GROUP(4, 5, 14, 16, 18, 20, 2)                   \
  QUAVER_SDOT_GROUP(6, 7, 14, 16, 18, 20, 3)                   \
  QUAVER_SDOT_GROUP(8, 9, 15, 17, 19, 21, 0)                   \
  QUAVER_SDOT_GROUP(10, 11, 15, 17, 19, 21, 1)                 \
  QUAVER_SDOT_GROUP(12, 13, 15, 17, 19, 21, 2)

// Any number, by weights from memory.
#define QUAVER_INPUTS_16(x)                                    \
  "ld1 {v14.16b}, [" #x "], %[step]\n"                         \
  "ld1 {v16.16b}, [" #x "], %[step]\n"                         \
  "ld1 {v18.16b}, [" #x "], %[step]\n"                         \
  "ld1 {v20.16b}, [" #x "], %[step]\n"
#define QUAVER_ANY_GROUPS                                      \
  "mov x13, %[weights]\n"                                      \
  "cbz %w[blocks], 11f\n"                                      \
  "mov w14, %w[blocks]\n"                                      \
  "10:\n"                                                      \
  "mov x12, x9\n"                                              \
  QUAVER_INPUTS_16(x12)                                        \
  "ldp q0, q1, [x13]\n"                                        \
  "ldp q2, q3, [x13, #64]\n"                                   \
  "ldp q4, q5, [x13, #128]\n"                                  \
  "ldp q6, q7, [x13, #192]\n"                                  \
  "add x9, x9, #16\n"                                          \
  "add x13, x13, #256\n"                                       \
  "subs w14, w14, #1\n"                                        \
  QUAVER_SDOT_GROUP(0, 1, 14, 16, 18, 20, 0)                   \
  QUAVER_SDOT_GROUP(2, 3, 14, 16, 18, 20, 1)                   \
  QUAVER_SDOT_GROUP(4, 5, 14, 16, 18, 20, 2)                   \
  QUAVER_SDOT_GROUP(6, 7, 14, 16, 18, 20, 3)                   \
  "b.ne 10b\n"                                                 \
  "tst %w[bytes], #12\n"                                       \
  "b.eq 13f\n"                                                 \
  "11:\n"                                                      \
  "mov x12, x9\n"                                              \
  QUAVER_INPUTS_16(x12)                                        \
  "ldp q0, q1, [x13]\n"                                        \
  QUAVER_SDOT_GROUP(0, 1, 14, 16, 18, 20, 0)                   \
  "tbz %w[bytes], #3, 13f\n"                                   \
  "ldp q2, q3, [x13, #64]\n"                                   \
  QUAVER_SDOT_GROUP(2, 3, 14, 16, 18, 20, 1)                   \
  "tbz %w[bytes], #2, 13f\n"                                   \
  "ldp q4, q5, [x13, #128]\n"                                  \
  QUAVER_SDOT_GROUP(4, 5, 14, 16, 18, 20, 2)                   \
  "13:\n"                                                      \
  "add x9, x9, %[next]\n"

#define QUAVER_MULTIPLY                                        \
  "sqdmulh v22.4s, v22.4s, v30.4s\n"                           \
  "sqdmulh v24.4s, v24.4s, v30.4s\n"                           \
  "sqdmulh v26.4s, v26.4s, v30.4s\n"                           \
  "sqdmulh v28.4s, v28.4s, v30.4s\n"                           \
  "sqdmulh v23.4s, v23.4s, v31.4s\n"                           \
  "sqdmulh v25.4s, v25.4s, v31.4s\n"                           \
  "sqdmulh v27.4s, v27.4s, v31.4s\n"                           \
  "sqdmulh v29.4s, v29.4s, v31.4s\n"
#define QUAVER_SHIFT                                           \
  "srshl v22.4s, v22.4s, v14.4s\n"                             \
  "srshl v24.4s, v24.4s, v14.4s\n"                             \
  "srshl v26.4s, v26.4s, v14.4s\n"                             \
  "srshl v28.4s, v28.4s, v14.4s\n"                             \
  "srshl v23.4s, v23.4s, v16.4s\n"                             \
  "srshl v25.4s, v25.4s, v16.4s\n"                             \
  "srshl v27.4s, v27.4s, v16.4s\n"                             \
  "srshl v29.4s, v29.4s, v16.4s\n"
#define QUAVER_SUMS_TO_WORDS(narrow, early)                    \
  narrow " v22.4h, v22.4s" early "\n"                          \
  narrow " v24.4h, v24.4s" early "\n"                          \
  narrow " v26.4h, v26.4s" early "\n"                          \
  narrow " v28.4h, v28.4s" early "\n"                          \
  narrow "2 v22.8h, v23.4s" early "\n"                         \
  narrow "2 v24.8h, v25.4s" early "\n"                         \
  narrow "2 v26.8h, v27.4s" early "\n"                         \
  narrow "2 v28.8h, v29.4s" early "\n"
#define QUAVER_WORDS(f, x)                                     \
  f " v22.8h, v22.8h, " x ".8h\n"                              \
  f " v24.8h, v24.8h, " x ".8h\n"                              \
  f " v26.8h, v26.8h, " x ".8h\n"                              \
  f " v28.8h, v28.8h, " x ".8h\n"
#define QUAVER_WORDS_TO_BYTES(narrow)                          \
  narrow " v22.8b, v22.8h\n"                                   \
  narrow " v26.8b, v26.8h\n"                                   \
  narrow "2 v22.16b, v24.8h\n"                                 \
  narrow "2 v26.16b, v28.8h\n"

// The stages of kernels/arm/gemm_output.h, with the zero point, or what flips the sign of a byte,
// in all of v15.
#define QUAVER_SHORT_RELU                                      \
  "ldr q14, [%[shifts]]\n"                                     \
  "dup v15.16b, %w[zero]\n"                                    \
  QUAVER_MULTIPLY                                              \
  QUAVER_SUMS_TO_WORDS("sqshrun", ", #2")                      \
  QUAVER_WORDS("urshl", "v14")                                 \
  QUAVER_WORDS_TO_BYTES("uqxtn")                               \
  "eor v22.16b, v22.16b, v15.16b\n"                            \
  "eor v26.16b, v26.16b, v15.16b\n"
#define QUAVER_SHORT                                           \
  "ldr q14, [%[shifts]]\n"                                     \
  "dup v15.8h, %w[zero]\n"                                     \
  QUAVER_MULTIPLY                                              \
  QUAVER_SUMS_TO_WORDS("sqshrn", ", #4")                       \
  QUAVER_WORDS("srshl", "v14")                                 \
  QUAVER_WORDS("sqadd", "v15")                                 \
  QUAVER_WORDS_TO_BYTES("sqxtn")
#define QUAVER_RIGHT                                           \
  "ldp q14, q16, [%[shifts]]\n"                                \
  "dup v15.8h, %w[zero]\n"                                     \
  QUAVER_MULTIPLY                                              \
  QUAVER_SHIFT                                                 \
  QUAVER_SUMS_TO_WORDS("sqxtn", "")                            \
  QUAVER_WORDS("sqadd", "v15")                                 \
  QUAVER_WORDS_TO_BYTES("sqxtn")

// A function for tiles of four pixels down each of some columns.
#define QUAVER_DEFINE_NARROW_COLUMNS(Name, load, products, to_bytes)                           \
  inline void Name(const DotColumns& c) {                                                 \
    const std::uint8_t* inputs = c.inputs;                                                   \
    std::int8_t* output = c.output;                                                          \
    std::int32_t columns = c.columns;                                                        \
    const std::int32_t blocks = c.window_bytes >> 4;                                         \
    const std::ptrdiff_t next = 4 * c.step - 16 * std::ptrdiff_t{blocks};                    \
    asm volatile(                                                                            \
        load                                                                                 \
        "ldp q30, q31, [%[multipliers]]\n"                                                   \
        "1:\n"                                                                               \
        "mov x9, %[inputs]\n"                                                                \
        "mov x10, %[output]\n"                                                               \
        "mov w11, %w[tiles]\n"                                                               \
        "2:\n"                                                                               \
        "ldp q22, q23, [%[bias]]\n"                                                          \
        "ldp q24, q25, [%[bias]]\n"                                                          \
        "ldp q26, q27, [%[bias]]\n"                                                          \
        "ldp q28, q29, [%[bias]]\n"                                                          \
        products                                                                             \
        to_bytes                                                                             \
        "subs w11, w11, #1\n"                                                                \
        "st1 {v22.d}[0], [x10], %[stride]\n"                                                 \
        "st1 {v22.d}[1], [x10], %[stride]\n"                                                 \
        "st1 {v26.d}[0], [x10], %[stride]\n"                                                 \
        "st1 {v26.d}[1], [x10], %[stride]\n"                                                 \
        "b.ne 2b\n"                                                                          \
        "subs %w[columns], %w[columns], #1\n"                                                \
        "add %[inputs], %[inputs], %[column_step]\n"                                         \
        "add %[output], %[output], %[column_stride]\n"                                       \
        "b.ne 1b\n"                                                                          \
        : [inputs] "+&r"(inputs), [output] "+&r"(output), [columns] "+&r"(columns)           \
        : [weights] "r"(c.weights), [bias] "r"(c.bias), [multipliers] "r"(c.multipliers),    \
          [shifts] "r"(c.shifts), [zero] "r"(c.zero_point), [tiles] "r"(c.tiles),            \
          [step] "r"(c.step), [stride] "r"(c.stride), [column_step] "r"(c.column_step),      \
          [column_stride] "r"(c.column_stride), [blocks] "r"(blocks),                        \
          [bytes] "r"(c.window_bytes), [next] "r"(next)                                      \
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",   \
          "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",       \
          "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "x9", "x10", "x11",        \
          "x12", "x13", "x14", "cc", "memory");                                              \
  }

QUAVER_DEFINE_NARROW_COLUMNS(RunThreeGroupsRelu, QUAVER_THREE_WEIGHTS, QUAVER_THREE_GROUPS,
                             QUAVER_SHORT_RELU)
QUAVER_DEFINE_NARROW_COLUMNS(RunThreeGroups, QUAVER_THREE_WEIGHTS, QUAVER_THREE_GROUPS,
                             QUAVER_SHORT)
QUAVER_DEFINE_NARROW_COLUMNS(RunSevenGroupsRelu, QUAVER_SEVEN_WEIGHTS, QUAVER_SEVEN_GROUPS,
                             QUAVER_SHORT_RELU)
QUAVER_DEFINE_NARROW_COLUMNS(RunSevenGroups, QUAVER_SEVEN_WEIGHTS, QUAVER_SEVEN_GROUPS,
                             QUAVER_SHORT)
QUAVER_DEFINE_NARROW_COLUMNS(RunSevenGroupsRight, QUAVER_SEVEN_WEIGHTS, QUAVER_SEVEN_GROUPS,
                             QUAVER_RIGHT)
QUAVER_DEFINE_NARROW_COLUMNS(RunThreeGroupsRight, QUAVER_THREE_WEIGHTS, QUAVER_THREE_GROUPS,
                             QUAVER_RIGHT)
QUAVER_DEFINE_NARROW_COLUMNS(RunAnyGroupsRight, , QUAVER_ANY_GROUPS, QUAVER_RIGHT)
QUAVER_DEFINE_NARROW_COLUMNS(RunAnyGroupsRelu, , QUAVER_ANY_GROUPS, QUAVER_SHORT_RELU)
QUAVER_DEFINE_NARROW_COLUMNS(RunAnyGroups, , QUAVER_ANY_GROUPS, QUAVER_SHORT)
// clang-format on

#undef QUAVER_SDOT_GROUP
#undef QUAVER_THREE_WEIGHTS
#undef QUAVER_SEVEN_WEIGHTS
#undef QUAVER_THREE_GROUPS
#undef QUAVER_SEVEN_GROUPS
#undef QUAVER_INPUTS_16
#undef QUAVER_ANY_GROUPS
#undef QUAVER_MULTIPLY
#undef QUAVER_SHIFT
#undef QUAVER_SUMS_TO_WORDS
#undef QUAVER_WORDS
#undef QUAVER_WORDS_TO_BYTES
#undef QUAVER_SHORT_RELU
#undef QUAVER_SHORT
#undef QUAVER_RIGHT
#undef QUAVER_DEFINE_NARROW_COLUMNS

using NarrowColumnsForm = void (*)(const DotColumns&);

/// The form for a window. Precondition: the stage is not kSums.
inline NarrowColumnsForm NarrowColumnsFormOf(std::int32_t window_bytes, TileStage stage) {
  constexpr NarrowColumnsForm kForms[][3] = {
      {&RunThreeGroupsRelu, &RunThreeGroups, &RunThreeGroupsRight},
      {&RunSevenGroupsRelu, &RunSevenGroups, &RunSevenGroupsRight},
      {&RunAnyGroupsRelu, &RunAnyGroups, &RunAnyGroupsRight}};
  return kForms[window_bytes == 12 ? 0 : window_bytes == 28 ? 1 : 2][static_cast<int>(stage)];
}

/// `tiles` tiles of four pixels by eight channels of each column. Up to twelve inputs more than
/// those of a window are read. Precondition: the stage is not kSums.
inline void RunNarrowColumns(const GemmTile& tile, std::int32_t zero_point, TileStage stage,
                             std::int32_t tiles) {
  const std::int32_t zero = stage == TileStage::kShortRelu ? 128 : zero_point;
  NarrowColumnsFormOf(tile.run_bytes, stage)(DotColumns(tile, zero, stage, tiles));
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_NARROW_COLUMNS_H_
