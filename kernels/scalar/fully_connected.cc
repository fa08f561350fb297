#include <cstddef>

#include "kernels/inventory.h"
#include "kernels/scalar/output_stage.h"

namespace quaver::kernels {

void FullyConnectedScalar(const FullyConnectedParams& p, const Work& work) {
  for (std::int32_t row = 0; row < p.rows; ++row) {
    const std::int8_t* input = p.input + std::ptrdiff_t{row} * p.depth;
    std::int8_t* output = p.output + std::ptrdiff_t{row} * p.output_c;
    for (std::int32_t oc = work.begin; oc < work.end; ++oc) {
      const std::int8_t* weights = p.weights + std::ptrdiff_t{oc} * p.depth;
      std::int32_t sum = 0;
      for (std::int32_t c = 0; c < p.depth; ++c) sum += input[c] * weights[c];
      output[oc] = ApplyOutputStage(p.stage, oc, sum);
    }
  }
}

}  // namespace quaver::kernels
