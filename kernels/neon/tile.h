// The products of a tile of four pixels by sixteen channels with SMULL, SMLAL and SADALP, in
// assembly: it takes all registers, and compilers copy sums between them where weights are loaded
// four registers at a time.
#ifndef QUAVER_KERNELS_NEON_TILE_H_
#define QUAVER_KERNELS_NEON_TILE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/memory.h"
#include "kernels/packing.h"

#ifdef __aarch64__

namespace quaver::kernels {
namespace {

// clang-format off
// Products of a pair of inputs, in all lanes of register x, by the lower or upper half of weights
// w0 to w3: those of sixteen channels. They begin, or are added to, v12 to v15.
#define QUAVER_BEGIN_LOW(w0, w1, w2, w3, x)     \
  "smull v12.8h, v" #w0 ".8b, v" #x ".8b\n"     \
  "smull v13.8h, v" #w1 ".8b, v" #x ".8b\n"     \
  "smull v14.8h, v" #w2 ".8b, v" #x ".8b\n"     \
  "smull v15.8h, v" #w3 ".8b, v" #x ".8b\n"
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

// Where vector `chain`, summed up in `sum`, does not take all four products (1), or does (0).
#define QUAVER_THIRD_0(chain, w, x) "smlal v" #chain ".8h, v" #w ".8b, v" #x ".8b\n"
#define QUAVER_THIRD_1(chain, w, x)
#define QUAVER_EARLY_0(sum, chain)
#define QUAVER_EARLY_1(sum, chain) "sadalp v" #sum ".4s, v" #chain ".8h\n"
#define QUAVER_AGAIN_0(chain, w, x)
#define QUAVER_AGAIN_1(chain, w, x) "smull v" #chain ".8h, v" #w ".8b, v" #x ".8b\n"

// Eight inputs of a pixel, and sums a to d of vectors of which each takes four products or, where
// its s is 1, twice two. What waits for a product is behind those of other vectors.
#define QUAVER_EIGHT(s0, s1, s2, s3, pixel, a, b, c, d)                             \
  "ld4r {v8.8h-v11.8h}, [" pixel "], #8\n"                                          \
  QUAVER_BEGIN_LOW(0, 1, 2, 3, 8)                                                   \
  QUAVER_ADD_HIGH(0, 1, 2, 3, 9)                                                    \
  QUAVER_THIRD_##s0(12, 4, 10) QUAVER_THIRD_##s1(13, 5, 10)                         \
  QUAVER_THIRD_##s2(14, 6, 10) QUAVER_THIRD_##s3(15, 7, 10)                         \
  QUAVER_EARLY_##s0(a, 12) QUAVER_EARLY_##s1(b, 13)                                 \
  QUAVER_EARLY_##s2(c, 14) QUAVER_EARLY_##s3(d, 15)                                 \
  QUAVER_AGAIN_##s0(12, 4, 10) QUAVER_AGAIN_##s1(13, 5, 10)                         \
  QUAVER_AGAIN_##s2(14, 6, 10) QUAVER_AGAIN_##s3(15, 7, 10)                         \
  QUAVER_ADD_HIGH(4, 5, 6, 7, 11)                                                   \
  QUAVER_ADD_UP(a, b, c, d)
// Four inputs.
#define QUAVER_FOUR(pixel, a, b, c, d)                   \
  "ld2r {v8.8h-v9.8h}, [" pixel "], #4\n"                \
  QUAVER_BEGIN_LOW(0, 1, 2, 3, 8)                        \
  QUAVER_ADD_HIGH(0, 1, 2, 3, 9)                         \
  QUAVER_ADD_UP(a, b, c, d)

// Where `br` may jump to: programs that guard their branches want to see that said.
#ifdef __ARM_FEATURE_BTI_DEFAULT
#define QUAVER_LANDING "hint #36\n"  // BTI J
#else
#define QUAVER_LANDING ""
#endif
// The code for note n begins QUAVER_CODE_BYTES * n behind that for 0; none is longer: 105
// instructions and a landing.
#define QUAVER_CODE_BYTES 424
#define QUAVER_TEXT(x) #x
#define QUAVER_CODE(n, bytes) ".org 10b + " #n " * " QUAVER_TEXT(bytes) "\n" QUAVER_LANDING
// The next note is read early, for branches that are not predicted.
#define QUAVER_READ_NOTE "ldrb w14, [%[notes]], #1\n"
#define QUAVER_FIND_CODE "umaddl x14, w14, %w[code_bytes], x15\n"
#define QUAVER_JUMP "br x14\n"

#define QUAVER_LOAD_WEIGHTS                                    \
  "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"                   \
  "ld1 {v4.16b-v7.16b}, [%[weights]], #64\n"
#define QUAVER_TWO_PIXELS(s3, s2, s1, s0)                      \
  QUAVER_EIGHT(s0, s1, s2, s3, "%[input]", 16, 17, 18, 19)     \
  QUAVER_EIGHT(s0, s1, s2, s3, "x10", 20, 21, 22, 23)
#define QUAVER_OTHER_PIXELS(s3, s2, s1, s0)                    \
  QUAVER_EIGHT(s0, s1, s2, s3, "x11", 24, 25, 26, 27)          \
  QUAVER_EIGHT(s0, s1, s2, s3, "x12", 28, 29, 30, 31)
#define QUAVER_BLOCK(note, s3, s2, s1, s0)                     \
  QUAVER_CODE(note, QUAVER_CODE_BYTES)                         \
  QUAVER_LOAD_WEIGHTS                                          \
  QUAVER_READ_NOTE                                             \
  QUAVER_TWO_PIXELS(s3, s2, s1, s0)                            \
  QUAVER_FIND_CODE                                             \
  QUAVER_OTHER_PIXELS(s3, s2, s1, s0)                          \
  QUAVER_JUMP
// Half of the blocks of a network are such, one after the other.
#define QUAVER_BLOCKS_THAT_FIT                                 \
  QUAVER_CODE(0, QUAVER_CODE_BYTES)                            \
  QUAVER_LOAD_WEIGHTS                                          \
  QUAVER_READ_NOTE                                             \
  QUAVER_TWO_PIXELS(0, 0, 0, 0)                                \
  QUAVER_OTHER_PIXELS(0, 0, 0, 0)                              \
  "cbz w14, 10b\n"                                             \
  QUAVER_FIND_CODE                                             \
  QUAVER_JUMP

#define QUAVER_FOUR_SUMS(name, r0, r1, r2, r3) \
  register int32x4_t name##0 asm(r0);          \
  register int32x4_t name##1 asm(r1);          \
  register int32x4_t name##2 asm(r2);          \
  register int32x4_t name##3 asm(r3)

/// What tiles of four pixels by the 16 channels of a panel read where a pixel has several runs; in
/// memory, as registers are few.
struct RunsOfPixels {
  std::ptrdiff_t run_bytes;
  std::ptrdiff_t other_runs;  // bytes of the pointers to all runs but the first
};

/// What all of them read. Not in one object with that: the compiler would keep it in memory, too.
struct FourPixelsPanel {
  const std::int32_t* bias;
  const std::uint8_t* weights;
  std::ptrdiff_t first_code;  // where the code for the first note is
  const std::uint8_t* notes;  // behind that one
  std::ptrdiff_t pixel_step;
};
inline constexpr std::ptrdiff_t kCodeBytes = QUAVER_CODE_BYTES;

/// Sums of four pixels: vector v of a pixel holds channels 4 v to 4 v + 3. They begin with the
/// bias. Precondition: the notes are as PackWeights writes them, as they say where to jump.
/// `input`: where the first pixel's first run begins; then where its last one ends. `runs`: of the
/// pixel that has no offset; as they were in the end.
///
/// Each note leads to the code for the block that it is of, and that leads to the next one's. So
/// the loop over blocks needs no counter, and each of 16 ways to multiply a block has a branch of
/// its own, whose target is predicted from those before: the notes of a panel repeat for each tile.
/// The address is known long before the block's products are.
[[gnu::always_inline]] inline void MultiplyFour(const FourPixelsPanel& panel,
                                                const RunsOfPixels& of_pixel, Address& input,
                                                const std::uint8_t* const*& runs,
                                                int32x4_t (&acc)[4][4]) {
  static_assert(PairNote::kFourInputs == 16 && PairNote::kNextRun == 17 &&
                PairNote::kLastRunEnds == 18 && PairNote::kOnlyRunEnds == 19, "as below");
  QUAVER_FOUR_SUMS(a, "v16", "v17", "v18", "v19");
  QUAVER_FOUR_SUMS(b, "v20", "v21", "v22", "v23");
  QUAVER_FOUR_SUMS(c, "v24", "v25", "v26", "v27");
  QUAVER_FOUR_SUMS(d, "v28", "v29", "v30", "v31");
  const std::uint8_t* weights = panel.weights;
  const std::uint8_t* notes = panel.notes;
  asm volatile(
      "ld1 {v16.4s-v19.4s}, [%[bias]]\n"
      "ld1 {v20.4s-v23.4s}, [%[bias]]\n"
      "ld1 {v24.4s-v27.4s}, [%[bias]]\n"
      "ld1 {v28.4s-v31.4s}, [%[bias]]\n"
      "add x10, %[input], %[step]\n"
      "add x11, x10, %[step]\n"
      "add x12, x11, %[step]\n"
      "adr x15, 10f\n"
      "add x14, x15, %[first_code]\n"
      QUAVER_JUMP
      "10:\n"
      QUAVER_BLOCKS_THAT_FIT
      QUAVER_BLOCK(1, 0, 0, 0, 1)
      QUAVER_BLOCK(2, 0, 0, 1, 0)
      QUAVER_BLOCK(3, 0, 0, 1, 1)
      QUAVER_BLOCK(4, 0, 1, 0, 0)
      QUAVER_BLOCK(5, 0, 1, 0, 1)
      QUAVER_BLOCK(6, 0, 1, 1, 0)
      QUAVER_BLOCK(7, 0, 1, 1, 1)
      QUAVER_BLOCK(8, 1, 0, 0, 0)
      QUAVER_BLOCK(9, 1, 0, 0, 1)
      QUAVER_BLOCK(10, 1, 0, 1, 0)
      QUAVER_BLOCK(11, 1, 0, 1, 1)
      QUAVER_BLOCK(12, 1, 1, 0, 0)
      QUAVER_BLOCK(13, 1, 1, 0, 1)
      QUAVER_BLOCK(14, 1, 1, 1, 0)
      QUAVER_BLOCK(15, 1, 1, 1, 1)
      // PairNote::kFourInputs
      QUAVER_CODE(16, QUAVER_CODE_BYTES)
      "ld1 {v0.16b-v3.16b}, [%[weights]], #64\n"
      QUAVER_READ_NOTE
      QUAVER_FOUR("%[input]", 16, 17, 18, 19)
      QUAVER_FOUR("x10", 20, 21, 22, 23)
      QUAVER_FIND_CODE
      QUAVER_FOUR("x11", 24, 25, 26, 27)
      QUAVER_FOUR("x12", 28, 29, 30, 31)
      QUAVER_JUMP
      // PairNote::kNextRun: from where a run ends to where the next one begins.
      QUAVER_CODE(17, QUAVER_CODE_BYTES)
      "ldp x13, x14, [%[runs]], #8\n"
      "sub x13, x14, x13\n"
      "ldr x14, [%[run]]\n"
      "sub x13, x13, x14\n"
      QUAVER_READ_NOTE
      "add %[input], %[input], x13\n"
      "add x10, x10, x13\n"
      QUAVER_FIND_CODE
      "add x11, x11, x13\n"
      "add x12, x12, x13\n"
      QUAVER_JUMP
      // PairNote::kLastRunEnds
      QUAVER_CODE(18, QUAVER_CODE_BYTES)
      "ldr x13, [%[run], #8]\n"
      "sub %[runs], %[runs], x13\n"
      "b 11f\n"
      // PairNote::kOnlyRunEnds
      QUAVER_CODE(19, QUAVER_CODE_BYTES)
      "11:\n"
      : "=w"(a0), "=w"(a1), "=w"(a2), "=w"(a3), "=w"(b0), "=w"(b1), "=w"(b2), "=w"(b3), "=w"(c0),
        "=w"(c1), "=w"(c2), "=w"(c3), "=w"(d0), "=w"(d1), "=w"(d2), "=w"(d3), [runs] "+&r"(runs),
        [weights] "+&r"(weights), [notes] "+&r"(notes), [input] "+&r"(input)
      : [bias] "r"(panel.bias), [first_code] "r"(panel.first_code), [step] "r"(panel.pixel_step),
        [run] "r"(&of_pixel), [code_bytes] "r"(QUAVER_CODE_BYTES)
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13",
        "v14", "v15", "x10", "x11", "x12", "x13", "x14", "x15", "cc", "memory");
  acc[0][0] = a0, acc[0][1] = a1, acc[0][2] = a2, acc[0][3] = a3;
  acc[1][0] = b0, acc[1][1] = b1, acc[1][2] = b2, acc[1][3] = b3;
  acc[2][0] = c0, acc[2][1] = c1, acc[2][2] = c2, acc[2][3] = c3;
  acc[3][0] = d0, acc[3][1] = d1, acc[3][2] = d2, acc[3][3] = d3;
}
// clang-format on

#undef QUAVER_BEGIN_LOW
#undef QUAVER_ADD_HIGH
#undef QUAVER_ADD_UP
#undef QUAVER_THIRD_0
#undef QUAVER_THIRD_1
#undef QUAVER_EARLY_0
#undef QUAVER_EARLY_1
#undef QUAVER_AGAIN_0
#undef QUAVER_AGAIN_1
#undef QUAVER_EIGHT
#undef QUAVER_FOUR
#undef QUAVER_LANDING
#undef QUAVER_CODE_BYTES
#undef QUAVER_TEXT
#undef QUAVER_CODE
#undef QUAVER_READ_NOTE
#undef QUAVER_FIND_CODE
#undef QUAVER_JUMP
#undef QUAVER_LOAD_WEIGHTS
#undef QUAVER_TWO_PIXELS
#undef QUAVER_OTHER_PIXELS
#undef QUAVER_BLOCK
#undef QUAVER_BLOCKS_THAT_FIT
#undef QUAVER_FOUR_SUMS

}  // namespace
}  // namespace quaver::kernels

#endif  // __aarch64__

#endif  // QUAVER_KERNELS_NEON_TILE_H_
