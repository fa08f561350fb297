// int32 accumulators to int8, exactly as kernels/requantize.h.
// Included only by files of kernels/cortexm; everything has internal linkage.
#ifndef QUAVER_KERNELS_CORTEXM_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_CORTEXM_OUTPUT_STAGE_H_

#include <arm_acle.h>

#include <cstdint>

#include "kernels/params.h"
#include "kernels/requantize.h"

namespace quaver::kernels {
namespace {

/// addend + floor(a * b / 2^32)
inline std::int32_t MultiplyHighAdd(std::int32_t a, std::int32_t b, std::int32_t addend) {
  std::int32_t result;
  __asm__("smmla %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(addend));
  return result;
}

/// What all channels of an operator share.
struct CommonStage {
  explicit CommonStage(const OutputStage& s)
      : stage(s),
        zero_point(s.zero_point),
        least_fast_k(s.clamp_min == INT8_MIN && s.clamp_max == INT8_MAX ? 0 : 32) {}

  const OutputStage& stage;
  const std::int32_t zero_point;
  const std::int32_t least_fast_k;  // of ChannelStage; 32: none is fast
};

/// The output stage of one channel.
///
/// The fast way is SMMLA, a shift, an addition, SSAT. For a shift s <= -2, with k = -2 - s = ~s -
/// 1,
///   requant(x, m, s) = floor((x * m + 2^(30 - s)) / 2^(31 - s))
///                    = floor((floor(x * m / 2^32) + 2^k) / 2^(k + 1)),
/// since 2^(30 - s) is a multiple of 2^32 and nested floors are one. In magnitude, the inner floor
/// is at most 2^30 and 2^k at most 2^29. The result with the zero point is saturated to int8, which
/// must be the range of the clamps.
class ChannelStage {
 public:
  ChannelStage(const CommonStage& common, std::int32_t channel)
      : common_(common),
        channel_(channel),
        zero_point_(common.zero_point),
        multiplier_(common.stage.multiplier[channel]),
        k_(-2 - std::int32_t{common.stage.shift[channel]}) {}

  /// Where the sum of products begins: it is modulo 2^32.
  [[nodiscard]] std::int32_t bias() const { return common_.stage.bias[channel_]; }

  [[nodiscard]] bool fast() const { return k_ >= common_.least_fast_k; }

  /// Of an accumulator, which has the bias. kFast only where fast() is true.
  template <bool kFast>
  [[nodiscard]] std::int8_t Apply(std::int32_t accumulator) const {
    if constexpr (kFast) {
      const std::int32_t scaled = MultiplyHighAdd(accumulator, multiplier_, 1 << k_) >> k_;
      return static_cast<std::int8_t>(__ssat(zero_point_ + (scaled >> 1), 8));
    } else {
      return General(common_.stage, channel_, accumulator);
    }
  }

  [[nodiscard]] std::int8_t Apply(std::int32_t accumulator) const {
    return fast() ? Apply<true>(accumulator) : Apply<false>(accumulator);
  }

 private:
  static __attribute__((noinline)) std::int8_t General(const OutputStage& s, std::int32_t channel,
                                                       std::int32_t accumulator) {
    return Requantize(accumulator, s.multiplier[channel], s.shift[channel], s.zero_point,
                      s.clamp_min, s.clamp_max);
  }

  const CommonStage& common_;
  const std::int32_t channel_;
  const std::int32_t zero_point_, multiplier_;
  const std::int32_t k_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_OUTPUT_STAGE_H_
