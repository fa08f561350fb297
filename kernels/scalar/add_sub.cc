#include "kernels/inventory.h"
#include "kernels/requantize.h"
#include "kernels/scalar/elementwise.h"

namespace quaver::kernels {
namespace {

// An input at the common scale of both, 2 * max(scale1, scale2) / 2^left_shift.
// |value - zero_point| <= 255, or of int16 at most 2^15, and shift <= 0: the result is below
// 2^(8 + left_shift), or at most 2^(15 + left_shift).
inline std::int32_t Rescale(std::int32_t value, std::int32_t zero_point, std::int32_t left_shift,
                            std::int32_t multiplier, std::int32_t shift) {
  const std::int32_t shifted = (value - zero_point) * (std::int32_t{1} << left_shift);
  return static_cast<std::int32_t>(MultiplyByQuantizedMultiplier(shifted, multiplier, shift));
}

// kSign is 1 or -1.
template <std::int32_t kSign, typename T>
void AddSub(const AddSubParamsOf<T>& p, const Work& work) {
  Elementwise(p, work, [&p](std::int32_t q1, std::int32_t q2) {
    const std::int32_t term1 = Rescale(q1, p.zero_point1, p.left_shift, p.multiplier1, p.shift1);
    const std::int32_t term2 = Rescale(q2, p.zero_point2, p.left_shift, p.multiplier2, p.shift2);
    return RequantizeClamped(term1 + kSign * term2, p.output_multiplier, p.output_shift,
                             p.output_zero_point, p.clamp_min, p.clamp_max);
  });
}

}  // namespace

void AddScalar(const AddParams& params, const Work& work) { AddSub<1>(params, work); }

void SubScalar(const SubParams& params, const Work& work) { AddSub<-1>(params, work); }

void AddInt16Scalar(const AddInt16Params& params, const Work& work) { AddSub<1>(params, work); }

void SubInt16Scalar(const SubInt16Params& params, const Work& work) { AddSub<-1>(params, work); }

}  // namespace quaver::kernels
