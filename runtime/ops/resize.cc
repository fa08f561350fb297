#include "runtime/ops/resize.h"

namespace quaver {

bool VerifyResize(OpVerifier* v) {
  return v->Int8Unary() && v->InputRank(0, 4) && v->OutputRank(0, 4) &&
         v->OutputDim(0, 0, "batch", Dim(v->input(0), 0)) &&
         v->OutputDim(0, 3, "channels", Dim(v->input(0), 3));
}

bool VerifyResizeTable(OpVerifier* v, const char* what, const Int32Vector& table,
                       std::int32_t dimension, std::int32_t limit) {
  if (!v->Equal(what, Dim(v->output(0), dimension), Count(table))) return false;
  for (std::int32_t i = 0; i < Count(table); ++i) {
    if (!v->InRange(what, 0, limit, At(table, i))) return false;
  }
  return true;
}

}  // namespace quaver
