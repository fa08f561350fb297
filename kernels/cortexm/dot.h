// Dot products of int8 rows as they lie in memory. SXTB16 splits four bytes into the even and the
// odd ones, on both sides alike, so that nothing has to be reordered.
// Included only by files of kernels/cortexm; everything has internal linkage.
#ifndef QUAVER_KERNELS_CORTEXM_DOT_H_
#define QUAVER_KERNELS_CORTEXM_DOT_H_

#include <cstddef>
#include <cstdint>

#include "kernels/cortexm/output_stage.h"
#include "kernels/cortexm/simd32.h"

namespace quaver::kernels {
namespace {

/// Adds the four products of one row, whose word is at `address`.
#define QUAVER_ROW(address, sum)            \
  "ldr %[w], " address                      \
  "\n\t"                                    \
  "sxtb16 %[t], %[w]\n\t"                   \
  "sxtb16 %[w], %[w], ror #8\n\t"           \
  "smlad %[" sum "], %[even], %[t], %[" sum \
  "]\n\t"                                   \
  "smlad %[" sum "], %[odd], %[w], %[" sum "]\n\t"

#define QUAVER_FOUR_INPUTS                                                       \
  "ldr %[odd], [%[x]], #4\n\t"                                                   \
  "sxtb16 %[even], %[odd]\n\t"                                                   \
  "sxtb16 %[odd], %[odd], ror #8\n\t" QUAVER_ROW("[%[rows], %[stride]]", "sum1") \
      QUAVER_ROW("[%[rows], %[stride], lsl #1]", "sum2")                         \
          QUAVER_ROW("[%[rows], %[stride3]]", "sum3") QUAVER_ROW("[%[rows]], #4", "sum0")

/// Four rows of weights, `stride` bytes apart, and the inputs that they are multiplied with.
struct FourRows {
  const std::int8_t* rows;
  const std::int8_t* x;
  std::int32_t stride;
};

/// Adds the dot products of the first `depth` inputs, a multiple of 4, and moves past them. In
/// assembler, since it needs 13 registers.
inline void AddFourRows(FourRows* dot, std::int32_t depth, std::int32_t* sums) {
  const std::int8_t* rows = dot->rows;
  const std::int8_t* x = dot->x;
  std::int32_t sum0 = sums[0];
  std::int32_t sum1 = sums[1];
  std::int32_t sum2 = sums[2];
  std::int32_t sum3 = sums[3];
  std::int32_t left = depth;
  Pair even;
  Pair odd;
  Pair w;
  Pair t;
  __asm__(
      "subs %[left], #16\n\t"
      "bmi 2f\n\t"
      "1:\n\t" QUAVER_FOUR_INPUTS QUAVER_FOUR_INPUTS QUAVER_FOUR_INPUTS QUAVER_FOUR_INPUTS
      "subs %[left], #16\n\t"
      "bpl 1b\n\t"
      "2:\n\t"
      "adds %[left], #12\n\t"
      "bmi 4f\n\t"
      "3:\n\t" QUAVER_FOUR_INPUTS
      "subs %[left], #4\n\t"
      "bpl 3b\n\t"
      "4:"
      : [sum0] "+r"(sum0), [sum1] "+r"(sum1), [sum2] "+r"(sum2), [sum3] "+r"(sum3),
        [rows] "+r"(rows), [x] "+r"(x), [left] "+r"(left), [even] "=&r"(even), [odd] "=&r"(odd),
        [w] "=&r"(w), [t] "=&r"(t)
      : [stride] "r"(dot->stride), [stride3] "r"(3 * dot->stride)
      : "cc", "memory");
  dot->rows = rows;
  dot->x = x;
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

/// Adds the products of the inputs that are left over.
inline void AddFewInputs(const FourRows& dot, std::int32_t count, std::int32_t* sums) {
  for (std::int32_t i = 0; i < count; ++i) {
    for (int r = 0; r < 4; ++r) {
      sums[r] = MultiplyAddOne(dot.x[i], dot.rows[r * dot.stride + i], sums[r]);
    }
  }
}

#undef QUAVER_FOUR_INPUTS
#undef QUAVER_ROW

/// The same for one row.
inline std::int32_t DotRow(const std::int8_t* row, const std::int8_t* x, std::int32_t depth,
                           std::int32_t bias) {
  std::int32_t sum = bias;
  for (; depth >= 4; depth -= 4) {
    const Bytes w = LoadBytes(row);
    const Bytes bytes = LoadBytes(x);
    sum = MultiplyAdd(EvenBytes(bytes), EvenBytes(w), sum);
    sum = MultiplyAdd(OddBytes(bytes), OddBytes(w), sum);
    row += 4;
    x += 4;
  }
  for (; depth > 0; --depth) sum = MultiplyAddOne(*row++, *x++, sum);
  return sum;
}

struct DotOperands {
  const std::int8_t* input;
  const std::int8_t* weights;  // [channels, depth]
  std::int32_t depth;
};

/// Output channels [channel, channel + 4).
__attribute__((noinline)) void DotFourChannels(const DotOperands& dot, const CommonStage& stage,
                                               std::int32_t channel, std::int8_t* output) {
  FourRows rows{dot.weights + std::ptrdiff_t{channel} * dot.depth, dot.input, dot.depth};
  const std::int32_t* bias = stage.stage.bias + channel;
  std::int32_t sums[4] = {bias[0], bias[1], bias[2], bias[3]};
  AddFourRows(&rows, dot.depth & ~3, sums);
  if ((dot.depth & 3) != 0) AddFewInputs(rows, dot.depth & 3, sums);
  for (int i = 0; i < 4; ++i) output[i] = ChannelStage(stage, channel + i).Apply(sums[i]);
}

/// Output channels [begin, end) of one output pixel, or row.
inline void DotChannels(const DotOperands& dot, const CommonStage& stage, std::int32_t begin,
                        std::int32_t end, std::int8_t* output) {
  std::int32_t channel = begin;
  for (; channel + 4 <= end; channel += 4) DotFourChannels(dot, stage, channel, output + channel);
  for (; channel < end; ++channel) {
    const ChannelStage one(stage, channel);
    const std::int8_t* row = dot.weights + std::ptrdiff_t{channel} * dot.depth;
    output[channel] = one.Apply(DotRow(row, dot.input, dot.depth, one.bias()));
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_DOT_H_
