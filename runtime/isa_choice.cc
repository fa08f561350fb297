#include "runtime/isa_choice.h"

#include "kernels/inventory.h"
#include "kernels/text.h"
#include "platform/built_isas.h"
#include "platform/platform.h"
#include "runtime/failure.h"

namespace quaver {
namespace {

/// A literal, since a Status holds no text of its own.
constexpr char kBuiltIsas[] =
#if QUAVER_FIXED_ISAS
    "this build always uses"
#else
    "this build has"
#endif
#define QUAVER_X(name, text, fallback) QUAVER_IF_BUILT(name)(" " text)
    QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
    ;

#if QUAVER_FIXED_ISAS
/// The last of the build, which falls back to all others.
constexpr const char* LastBuilt() {
  const char* last = kBuiltIsas;
  for (const char* c = kBuiltIsas; *c != '\0'; ++c) {
    if (*c == ' ') last = c + 1;
  }
  return last;
}

bool FindIsas(const char* name, IsaSet* /*isas*/) { return SameText(name, LastBuilt()); }
#else
bool FindIsas(const char* name, IsaSet* isas) {
  Isa isa = Isa::kScalar;
  if (!IsaFromName(name, &isa) || !isas->Has(isa)) return false;
  *isas = IsaWithFallbacks(isa);
  return true;
}
#endif

}  // namespace

bool ChooseIsas(const char* name, IsaSet* isas, Status* status) {
  *isas = platform::CpuIsas();
  if (name == nullptr) name = platform::Environment("QUAVER_ISA");
  return name == nullptr || *name == '\0' || FindIsas(name, isas) ||
         Fail(status, StatusCode::kUnknownIsa, kBuiltIsas);
}

}  // namespace quaver
