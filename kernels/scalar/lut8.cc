#include "kernels/inventory.h"

namespace quaver::kernels {

void Lut8Scalar(const Lut8Params& p, const Work& work) {
  for (std::int32_t i = work.begin; i < work.end; ++i) p.output[i] = p.table[p.input[i]];
}

}  // namespace quaver::kernels
