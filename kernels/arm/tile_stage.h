// The way out of a tile of four pixels by sixteen channels in assembly: sums to bytes, and their
// stores. For tiles that keep all sums in registers from the bias to the bytes, pixel after pixel:
// v16 to v19 are the first one's channels.
#ifndef QUAVER_KERNELS_ARM_TILE_STAGE_H_
#define QUAVER_KERNELS_ARM_TILE_STAGE_H_

#include <arm_neon.h>

#include <cstdint>

#include "kernels/arm/gemm_output.h"
#include "kernels/arm/output_stage.h"

namespace quaver::kernels {
namespace {

/// What the assembly makes of the sums of a tile.
enum class TileStage : std::int32_t {
  kShortRelu,  // bytes, as kernels/arm/gemm_output.h's stage of this name
  kShort,      // ... where nothing is clamped
  kRight,      // ... also of kShortLeast
  kSums,       // nothing: they are written as they are, for any other stage
};

inline TileStage TileStageOf(const PanelStage& stage, const Narrower& narrow) {
  if (stage.kind == GemmStage::kShortRelu) return TileStage::kShortRelu;
  if (stage.kind == GemmStage::kAny || narrow.clamps()) return TileStage::kSums;
  return stage.kind == GemmStage::kShort ? TileStage::kShort : TileStage::kRight;
}

/// The shifts that the assembly takes for a stage other than kSums: the short ones but for kRight.
inline const void* TileShifts(const PanelStage& stage, TileStage tile_stage) {
  if (tile_stage == TileStage::kRight) return stage.shifts;
  return stage.short_shifts;
}

static_assert(EarlyShift(GemmStage::kShortRelu) == 2 && EarlyShift(GemmStage::kShort) == 4,
              "as in the assembly");

// clang-format off
#define QUAVER_TILE_PIXELS(f, ...)                    \
  f(16, 17, 18, 19, __VA_ARGS__)                      \
  f(20, 21, 22, 23, __VA_ARGS__)                      \
  f(24, 25, 26, 27, __VA_ARGS__)                      \
  f(28, 29, 30, 31, __VA_ARGS__)

// Of a pixel with sums a to d, which become words a and c, and then bytes a.
#define QUAVER_TILE_MULTIPLY(a, b, c, d, m0, m1, m2, m3)       \
  "sqdmulh v" #a ".4s, v" #a ".4s, v" #m0 ".4s\n"              \
  "sqdmulh v" #b ".4s, v" #b ".4s, v" #m1 ".4s\n"              \
  "sqdmulh v" #c ".4s, v" #c ".4s, v" #m2 ".4s\n"              \
  "sqdmulh v" #d ".4s, v" #d ".4s, v" #m3 ".4s\n"
#define QUAVER_TILE_SHIFT(a, b, c, d, s0, s1, s2, s3)          \
  "srshl v" #a ".4s, v" #a ".4s, v" #s0 ".4s\n"                \
  "srshl v" #b ".4s, v" #b ".4s, v" #s1 ".4s\n"                \
  "srshl v" #c ".4s, v" #c ".4s, v" #s2 ".4s\n"                \
  "srshl v" #d ".4s, v" #d ".4s, v" #s3 ".4s\n"
#define QUAVER_TILE_NARROW_LOW(a, b, c, d, narrow, early)      \
  narrow " v" #a ".4h, v" #a ".4s" early "\n"                  \
  narrow " v" #c ".4h, v" #c ".4s" early "\n"
#define QUAVER_TILE_NARROW_HIGH(a, b, c, d, narrow, early)     \
  narrow "2 v" #a ".8h, v" #b ".4s" early "\n"                 \
  narrow "2 v" #c ".8h, v" #d ".4s" early "\n"
#define QUAVER_TILE_WORDS(a, b, c, d, f, x0, x1)               \
  f " v" #a ".8h, v" #a ".8h, v" #x0 ".8h\n"                   \
  f " v" #c ".8h, v" #c ".8h, v" #x1 ".8h\n"
#define QUAVER_TILE_LOW_BYTES(a, b, c, d, narrow)              \
  narrow " v" #a ".8b, v" #a ".8h\n"
#define QUAVER_TILE_HIGH_BYTES(a, b, c, d, narrow)             \
  narrow "2 v" #a ".16b, v" #c ".8h\n"
#define QUAVER_TILE_FLIP(a, b, c, d, x)                        \
  "eor v" #a ".16b, v" #a ".16b, v" #x ".16b\n"
#define QUAVER_TILE_STORE(a, b, c, d, output, stride)          \
  "st1 {v" #a ".16b}, [" output "], " stride "\n"
#define QUAVER_TILE_STORE_SUMS(a, b, c, d, output)             \
  "st1 {v" #a ".4s-v" #d ".4s}, [" output "], #64\n"

#define QUAVER_TILE_NARROW(narrow, early)                      \
  QUAVER_TILE_PIXELS(QUAVER_TILE_NARROW_LOW, narrow, early)    \
  QUAVER_TILE_PIXELS(QUAVER_TILE_NARROW_HIGH, narrow, early)
#define QUAVER_TILE_BYTES(narrow)                              \
  QUAVER_TILE_PIXELS(QUAVER_TILE_LOW_BYTES, narrow)            \
  QUAVER_TILE_PIXELS(QUAVER_TILE_HIGH_BYTES, narrow)

/// The bytes of all pixels, in v16, v20, v24 and v28, with multipliers in v8 to v11. For the first
/// two stages, short shifts are in v4 and v5; they change v6. For the third, which changes v4,
/// `shifts` loads v4 to v7. `zero_point`: the register that holds it.
#define QUAVER_TILE_SHORT_RELU                                 \
  QUAVER_TILE_PIXELS(QUAVER_TILE_MULTIPLY, 8, 9, 10, 11)       \
  "movi v6.16b, #128\n"                                        \
  QUAVER_TILE_NARROW("sqshrun", ", #2")                        \
  QUAVER_TILE_PIXELS(QUAVER_TILE_WORDS, "urshl", 4, 5)         \
  QUAVER_TILE_BYTES("uqxtn")                                   \
  QUAVER_TILE_PIXELS(QUAVER_TILE_FLIP, 6)
#define QUAVER_TILE_SHORT(zero_point)                          \
  QUAVER_TILE_PIXELS(QUAVER_TILE_MULTIPLY, 8, 9, 10, 11)       \
  "dup v6.8h, " zero_point "\n"                                \
  QUAVER_TILE_NARROW("sqshrn", ", #4")                         \
  QUAVER_TILE_PIXELS(QUAVER_TILE_WORDS, "srshl", 4, 5)         \
  QUAVER_TILE_PIXELS(QUAVER_TILE_WORDS, "sqadd", 6, 6)         \
  QUAVER_TILE_BYTES("sqxtn")
#define QUAVER_TILE_RIGHT(shifts, zero_point)                  \
  shifts                                                       \
  QUAVER_TILE_PIXELS(QUAVER_TILE_MULTIPLY, 8, 9, 10, 11)       \
  QUAVER_TILE_PIXELS(QUAVER_TILE_SHIFT, 4, 5, 6, 7)            \
  "dup v4.8h, " zero_point "\n"                                \
  QUAVER_TILE_NARROW("sqxtn", "")                              \
  QUAVER_TILE_PIXELS(QUAVER_TILE_WORDS, "sqadd", 4, 4)         \
  QUAVER_TILE_BYTES("sqxtn")
// clang-format on

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_TILE_STAGE_H_
