#include "kernels/inventory.h"
#include "kernels/x86/depthwise.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void DepthwiseConv2DAvxVnni(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DotVnni256>(params, work);
}

}  // namespace quaver::kernels
