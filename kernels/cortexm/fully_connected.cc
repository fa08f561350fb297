#include <cstddef>

#include "kernels/cortexm/dot.h"
#include "kernels/inventory.h"

namespace quaver::kernels {

void FullyConnectedCortexM(const FullyConnectedParams& p, const Work& work) {
  const CommonStage stage(p.stage);
  for (std::int32_t row = 0; row < p.rows; ++row) {
    DotChannels({p.input + std::ptrdiff_t{row} * p.depth, p.weights, p.depth}, stage, work.begin,
                work.end, p.output + std::ptrdiff_t{row} * p.output_c);
  }
}

}  // namespace quaver::kernels
