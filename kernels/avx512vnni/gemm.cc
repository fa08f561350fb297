#include "kernels/x86/gemm.h"

#include "kernels/inventory.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void Conv2DAvx512Vnni(const Conv2DParams& params, const Work& work) {
  RunConv2D<DotVnni512>(params, work);
}

void Conv2DAvx512VnniNarrow(const Conv2DParams& params, const Work& work) {
  RunConv2D<DotVnni256Narrow>(params, work);
}

void FullyConnectedAvx512Vnni(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<DotVnni512>(params, work);
}

}  // namespace quaver::kernels
