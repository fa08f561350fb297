#include "kernels/x86/elementwise.h"

#include "kernels/inventory.h"
#include "kernels/x86/vec512.h"

namespace quaver::kernels {

void AddAvx512Vnni(const AddParams& params, const Work& work) {
  RunAddSub<Vec512, false>(params, work);
}

void SubAvx512Vnni(const SubParams& params, const Work& work) {
  RunAddSub<Vec512, true>(params, work);
}

void MulAvx512Vnni(const MulParams& params, const Work& work) { RunMul<Vec512>(params, work); }

}  // namespace quaver::kernels
