// How assembly walks over the rows of a depthwise convolution of 3 x 3, tile by tile, for one block
// of channels after the other: what instruction sets share of it.
#ifndef QUAVER_KERNELS_ARM_DEPTHWISE_WALK_H_
#define QUAVER_KERNELS_ARM_DEPTHWISE_WALK_H_

#include <cstddef>
#include <cstdint>

#include "kernels/arm/depthwise_stage.h"

namespace quaver::kernels {
namespace {

/// Flags of RowsOfBlocks. What is over are pixels of a row that, after its first, are not a
/// multiple of three.
inline constexpr std::int64_t kOneOver = 1;
inline constexpr std::int64_t kTwoOver = 2;
inline constexpr std::int64_t kPadsLeft = 4;
inline constexpr std::int64_t kPadsRight = 8;
/// The last of tiles of two rows is one row, with StageKind::kShortRelu. Flags in between are free.
inline constexpr std::int64_t kOddRow = 64;

/// Tiles of one or two output rows, for blocks of one or two panels. Only the first and the last
/// row of all the tiles' input rows may be outside the image, by one.
struct RowsOfBlocks {
  // Space for the biases of a block's sums, the same with a padded column at the left or at the
  // right, the multipliers and the shifts.
  alignas(16) std::uint8_t sums[64];
  std::uint8_t left_sums[64], right_sums[64], multipliers[64], shifts[64];
  const std::uint8_t *panel, *end;  // the first panel of the blocks, and after their last
  const std::int8_t* row;           // first pixel of the second input row, of the first block
  std::int8_t* output;              // first pixel of the first output row
  std::ptrdiff_t step, row_bytes;   // from one input pixel, or row, to the next
  std::ptrdiff_t down;              // from the end of a row to the same one of the next tile
  std::ptrdiff_t output_row_bytes;  // from one output row to the next
  // From a pixel to the next in the first tile's first and last input row: 0 for padding.
  std::ptrdiff_t step_above, step_below;
  // As above, for the last tile.
  std::ptrdiff_t last_down, last_output_down, last_step_below;
  const std::int8_t* padding;  // of one pixel of a block
  std::int64_t tiles;          // after the first
  // Pixels of a row whose last column is in the image; of two rows how many times three of them
  // follow the first, rounded up.
  std::int64_t left;
  std::int64_t flags;
  std::int64_t pad;  // the value of padding
};

#ifdef __aarch64__
#define QUAVER_AT(field, offset) \
  static_assert(offsetof(RowsOfBlocks, field) == (offset), "as in the assembly")
QUAVER_AT(sums, 0);
QUAVER_AT(left_sums, 64);
QUAVER_AT(right_sums, 128);
QUAVER_AT(multipliers, 192);
QUAVER_AT(shifts, 256);
QUAVER_AT(panel, 320);
QUAVER_AT(end, 328);
QUAVER_AT(row, 336);
QUAVER_AT(output, 344);
QUAVER_AT(step, 352);
QUAVER_AT(row_bytes, 360);
QUAVER_AT(down, 368);
QUAVER_AT(output_row_bytes, 376);
QUAVER_AT(step_above, 384);
QUAVER_AT(step_below, 392);
QUAVER_AT(last_down, 400);
QUAVER_AT(last_output_down, 408);
QUAVER_AT(last_step_below, 416);
QUAVER_AT(padding, 424);
QUAVER_AT(tiles, 432);
QUAVER_AT(left, 440);
QUAVER_AT(flags, 448);
QUAVER_AT(pad, 456);
static_assert(kOneOver == 1 && kTwoOver == 2 && kPadsLeft == 4 && kPadsRight == 8 && kOddRow == 64,
              "as in the assembly");
#undef QUAVER_AT
#endif

}  // namespace
}  // namespace quaver::kernels

#ifdef __aarch64__
// clang-format off

static_assert(quaver::kernels::kReluEarlyShift == 2, "as in QUAVER_SHIFT_SHORT");

// Parts of statements whose operands are those below. Labels: 10, a block; 11, a tile; 19, where a
// tile is done; 21, where a block is; 22, a tile of an odd row; 20, for these parts alone.

// Of all tiles; `other` becomes the padding.
#define QUAVER_WALK_BEGIN                                          \
  "ldp %[step], %[row_bytes], [%[sums], #352]\n"                   \
  "ldp %[down], %[output_row_bytes], [%[sums], #368]\n"            \
  "ldp %[flags], %[other], [%[sums], #448]\n"                      \
  "ldr %[panel], [%[sums], #320]\n"                                \
  "sub %[back], %[step], %[row_bytes]\n"                           \
  "sub %[output_back], %[step], %[output_row_bytes]\n"

// To a block's first tile; its last input row is `below` rows (a shift) under the second.
#define QUAVER_WALK_FIRST(below)                                   \
  "ldp %[row], %[output], [%[sums], #336]\n"                       \
  "ldp %[step_above], %[step_below], [%[sums], #384]\n"            \
  "ldp %[other], %[tiles], [%[sums], #424]\n"                      \
  "sub %[above], %[row], %[row_bytes]\n"                           \
  "add %[below], %[row], %[row_bytes], lsl #" #below "\n"          \
  "cmp %[step_above], #0\n"                                        \
  "csel %[above], %[other], %[above], eq\n"                        \
  "cmp %[step_below], #0\n"                                        \
  "csel %[below], %[other], %[below], eq\n"                        \
  "b 11f\n"

