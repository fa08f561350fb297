#include "kernels/x86/gemm.h"

#include "kernels/inventory.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void Conv2DAvx2(const Conv2DParams& params, const Work& work) { RunConv2D<DotAvx2>(params, work); }

void FullyConnectedAvx2(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<DotAvx2>(params, work);
}

}  // namespace quaver::kernels
