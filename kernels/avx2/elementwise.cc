#include "kernels/x86/elementwise.h"

#include "kernels/inventory.h"
#include "kernels/x86/vec256.h"

namespace quaver::kernels {

void AddAvx2(const AddParams& params, const Work& work) { RunAddSub<Vec256, false>(params, work); }

void SubAvx2(const SubParams& params, const Work& work) { RunAddSub<Vec256, true>(params, work); }

void MulAvx2(const MulParams& params, const Work& work) { RunMul<Vec256>(params, work); }

}  // namespace quaver::kernels
