#include "kernels/inventory.h"
#include "kernels/x86/depthwise.h"
#include "kernels/x86/depthwise_3x3.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void Depthwise3x3Avx2(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwise3x3<DotAvx2>(params, work);
}

void DepthwiseConv2DAvx2(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DotAvx2>(params, work);
}

}  // namespace quaver::kernels
