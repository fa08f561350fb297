// What average and max pooling share.
#ifndef QUAVER_RUNTIME_OPS_POOL2D_H_
#define QUAVER_RUNTIME_OPS_POOL2D_H_

#include "runtime/ops/op_definition.h"

namespace quaver {

bool VerifyPool2D(OpVerifier* verifier);

void FillPool2DParams(const OpView& view, const Preparer& preparer, kernels::Pool2DParams* params);

template <typename Params>
void PreparePool2D(const OpView& view, Preparer* preparer) {
  Params params{};
  FillPool2DParams(view, *preparer, &params);
  preparer->Call(params, params.batch * params.output_h);
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_POOL2D_H_
