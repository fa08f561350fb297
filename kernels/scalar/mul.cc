#include "kernels/inventory.h"
#include "kernels/requantize.h"
#include "kernels/scalar/elementwise.h"

namespace quaver::kernels {

namespace {

// |(q1 - z1) * (q2 - z2)| <= 2^16, or of int16 at most 2^30.
template <typename T>
void Multiply(const MulParamsOf<T>& p, const Work& work) {
  Elementwise(p, work, [&p](std::int32_t q1, std::int32_t q2) {
    return RequantizeClamped((q1 - p.zero_point1) * (q2 - p.zero_point2), p.output_multiplier,
                             p.output_shift, p.output_zero_point, p.clamp_min, p.clamp_max);
  });
}

}  // namespace

void MulScalar(const MulParams& params, const Work& work) { Multiply(params, work); }

void MulInt16Scalar(const MulInt16Params& params, const Work& work) { Multiply(params, work); }

}  // namespace quaver::kernels
