// SXTB16 splits four bytes into the even and the odd ones, on both sides alike, so that nothing has
// to be reordered.
#include "kernels/cortexm/dot.h"

#include <cstddef>

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

/// sums[i] = bias[i] + x . row i, for four rows of `depth` weights, one after the other. In
/// assembler, since it needs 13 registers.
__attribute__((noinline)) void DotFourRows(const std::int8_t* rows, const std::int8_t* x,
                                           std::int32_t depth, const std::int32_t* bias,
                                           std::int32_t* sums) {
  std::int32_t sum0 = bias[0];
  std::int32_t sum1 = bias[1];
  std::int32_t sum2 = bias[2];
  std::int32_t sum3 = bias[3];
  std::int32_t left = depth & ~3;
  Pair even;
  Pair odd;
  Pair w;
  Pair t;
  __asm__(QUAVER_BY_FOURS(QUAVER_FOUR_INPUTS)
          : [sum0] "+r"(sum0), [sum1] "+r"(sum1), [sum2] "+r"(sum2), [sum3] "+r"(sum3),
            [rows] "+r"(rows), [x] "+r"(x), [left] "+r"(left), [even] "=&r"(even), [odd] "=&r"(odd),
            [w] "=&r"(w), [t] "=&r"(t)
          : [stride] "r"(depth), [stride3] "r"(3 * depth)
          : "cc", "memory");
  for (left = depth & 3; left > 0; --left, ++x, ++rows) {
    sum0 = MultiplyAddOne(*x, rows[0], sum0);
    sum1 = MultiplyAddOne(*x, rows[depth], sum1);
    sum2 = MultiplyAddOne(*x, rows[2 * depth], sum2);
    sum3 = MultiplyAddOne(*x, rows[3 * depth], sum3);
  }
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
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

/// Accumulators of neighbouring channels to outputs.
void StoreChannels(const CommonStage& common, std::int32_t channel, std::int32_t count,
                   const std::int32_t* sums, std::int8_t* output) {
  const std::int8_t* shift = common.stage.shift + channel;
  const std::int32_t* multiplier = common.stage.multiplier + channel;
  const std::int32_t base = common.base;
  const std::uint32_t fast_shifts = common.fast_shifts;
  for (std::int8_t* const end = output + count; output != end; ++output) {
    const ChannelScale scale(base, fast_shifts, *multiplier++, *shift++);
    const std::int32_t sum = *sums++;
    if (scale.fast()) {
      *output = static_cast<std::int8_t>(scale.Fast(sum));
    } else {
      const auto left = static_cast<std::int32_t>(end - output);
      *output = static_cast<std::int8_t>(AnyScale(common, scale, channel + count - left, sum));
    }
  }
}

}  // namespace

void DotChannels(const DotOperands& dot, const CommonStage& stage, std::int32_t begin,
                 std::int32_t end, std::int8_t* output) {
  constexpr std::int32_t kBlock = 16;
  const std::int8_t* row = dot.weights + std::ptrdiff_t{begin} * dot.depth;
  const std::int32_t* bias = stage.stage.bias + begin;
  for (std::int32_t first = begin; first < end; first += kBlock) {
    const std::int32_t count = end - first < kBlock ? end - first : kBlock;
    std::int32_t sums[kBlock];
    std::int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
      DotFourRows(row, dot.input, dot.depth, bias, sums + i);
      row += 4 * dot.depth;
      bias += 4;
    }
    for (; i < count; ++i) {
      sums[i] = DotRow(row, dot.input, dot.depth, *bias++);
      row += dot.depth;
    }
    StoreChannels(stage, first, count, sums, output + first);
  }
}

}  // namespace quaver::kernels
