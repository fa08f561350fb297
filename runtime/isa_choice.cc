#include "runtime/isa_choice.h"

#include "kernels/inventory.h"
#include "platform/platform.h"

namespace quaver {
namespace {

/// A literal, since a Status holds no text of its own.
constexpr char kBuiltIsas[] = "this build has"
#define QUAVER_X(name, text, fallback) QUAVER_IF_BUILT(name)(" " text)
    QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
    ;

}  // namespace

Status ChooseIsas(const char* name, IsaSet* isas) {
  const IsaSet available = platform::CpuIsas();
  if (name == nullptr) name = platform::Environment("QUAVER_ISA");
  if (name == nullptr || *name == '\0') {
    *isas = available;
    return {};
  }
  Isa isa = Isa::kScalar;
  if (!IsaFromName(name, &isa) || !available.Has(isa)) {
    Status status;
    status.code = StatusCode::kUnknownIsa;
    status.what = kBuiltIsas;
    return status;
  }
  *isas = IsaWithFallbacks(isa);
  return {};
}

}  // namespace quaver
