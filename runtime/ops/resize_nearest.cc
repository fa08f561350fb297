#include "runtime/ops/resize.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  if (!VerifyResize(v)) return false;
  const auto& p = v->params<fb::ResizeNearest>();
  return VerifyResizeTable(v, "source_y", *p.source_y(), 1, Dim(v->input(0), 1) - 1) &&
         VerifyResizeTable(v, "source_x", *p.source_x(), 2, Dim(v->input(0), 2) - 1);
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::ResizeNearest>();
  kernels::ResizeNearestParams params{};
  FillResizeParams(view, *preparer, &params);
  params.source_y = p.source_y()->data();
  params.source_x = p.source_x()->data();
  preparer->Call(params, params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kResizeNearestDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
