// Tiles of four pixels by sixteen channels with SDOT, one beside the other, in assembly: compilers
// copy sums between registers where weights are loaded four registers at a time. There is one form
// for each kind of runs, which all end in kernels/arm/tile_stage.h.
#ifndef QUAVER_KERNELS_NEONDOT_TILE_H_
#define QUAVER_KERNELS_NEONDOT_TILE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/tile_stage.h"
#include "kernels/neondot/sdot_groups.h"

namespace quaver::kernels {
namespace {

/// Tiles that lie side by side: as a GemmTile says, and its panel.
struct FourRows {
  TileInputs inputs;
  std::ptrdiff_t offset;  // of the first tile's inputs
  std::int8_t* output;    // with TileStage::kSums, the sums
  std::ptrdiff_t stride;  // unused with those
  const std::int32_t* multipliers;
  const void* shifts;  // of kRight, else the short ones
  std::int32_t zero_point;
  TileStage stage;
  std::int32_t tiles;  // at least one
};

// clang-format off
// 16 or 32 inputs of a pixel after the other: the address moves on with each.
#define QUAVER_LOAD_16_OF_FOUR(x, x0, x1, x2, x3)     \
  "ld1 {v" #x0 ".16b}, [" #x "], %[step]\n"           \
  "ld1 {v" #x1 ".16b}, [" #x "], %[step]\n"           \
  "ld1 {v" #x2 ".16b}, [" #x "], %[step]\n"           \
  "ld1 {v" #x3 ".16b}, [" #x "], %[step]\n"
#define QUAVER_LOAD_32_OF_FOUR(x)                     \
  "ld1 {v4.16b, v5.16b}, [" #x "], %[step]\n"         \
  "ld1 {v6.16b, v7.16b}, [" #x "], %[step]\n"         \
  "ld1 {v8.16b, v9.16b}, [" #x "], %[step]\n"         \
  "ld1 {v10.16b, v11.16b}, [" #x "], %[step]\n"

// 32 inputs of pixels at x9 to x12: one of as many blocks as w13 says.
#define QUAVER_SDOT_BLOCK                             \
  QUAVER_LOAD_EVEN                                    \
  "ldp q4, q8, [x9], #32\n"                           \
  "ldp q5, q9, [x10], #32\n"                          \
  "ldp q6, q10, [x11], #32\n"                         \
  "ldp q7, q11, [x12], #32\n"                         \
  QUAVER_SDOT_SIXTEEN(4, 5, 6, 7, QUAVER_LOAD_EVEN)   \
  "subs w13, w13, #1\n"                               \
  QUAVER_SDOT_SIXTEEN(8, 9, 10, 11, )

// The next run of many: its first four pixels.
#define QUAVER_NEXT_RUN           \
  "ldr x9, [x15], #8\n"           \
  "add x9, x9, %[offset]\n"       \
  "add x10, x9, %[step]\n"        \
  "add x11, x10, %[step]\n"       \
  "add x12, x11, %[step]\n"

// 48 inputs of pixels at register x, the last of which are at register y.
#define QUAVER_SDOT_48(x, y)                          \
  QUAVER_LOAD_EVEN                                    \
  QUAVER_LOAD_32_OF_FOUR(x)                           \
  QUAVER_SDOT_SIXTEEN(4, 6, 8, 10, QUAVER_LOAD_EVEN)  \
  QUAVER_LOAD_16_OF_FOUR(y, 4, 6, 8, 10)              \
  QUAVER_SDOT_SIXTEEN(5, 7, 9, 11, QUAVER_LOAD_EVEN)  \
  QUAVER_SDOT_SIXTEEN(4, 6, 8, 10, )

#define QUAVER_LOAD_MULTIPLIERS "ld1 {v8.4s-v11.4s}, [%[multipliers]]\n"
#define QUAVER_LOAD_SHIFTS "ldp q4, q5, [%[shifts]]\n"
#define QUAVER_LOAD_STAGE QUAVER_LOAD_MULTIPLIERS QUAVER_LOAD_SHIFTS

// The first run's inputs, for forms of one run, which move on from tile to tile.
#define QUAVER_ONE_RUN       \
  "ldr x9, [%[runs]]\n"      \
  "add x9, x9, %[offset]\n"

// The bytes of a tile; then the next one.
#define QUAVER_STORE_TILE                                            \
  "subs %w[tiles], %w[tiles], #1\n"                                  \
  QUAVER_TILE_PIXELS(QUAVER_TILE_STORE, "%[output]", "%[stride]")    \
  "b.ne 1b\n"                                                        \
  "b 5f\n"

// A function for all tiles of a form. `before`: what they share. `products`: of a tile, added to
// the bias, by weights from x14 on (but where `before` has loaded them); with labels from 10 on, and
// registers x9 to x15. `load_stage` loads what kernels/arm/tile_stage.h wants in registers.
#define QUAVER_DEFINE_TILES(Name, before, products, load_stage)                                   \
  [[gnu::always_inline]] inline void Name(const FourRows& rows) {                                 \
    std::int32_t tiles = rows.tiles;                                                              \
    std::ptrdiff_t offset = rows.offset;                                                          \
    std::int8_t* output = rows.output;                                                            \
    const std::int32_t bytes = rows.inputs.run_bytes;                                             \
    asm volatile(                                                                                 \
        before                                                                                    \
        "1:\n"                                                                                    \
        "ld1 {v16.4s-v19.4s}, [%[bias]]\n"                                                        \
        "ld1 {v20.4s-v23.4s}, [%[bias]]\n"                                                        \
        "ld1 {v24.4s-v27.4s}, [%[bias]]\n"                                                        \
        "ld1 {v28.4s-v31.4s}, [%[bias]]\n"                                                        \
        products                                                                                  \
        load_stage                                                                                \
        "cbnz %w[stage], 2f\n"                                                                    \
        QUAVER_TILE_SHORT_RELU                                                                    \
        QUAVER_STORE_TILE                                                                         \
        "2:\n"                                                                                    \
        "tbnz %w[stage], #1, 3f\n"                                                                \
        QUAVER_TILE_SHORT("%w[zero_point]")                                                       \
        QUAVER_STORE_TILE                                                                         \
        "3:\n"                                                                                    \
        "tbnz %w[stage], #0, 4f\n"                                                                \
        QUAVER_TILE_RIGHT("ld1 {v4.4s-v7.4s}, [%[shifts]]\n", "%w[zero_point]")                   \
        QUAVER_STORE_TILE                                                                         \
        "4:\n"                                                                                    \
        "subs %w[tiles], %w[tiles], #1\n"                                                         \
        QUAVER_TILE_PIXELS(QUAVER_TILE_STORE_SUMS, "%[output]")                                   \
        "b.ne 1b\n"                                                                               \
        "5:\n"                                                                                    \
        : [tiles] "+&r"(tiles), [offset] "+&r"(offset), [output] "+&r"(output)                    \
        : [runs] "r"(rows.inputs.runs), [end] "r"(rows.inputs.runs_end),                          \
          [step] "r"(rows.inputs.pixel_step), [bytes] "r"(bytes), [blocks] "r"(bytes >> 5),       \
          [weights] "r"(rows.inputs.weights), [bias] "r"(rows.inputs.bias),                       \
          [multipliers] "r"(rows.multipliers), [shifts] "r"(rows.shifts),                         \
          [zero_point] "r"(rows.zero_point), [stage] "r"(rows.stage), [stride] "r"(rows.stride)   \
        : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", \
          "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",     \
          "v26", "v27", "v28", "v29", "v30", "v31", "x9", "x10", "x11", "x12", "x13", "x14",      \
          "x15", "cc", "memory");                                                                 \
  }

// Any number of runs of at least 16 inputs.
QUAVER_DEFINE_TILES(RunAnyFours, ,
  "mov x15, %[runs]\n"
  "mov x14, %[weights]\n"
  "10:\n"
  QUAVER_NEXT_RUN
  "cbz %w[blocks], 12f\n"
  "mov w13, %w[blocks]\n"
  "11:\n"  // 32 inputs
  QUAVER_SDOT_BLOCK
  "b.ne 11b\n"
  "12:\n"
  "tst %w[bytes], #31\n"
  "b.eq 15f\n"
  "tbz %w[bytes], #4, 13f\n"  // 16
  QUAVER_LOAD_EVEN
  "ldr q4, [x9], #16\n"
  "ldr q5, [x10], #16\n"
  "ldr q6, [x11], #16\n"
  "ldr q7, [x12], #16\n"
  QUAVER_SDOT_SIXTEEN(4, 5, 6, 7, )
  "tst %w[bytes], #12\n"
  "b.eq 15f\n"
  "13:\n"
  "tbz %w[bytes], #3, 14f\n"  // 8 or 12
  "ldr d4, [x9], #8\n"
  QUAVER_LOAD_EVEN
  "ldr d5, [x10], #8\n"
  "ldr d6, [x11], #8\n"
  "ldr d7, [x12], #8\n"
  QUAVER_SDOT_EIGHT(4, 5, 6, 7, )
  "tbz %w[bytes], #2, 15f\n"
  "14:\n"  // 4
  QUAVER_LOAD_EVEN
  "ldr s4, [x9]\n"
  "ldr s5, [x10]\n"
  "ldr s6, [x11]\n"
  "ldr s7, [x12]\n"
  QUAVER_SDOT_FOUR(4, 5, 6, 7)
  "15:\n"
  "cmp x15, %[end]\n"
  "b.ne 10b\n"
  "add %[offset], %[offset], %[step], lsl #2\n",
  QUAVER_LOAD_STAGE)

// Any number of runs of 4, 8 or 12 inputs, of which 16 are read.
QUAVER_DEFINE_TILES(RunShortFours, ,
  "mov x15, %[runs]\n"
  "mov x14, %[weights]\n"
  "10:\n"
  "ldr x9, [x15], #8\n"
  QUAVER_LOAD_EVEN
  "add x9, x9, %[offset]\n"
  QUAVER_LOAD_16_OF_FOUR(x9, 4, 5, 6, 7)
  "tbz %w[bytes], #3, 11f\n"
  QUAVER_SDOT_EVEN(4, 0, 5, 0, 6, 0, 7, 0, QUAVER_LOAD_ODD)
  "tbz %w[bytes], #2, 12f\n"
  QUAVER_SDOT_ODD(4, 1, 5, 1, 6, 1, 7, 1, QUAVER_LOAD_EVEN)
  "cmp x15, %[end]\n"
  QUAVER_SDOT_EVEN(4, 2, 5, 2, 6, 2, 7, 2, )
  "b.ne 10b\n"
  "b 13f\n"
  "11:\n"
  "cmp x15, %[end]\n"
  QUAVER_SDOT_FOUR(4, 5, 6, 7)
  "b.ne 10b\n"
  "b 13f\n"
  "12:\n"
  "cmp x15, %[end]\n"
  QUAVER_SDOT_ODD(4, 1, 5, 1, 6, 1, 7, 1, )
  "b.ne 10b\n"
  "13:\n"
  "add %[offset], %[offset], %[step], lsl #2\n",
  QUAVER_LOAD_STAGE)

// Any number of runs of a multiple of 32 inputs.
QUAVER_DEFINE_TILES(RunRunsOf32s, ,
  "mov x15, %[runs]\n"
  "mov x14, %[weights]\n"
  "10:\n"
  QUAVER_NEXT_RUN
  "mov w13, %w[blocks]\n"
  "11:\n"
  QUAVER_SDOT_BLOCK
  "b.ne 11b\n"
  "cmp x15, %[end]\n"
  "b.ne 10b\n"
  "add %[offset], %[offset], %[step], lsl #2\n",
  QUAVER_LOAD_STAGE)

// Three runs of 48 inputs, windows of 3 x 3 of sixteen channels: they need no loop.
QUAVER_DEFINE_TILES(RunThreeRunsOf48,
  "ldp x9, x11, [%[runs]]\n"
  "ldr x13, [%[runs], #16]\n"
  "add x9, x9, %[offset]\n"
  "add x11, x11, %[offset]\n"
  "add x13, x13, %[offset]\n"
  "add x10, x9, #32\n"
  "add x12, x11, #32\n"
  "add x15, x13, #32\n",
  "mov x14, %[weights]\n"
  QUAVER_SDOT_48(x9, x10)
  QUAVER_SDOT_48(x11, x12)
  QUAVER_SDOT_48(x13, x15),
  QUAVER_LOAD_STAGE)

// One run of a multiple of 32 inputs.
QUAVER_DEFINE_TILES(RunFoursOf32s,
  QUAVER_ONE_RUN
  "add x10, x9, %[step]\n"
  "add x11, x10, %[step]\n"
  "add x12, x11, %[step]\n"
  "lsl x15, %[step], #2\n"
  "sub x15, x15, %w[bytes], uxtw\n",
  "mov w13, %w[blocks]\n"
  "mov x14, %[weights]\n"
  "10:\n"
  QUAVER_SDOT_BLOCK
  "b.ne 10b\n"
  "add x9, x9, x15\n"
  "add x10, x10, x15\n"
  "add x11, x11, x15\n"
  "add x12, x12, x15\n",
  QUAVER_LOAD_STAGE)

// One run of 32.
QUAVER_DEFINE_TILES(RunFoursOf32, QUAVER_ONE_RUN,
  "mov x14, %[weights]\n"
  QUAVER_LOAD_EVEN
  QUAVER_LOAD_32_OF_FOUR(x9)
  QUAVER_SDOT_SIXTEEN(4, 6, 8, 10, QUAVER_LOAD_EVEN)
  QUAVER_SDOT_SIXTEEN(5, 7, 9, 11, ),
  QUAVER_LOAD_STAGE)

// One run of 16.
QUAVER_DEFINE_TILES(RunFoursOf16, QUAVER_ONE_RUN QUAVER_LOAD_MULTIPLIERS,
  "mov x14, %[weights]\n"
  QUAVER_LOAD_EVEN
  QUAVER_LOAD_16_OF_FOUR(x9, 4, 5, 6, 7)
  QUAVER_SDOT_SIXTEEN(4, 5, 6, 7, ),
  QUAVER_LOAD_SHIFTS)

// Side by side, a pixel's inputs right behind those of the one before: one run of 24, 16, or 8.
QUAVER_DEFINE_TILES(RunNeighboursOf24, QUAVER_ONE_RUN,
  "mov x14, %[weights]\n"
  QUAVER_LOAD_EVEN
  "ld1 {v4.16b-v7.16b}, [x9], #64\n"
  "ldp q8, q9, [x9], #32\n"
  QUAVER_SDOT_EVEN(4, 0, 5, 2, 7, 0, 8, 2, QUAVER_LOAD_ODD)
  QUAVER_SDOT_ODD(4, 1, 5, 3, 7, 1, 8, 3, QUAVER_LOAD_EVEN)
  QUAVER_SDOT_EVEN(4, 2, 6, 0, 7, 2, 9, 0, QUAVER_LOAD_ODD)
  QUAVER_SDOT_ODD(4, 3, 6, 1, 7, 3, 9, 1, QUAVER_LOAD_EVEN)
  QUAVER_SDOT_EVEN(5, 0, 6, 2, 8, 0, 9, 2, QUAVER_LOAD_ODD)
  QUAVER_SDOT_ODD(5, 1, 6, 3, 8, 1, 9, 3, ),
  QUAVER_LOAD_STAGE)

QUAVER_DEFINE_TILES(RunNeighboursOf16, QUAVER_ONE_RUN QUAVER_LOAD_MULTIPLIERS,
  "mov x14, %[weights]\n"
  QUAVER_LOAD_EVEN
  "ld1 {v4.16b-v7.16b}, [x9], #64\n"
  QUAVER_SDOT_SIXTEEN(4, 5, 6, 7, ),
  QUAVER_LOAD_SHIFTS)

QUAVER_DEFINE_TILES(RunNeighboursOf8,
  QUAVER_ONE_RUN
  "mov x14, %[weights]\n"
  QUAVER_LOAD_EVEN
  QUAVER_LOAD_ODD
  QUAVER_LOAD_STAGE,
  "ldp q6, q7, [x9], #32\n"
  QUAVER_SDOT_EVEN(6, 0, 6, 2, 7, 0, 7, 2, )
  QUAVER_SDOT_ODD(6, 1, 6, 3, 7, 1, 7, 3, ), )
// clang-format on

#undef QUAVER_LOAD_16_OF_FOUR
#undef QUAVER_LOAD_32_OF_FOUR
#undef QUAVER_SDOT_BLOCK
#undef QUAVER_NEXT_RUN
#undef QUAVER_SDOT_48
#undef QUAVER_LOAD_MULTIPLIERS
#undef QUAVER_LOAD_SHIFTS
#undef QUAVER_LOAD_STAGE
#undef QUAVER_ONE_RUN
#undef QUAVER_STORE_TILE
#undef QUAVER_DEFINE_TILES

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_NEONDOT_TILE_H_
