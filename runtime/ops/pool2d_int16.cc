#include "runtime/limits.h"
#include "runtime/ops/int16.h"
#include "runtime/ops/pool2d.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::Pool2D>();
  return VerifyInt16Unary(v) && VerifyPoolWindows(v) &&
         v->InRange("elements of a window", 1, kMaxWindowElementsInt16 - 1,
                    std::int64_t{p.filter_h()} * p.filter_w()) &&
         VerifyClampInt16(v, p.clamp_min(), p.clamp_max());
}

}  // namespace

extern const OpDefinition kAveragePool2DInt16Definition = {
    &Verify, &PreparePool2D<kernels::AveragePool2DInt16Params, std::int16_t>, nullptr};
extern const OpDefinition kMaxPool2DInt16Definition = {
    &Verify, &PreparePool2D<kernels::MaxPool2DInt16Params, std::int16_t>, nullptr};

}  // namespace quaver
