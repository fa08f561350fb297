// Gathered windows by sixteen channels with SDOT, in assembly: tiles of four pixels down the
// columns of a block (kernels/arm/columns_plan.h). Windows of common first layers have forms of
// their own: 3 x 3 x 1, 3 x 3 x 3 and 5 x 5 x 1, 10 x 4 x 1.
#ifndef QUAVER_KERNELS_NEONDOT_WIDE_COLUMNS_H_
#define QUAVER_KERNELS_NEONDOT_WIDE_COLUMNS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/tile_stage.h"
#include "kernels/neondot/dot_columns.h"
#include "kernels/neondot/sdot_groups.h"

namespace quaver::kernels {
namespace {

// clang-format off
// Twelve inputs, the first weights of which are loaded.
#define QUAVER_SDOT_TWELVE(x0, x1, x2, x3)                     \
  QUAVER_SDOT_EIGHT(x0, x1, x2, x3, QUAVER_LOAD_EVEN)          \
  QUAVER_SDOT_EVEN(x0, 2, x1, 2, x2, 2, x3, 2, )

#define QUAVER_WIDE_INPUTS_16(x)                               \
  "ld1 {v4.16b}, [" #x "], %[step]\n"                          \
  "ld1 {v6.16b}, [" #x "], %[step]\n"                          \
  "ld1 {v8.16b}, [" #x "], %[step]\n"                          \
  "ld1 {v10.16b}, [" #x "], %[step]\n"
#define QUAVER_WIDE_INPUTS_32                                  \
  "ld1 {v4.16b, v5.16b}, [x9], %[step]\n"                      \
  "ld1 {v6.16b, v7.16b}, [x9], %[step]\n"                      \
  "ld1 {v8.16b, v9.16b}, [x9], %[step]\n"                      \
  "ld1 {v10.16b, v11.16b}, [x9], %[step]\n"
#define QUAVER_WIDE_INPUTS_8                                   \
  "ld1 {v4.8b}, [x12], %[step]\n"                              \
  "ld1 {v6.8b}, [x12], %[step]\n"                              \
  "ld1 {v8.8b}, [x12], %[step]\n"                              \
  "ld1 {v10.8b}, [x12], %[step]\n"

#define QUAVER_WIDE_STORE                                            \
  "subs w11, w11, #1\n"                                              \
  QUAVER_TILE_PIXELS(QUAVER_TILE_STORE, "x10", "%[stride]")          \
  "b.ne 2b\n"

// A function for tiles of four pixels down each of some columns, of which `products` computes one,
// from x9 on, which it moves on, by weights from x14 on.
#define QUAVER_DEFINE_WIDE_COLUMNS(Name, products)                                                 \
  inline void Name(const DotColumns& c) {                                                         \
    const std::uint8_t* inputs = c.inputs;                                                         \
    std::int8_t* output = c.output;                                                                \
    std::int32_t columns = c.columns;                                                              \
    const std::int32_t blocks = c.window_bytes >> 4;                                               \
    const std::ptrdiff_t next = 4 * c.step - 16 * std::ptrdiff_t{blocks};                          \
    asm volatile(                                                                                  \
        "1:\n"                                                                                     \
        "mov x9, %[inputs]\n"                                                                      \
        "mov x10, %[output]\n"                                                                     \
        "mov w11, %w[tiles]\n"                                                                     \
        "2:\n"                                                                                     \
        "ld1 {v16.4s-v19.4s}, [%[bias]]\n"                                                         \
        "ld1 {v20.4s-v23.4s}, [%[bias]]\n"                                                         \
        "ld1 {v24.4s-v27.4s}, [%[bias]]\n"                                                         \
        "ld1 {v28.4s-v31.4s}, [%[bias]]\n"                                                         \
        "mov x14, %[weights]\n"                                                                    \
        products                                                                                   \
        "ld1 {v8.4s-v11.4s}, [%[multipliers]]\n"                                                   \
        "ldp q4, q5, [%[shifts]]\n"                                                                \
        "cbnz %w[stage], 3f\n"                                                                     \
        QUAVER_TILE_SHORT_RELU                                                                     \
        QUAVER_WIDE_STORE                                                                          \
        "b 5f\n"                                                                                   \
        "3:\n"                                                                                     \
        "tbnz %w[stage], #1, 4f\n"                                                                 \
        QUAVER_TILE_SHORT("%w[zero_point]")                                                        \
        QUAVER_WIDE_STORE                                                                          \
        "b 5f\n"                                                                                   \
        "4:\n"                                                                                     \
        QUAVER_TILE_RIGHT("ld1 {v4.4s-v7.4s}, [%[shifts]]\n", "%w[zero_point]")                    \
        QUAVER_WIDE_STORE                                                                          \
        "5:\n"                                                                                     \
        "subs %w[columns], %w[columns], #1\n"                                                      \
        "add %[inputs], %[inputs], %[column_step]\n"                                               \
        "add %[output], %[output], %[column_stride]\n"                                             \
        "b.ne 1b\n"                                                                                \
        : [inputs] "+&r"(inputs), [output] "+&r"(output), [columns] "+&r"(columns)                 \
        : [weights] "r"(c.weights), [bias] "r"(c.bias), [multipliers] "r"(c.multipliers),          \
          [shifts] "r"(c.shifts), [zero_point] "r"(c.zero_point), [stage] "r"(c.stage),            \
          [tiles] "r"(c.tiles), [step] "r"(c.step), [stride] "r"(c.stride),                        \
          [blocks] "r"(blocks), [bytes] "r"(c.window_bytes), [next] "r"(next),                     \
          [column_step] "r"(c.column_step), [column_stride] "r"(c.column_stride)                   \
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",  \
          "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",      \
          "v26", "v27", "v28", "v29", "v30", "v31", "x9", "x10", "x11", "x12", "x13", "x14",       \
          "cc", "memory");                                                                         \
  }

QUAVER_DEFINE_WIDE_COLUMNS(RunWideColumnsOf12,
  QUAVER_LOAD_EVEN
  QUAVER_WIDE_INPUTS_16(x9)
  QUAVER_SDOT_TWELVE(4, 6, 8, 10))

QUAVER_DEFINE_WIDE_COLUMNS(RunWideColumnsOf28,
  QUAVER_LOAD_EVEN
  QUAVER_WIDE_INPUTS_32
  QUAVER_SDOT_SIXTEEN(4, 6, 8, 10, QUAVER_LOAD_EVEN)
  QUAVER_SDOT_TWELVE(5, 7, 9, 11))

QUAVER_DEFINE_WIDE_COLUMNS(RunWideColumnsOf40,
  QUAVER_LOAD_EVEN
  "add x12, x9, #32\n"
  QUAVER_WIDE_INPUTS_32
  QUAVER_SDOT_SIXTEEN(4, 6, 8, 10, QUAVER_LOAD_EVEN)
  QUAVER_WIDE_INPUTS_8
  QUAVER_SDOT_SIXTEEN(5, 7, 9, 11, QUAVER_LOAD_EVEN)
  QUAVER_SDOT_EIGHT(4, 6, 8, 10, ))

// Any number of inputs.
QUAVER_DEFINE_WIDE_COLUMNS(RunAnyWideColumns,
  "cbz %w[blocks], 11f\n"
  "mov w13, %w[blocks]\n"
  "10:\n"
  "mov x12, x9\n"
  QUAVER_LOAD_EVEN
  QUAVER_WIDE_INPUTS_16(x12)
  "add x9, x9, #16\n"
  "subs w13, w13, #1\n"
  QUAVER_SDOT_SIXTEEN(4, 6, 8, 10, )
  "b.ne 10b\n"
  "tst %w[bytes], #12\n"
  "b.eq 13f\n"
  "11:\n"
  "mov x12, x9\n"
  QUAVER_LOAD_EVEN
  QUAVER_WIDE_INPUTS_16(x12)
  "tbz %w[bytes], #3, 12f\n"
  QUAVER_SDOT_EIGHT(4, 6, 8, 10, )
  "tbz %w[bytes], #2, 13f\n"
  QUAVER_LOAD_EVEN
  QUAVER_SDOT_EVEN(4, 2, 6, 2, 8, 2, 10, 2, )
  "b 13f\n"
  "12:\n"
  QUAVER_SDOT_FOUR(4, 6, 8, 10)
  "13:\n"
  "add x9, x9, %[next]\n")
// clang-format on

#undef QUAVER_SDOT_TWELVE
#undef QUAVER_WIDE_INPUTS_16
#undef QUAVER_WIDE_INPUTS_32
#undef QUAVER_WIDE_INPUTS_8
#undef QUAVER_WIDE_STORE
#undef QUAVER_DEFINE_WIDE_COLUMNS

/// `tiles` tiles of four pixels by sixteen channels of each column. Up to twelve inputs more than
/// those of a window are read. Precondition: the stage is not kSums.
inline void RunWideColumns(const GemmTile& tile, std::int32_t zero_point, TileStage stage,
                           std::int32_t tiles) {
  const DotColumns columns(tile, zero_point, stage, tiles);
  switch (tile.run_bytes) {
    case 12:
      return RunWideColumnsOf12(columns);
    case 28:
      return RunWideColumnsOf28(columns);
    case 40:
      return RunWideColumnsOf40(columns);
    default:
      return RunAnyWideColumns(columns);
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_WIDE_COLUMNS_H_
