#include "kernels/inventory.h"
#include "kernels/x86/depthwise.h"
#include "kernels/x86/depthwise_3x3.h"
#include "kernels/x86/dot.h"

namespace quaver::kernels {

void Depthwise3x3Avx512Vnni(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwise3x3<DotVnni512>(params, work);
}

void Depthwise3x3Avx512VnniNarrow(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwise3x3<DotVnni256>(params, work);
}

void DepthwiseConv2DAvx512Vnni(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DotVnni512>(params, work);
}

}  // namespace quaver::kernels