// To the tiles between the first and the last, and each tile's begin; `output`: to its rows.
#define QUAVER_WALK_NEXT(output)                                   \
  "20:\n"                                                          \
  "add %[row], %[row], %[down]\n"                                  \
  "add %[below], %[below], %[down]\n"                              \
  output                                                           \
  "mov %[step_above], %[step]\n"                                   \
  "sub %[above], %[row], %[row_bytes]\n"                           \
  "11:\n"
#define QUAVER_WALK_TWO_ROWS "add %[output], %[output], %[output_row_bytes]\n"
#define QUAVER_WALK_ONE_ROW

// A tile's end, and to the last tile; `odd`: where that may be one row.
#define QUAVER_WALK_LAST(below, odd)                               \
  "19:\n"                                                          \
  "subs %[tiles], %[tiles], #1\n"                                  \
  "b.gt 20b\n"                                                     \
  "b.lt 21f\n"                                                     \
  "ldp %[other], %[left], [%[sums], #400]\n"                       \
  "ldp %[step_below], %[below], [%[sums], #416]\n"                 \
  "add %[row], %[row], %[other]\n"                                 \
  "add %[output], %[output], %[left]\n"                            \
  "mov %[step_above], %[step]\n"                                   \
  "sub %[above], %[row], %[row_bytes]\n"                           \
  "add %[other], %[row], %[row_bytes], lsl #" #below "\n"          \
  "cmp %[step_below], #0\n"                                        \
  "csel %[below], %[below], %[other], eq\n"                        \
  odd                                                              \
  "b 11b\n"
// To an odd row, whose last input row is one higher.
#define QUAVER_WALK_ODD                                            \
  ".if %c[is_short]\n"                                             \
  "sub %[other], %[other], %[row_bytes]\n"                         \
  "tbz %[flags], #6, 11b\n"                                        \
  "csel %[below], %[below], %[other], eq\n"                        \
  "b 22f\n"                                                        \
  ".endif\n"
#define QUAVER_WALK_NEVER_ODD

// To the next block.
#define QUAVER_WALK_END(panel_bytes, channels)                     \
  "21:\n"                                                          \
  "ldp %[row], %[output], [%[sums], #336]\n"                       \
  "ldr %[other], [%[sums], #328]\n"                                \
  "add %[panel], %[panel], #" #panel_bytes "\n"                    \
  "add %[row], %[row], #" #channels "\n"                           \
  "add %[output], %[output], #" #channels "\n"                     \
  "cmp %[panel], %[other]\n"                                       \
  "stp %[row], %[output], [%[sums], #336]\n"                       \
  "b.ne 10b\n"

// Sums times multipliers in a to d, to 16 bits in a and c; s0 to s3 are the shifts in 32 bits.
#define QUAVER_SHIFT_ANY(a, b, c, d, s0, s1, s2, s3)               \
  "srshl v" #a ".4s, v" #a ".4s, v" #s0 ".4s\n"                    \
  "srshl v" #c ".4s, v" #c ".4s, v" #s2 ".4s\n"                    \
  "srshl v" #b ".4s, v" #b ".4s, v" #s1 ".4s\n"                    \
  "srshl v" #d ".4s, v" #d ".4s, v" #s3 ".4s\n"                    \
  "sqxtun v" #a ".4h, v" #a ".4s\n"                                \
  "sqxtun v" #c ".4h, v" #c ".4s\n"                                \
  "sqxtun2 v" #a ".8h, v" #b ".4s\n"                               \
  "sqxtun2 v" #c ".8h, v" #d ".4s\n"
// The same of StageKind::kShortRelu; s0 and s1 are the shifts that are left after
// kReluEarlyShift, in 16 bits.
#define QUAVER_SHIFT_SHORT(a, b, c, d, s0, s1)                     \
  "sqshrun v" #a ".4h, v" #a ".4s, #2\n"                           \
  "sqshrun v" #c ".4h, v" #c ".4s, #2\n"                           \
  "sqshrun2 v" #a ".8h, v" #b ".4s, #2\n"                          \
  "sqshrun2 v" #c ".8h, v" #d ".4s, #2\n"                          \
  "urshl v" #a ".8h, v" #a ".8h, v" #s0 ".8h\n"                    \
  "urshl v" #c ".8h, v" #c ".8h, v" #s1 ".8h\n"

#define QUAVER_WALK_VARIABLES                                      \
  const std::int8_t *above, *row, *below;                          \
  std::int8_t* output;                                             \
  const std::uint8_t* panel;                                       \
  std::ptrdiff_t step, row_bytes, step_above, step_below, back;    \
  std::ptrdiff_t down, output_row_bytes, output_back;              \
  std::ptrdiff_t left, tiles, flags, other
#define QUAVER_WALK_OPERANDS                                                               \
  [above] "=&r"(above), [row] "=&r"(row), [below] "=&r"(below), [output] "=&r"(output),    \
  [panel] "=&r"(panel), [step] "=&r"(step), [row_bytes] "=&r"(row_bytes),                  \
  [step_above] "=&r"(step_above), [step_below] "=&r"(step_below), [back] "=&r"(back),      \
  [down] "=&r"(down), [output_row_bytes] "=&r"(output_row_bytes),                          \
  [output_back] "=&r"(output_back), [left] "=&r"(left), [tiles] "=&r"(tiles),              \
  [flags] "=&r"(flags), [other] "=&r"(other)
#define QUAVER_WALK_CLOBBERS                                                               \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",  \
  "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25",      \
  "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory"
// clang-format on
#endif

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_WALK_H_
