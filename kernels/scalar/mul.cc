#include "kernels/inventory.h"
#include "kernels/requantize.h"
#include "kernels/scalar/elementwise.h"

namespace quaver::kernels {

void MulScalar(const MulParams& p, const Work& work) {
  Elementwise(p, work, [&p](std::int32_t q1, std::int32_t q2) {
    return Requantize((q1 - p.zero_point1) * (q2 - p.zero_point2), p.output_multiplier,
                      p.output_shift, p.output_zero_point, p.clamp_min, p.clamp_max);
  });
}

}  // namespace quaver::kernels
