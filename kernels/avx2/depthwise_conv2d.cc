#include "kernels/inventory.h"
#include "kernels/x86/depthwise.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void DepthwiseConv2DAvx2(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DotAvx2>(params, work);
}

}  // namespace quaver::kernels
