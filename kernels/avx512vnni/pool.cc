#include "kernels/x86/pool.h"

#include "kernels/inventory.h"
#include "kernels/x86/vec512.h"

namespace quaver::kernels {

void AveragePool2DAvx512Vnni(const AveragePool2DParams& params, const Work& work) {
  RunAveragePool2D<Vec512>(params, work);
}

void MaxPool2DAvx512Vnni(const MaxPool2DParams& params, const Work& work) {
  RunMaxPool2D<Vec512>(params, work);
}

void ReduceMeanAvx512Vnni(const ReduceMeanParams& params, const Work& work) {
  if (KeepsLastDimension(params)) {
    RunReduceMean<Vec512>(params, work);
  } else {
    ReduceMeanScalar(params, work);
  }
}

}  // namespace quaver::kernels
