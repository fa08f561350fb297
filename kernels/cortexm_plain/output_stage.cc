#include "kernels/cortexm_plain/output_stage.h"

#include "kernels/requantize.h"

namespace quaver::kernels {
namespace {

// Not inlined: it would take registers from the loop.
[[gnu::noinline]] std::int8_t RequantizeGeneral(const OutputStage& stage, std::int32_t x,
                                                std::int32_t multiplier, std::int32_t shift) {
  return Requantize(x, multiplier, shift, stage.zero_point, stage.clamp_min, stage.clamp_max);
}

}  // namespace

// The bias is added modulo 2^32. For a shift s <= -2, with k = -2 - s,
//   requant(x, m, s) = floor((x * m + 2^(30 - s)) / 2^(31 - s))
//                    = floor((floor(x * m / 2^32) + 2^k) / 2^(k + 1)),
// since 2^(30 - s) is a multiple of 2^32 and nested floors are one. In magnitude, the inner floor
// is at most 2^30 and 2^k at most 2^29.
void StoreSums(const OutputStage& stage, std::int32_t channel, std::int32_t count,
               const std::int32_t* sums, std::int8_t* output) {
  const std::int32_t zero_point = stage.zero_point;
  const std::int32_t low = stage.clamp_min, high = stage.clamp_max;
  const std::int32_t* bias = stage.bias + channel;
  const std::int32_t* multiplier = stage.multiplier + channel;
  const std::int8_t* shift = stage.shift + channel;
  for (std::int8_t *target = output + channel, *end = target + count; target != end; ++target) {
    const auto x = static_cast<std::int32_t>(static_cast<std::uint32_t>(*sums++) +
                                             static_cast<std::uint32_t>(*bias++));
    const std::int32_t s = *shift++;
    const std::int32_t m = *multiplier++;
    if (s <= -2) {
      const auto upper = static_cast<std::int32_t>((std::int64_t{x} * m) >> 32);
      std::int32_t value = ((upper + (std::int32_t{1} << (-2 - s))) >> (-1 - s)) + zero_point;
      value = value < low ? low : value;
      *target = static_cast<std::int8_t>(value > high ? high : value);
    } else {
      *target = RequantizeGeneral(stage, x, m, s);
    }
  }
}

}  // namespace quaver::kernels
