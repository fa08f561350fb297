// What reductions of int8 and of int16 share.
#ifndef QUAVER_RUNTIME_OPS_REDUCE_DIMS_H_
#define QUAVER_RUNTIME_OPS_REDUCE_DIMS_H_

#include "runtime/ops/op_definition.h"

namespace quaver {

/// Kept and reduced dimensions stay inside the input, and the output has the kept ones.
bool VerifyReduceDims(OpVerifier* verifier);

/// T is int8 or int16.
template <typename T>
void FillReduceParams(const OpView& view, const Preparer& preparer,
                      kernels::ReduceParamsOf<T>* params);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_REDUCE_DIMS_H_
