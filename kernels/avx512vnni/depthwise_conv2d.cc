#include "kernels/inventory.h"
#include "kernels/x86/depthwise.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void DepthwiseConv2DAvx512Vnni(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DotVnni512>(params, work);
}

}  // namespace quaver::kernels
