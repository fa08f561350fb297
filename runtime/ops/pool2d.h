// What average and max pooling share.
#ifndef QUAVER_RUNTIME_OPS_POOL2D_H_
#define QUAVER_RUNTIME_OPS_POOL2D_H_

#include "runtime/ops/op_definition.h"

namespace quaver {

/// Shapes, for any type.
bool VerifyPoolWindows(OpVerifier* verifier);
/// Of int8.
bool VerifyPool2D(OpVerifier* verifier);

/// T is int8 or int16.
template <typename T>
void FillPool2DParams(const OpView& view, const Preparer& preparer,
                      kernels::Pool2DParamsOf<T>* params);

template <typename Params, typename T = std::int8_t>
void PreparePool2D(const OpView& view, Preparer* preparer) {
  Params params{};
  FillPool2DParams<T>(view, *preparer, &params);
  preparer->Call(params, params.batch * params.output_h);
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_POOL2D_H_
