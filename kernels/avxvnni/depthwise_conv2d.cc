#include "kernels/inventory.h"
#include "kernels/x86/depthwise.h"
#include "kernels/x86/depthwise_3x3.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void Depthwise3x3AvxVnni(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwise3x3<DotVnni256>(params, work);
}

void DepthwiseConv2DAvxVnni(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DotVnni256>(params, work);
}

}  // namespace quaver::kernels
