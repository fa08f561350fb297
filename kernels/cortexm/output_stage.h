// int32 accumulators to int8, exactly as kernels/requantize.h.
// Included only by files of kernels/cortexm.
#ifndef QUAVER_KERNELS_CORTEXM_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_CORTEXM_OUTPUT_STAGE_H_

#include <arm_acle.h>

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// The output stage of one channel in all cases, for an accumulator that has the bias.
std::int32_t RequantizeChannel(const OutputStage& stage, std::int32_t channel,
                               std::int32_t accumulator);

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
        base(2 * s.zero_point + 1),
        fast_shifts(s.clamp_min == INT8_MIN && s.clamp_max == INT8_MAX ? 23 : 0) {}

  OutputStage stage;
  std::int32_t base;
  std::uint32_t fast_shifts;  // of ChannelScale: k below it are fast; 0: none, nor nearly
};

/// The output stage of one channel where it is fast, or nearly so: for shifts in [-31, -2]. The
/// result is saturated to int8, which must be the range of the clamps.
///
/// For a shift s, with k = -2 - s = ~s - 1, of which `right` is k + 1,
///   requant(x, m, s) = floor((x * m + 2^(30 - s)) / 2^(31 - s))
///                    = floor((floor(x * m / 2^32) + 2^k) / 2^(k + 1)),
/// since 2^(30 - s) is a multiple of 2^32 and nested floors are one: SMMLA and a shift. The inner
/// floor is in [-2^30, 2^30). Fast, for k <= 22, adds the zero point z before:
///   floor((floor(x * m / 2^32) + (2 * z + 1) * 2^k) / 2^(k + 1)),
/// where what is added is below 2^30 in magnitude.
class ChannelScale {
 public:
  ChannelScale(std::int32_t base, std::uint32_t fast_shifts, std::int32_t multiplier,
               std::int32_t shift)
      : base_(base), fast_shifts_(fast_shifts), multiplier_(multiplier), right_(~shift) {}
  ChannelScale(const CommonStage& common, std::int32_t channel)
      : ChannelScale(common.base, common.fast_shifts, common.stage.multiplier[channel],
                     common.stage.shift[channel]) {}

  [[nodiscard]] bool fast() const { return static_cast<std::uint32_t>(right_ - 1) < fast_shifts_; }
  /// Where it is not fast.
  [[nodiscard]] bool nearly_fast() const { return fast_shifts_ != 0 && right_ > 0; }

  /// The output value, where fast() is true.
  [[nodiscard]] std::int32_t Fast(std::int32_t accumulator) const {
    const std::int32_t addend = base_ * (std::int32_t{1} << (right_ - 1));
    return __ssat(MultiplyHighAdd(accumulator, multiplier_, addend) >> right_, 8);
  }

  /// The output value, where nearly_fast() is true.
  [[nodiscard]] std::int32_t NearlyFast(std::int32_t accumulator) const {
    const std::int32_t half = std::int32_t{1} << (right_ - 1);
    return __ssat((base_ >> 1) + (MultiplyHighAdd(accumulator, multiplier_, half) >> right_), 8);
  }

 private:
  std::int32_t base_;
  std::uint32_t fast_shifts_;
  std::int32_t multiplier_;
  std::int32_t right_;
};

/// The output value where it is not fast.
inline std::int32_t AnyScale(const CommonStage& common, const ChannelScale& scale,
                             std::int32_t channel, std::int32_t accumulator) {
  return scale.nearly_fast() ? scale.NearlyFast(accumulator)
                             : RequantizeChannel(common.stage, channel, accumulator);
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_OUTPUT_STAGE_H_
