#include "kernels/x86/gemm.h"

#include "kernels/inventory.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void Conv2DAvxVnni(const Conv2DParams& params, const Work& work) {
  RunConv2D<DotVnni256>(params, work);
}

void FullyConnectedAvxVnni(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<DotVnni256>(params, work);
}

}  // namespace quaver::kernels
