#include "kernels/x86/pool.h"

#include "kernels/inventory.h"
#include "kernels/x86/vec256.h"

namespace quaver::kernels {

void AveragePool2DAvx2(const AveragePool2DParams& params, const Work& work) {
  RunAveragePool2D<Vec256>(params, work);
}

void MaxPool2DAvx2(const MaxPool2DParams& params, const Work& work) {
  RunMaxPool2D<Vec256>(params, work);
}

void ReduceMeanAvx2(const ReduceMeanParams& params, const Work& work) {
  if (KeepsLastDimension(params)) {
    RunReduceMean<Vec256>(params, work);
  } else {
    ReduceMeanScalar(params, work);
  }
}

}  // namespace quaver::kernels
