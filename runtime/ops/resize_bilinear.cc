#include "runtime/ops/resize.h"

namespace quaver {
namespace {

/// Weights are in 1/1024.
constexpr std::int32_t kOne = 1024;

bool Verify(OpVerifier* v) {
  if (!VerifyResize(v)) return false;
  const auto& p = v->params<fb::ResizeBilinear>();
  const std::int32_t last_y = Dim(v->input(0), 1) - 1;
  const std::int32_t last_x = Dim(v->input(0), 2) - 1;
  return VerifyResizeTable(v, "y0", *p.y0(), 1, last_y) &&
         VerifyResizeTable(v, "y1", *p.y1(), 1, last_y) &&
         VerifyResizeTable(v, "y_weight", *p.y_weight(), 1, kOne) &&
         VerifyResizeTable(v, "x0", *p.x0(), 2, last_x) &&
         VerifyResizeTable(v, "x1", *p.x1(), 2, last_x) &&
         VerifyResizeTable(v, "x_weight", *p.x_weight(), 2, kOne);
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::ResizeBilinear>();
  kernels::ResizeBilinearParams params{};
  FillResizeParams(view, *preparer, &params);
  params.y0 = p.y0()->data();
  params.y1 = p.y1()->data();
  params.y_weight = p.y_weight()->data();
  params.x0 = p.x0()->data();
  params.x1 = p.x1()->data();
  params.x_weight = p.x_weight()->data();
  preparer->Call(params, params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kResizeBilinearDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
