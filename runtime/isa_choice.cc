#include "runtime/isa_choice.h"

#include "kernels/inventory.h"
#include "platform/built_isas.h"
#include "platform/platform.h"
#include "runtime/chosen_name.h"
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

constexpr const char* kUsual = LastBuilt();

IsaSet AllIsas() { return platform::BuiltIsas(); }
bool FindIsas(const char* /*name*/, IsaSet* /*isas*/) { return false; }
#else
constexpr const char* kUsual = "";

IsaSet AllIsas() { return platform::CpuIsas(); }
bool FindIsas(const char* name, IsaSet* isas) {
  Isa isa = Isa::kScalar;
  if (!IsaFromName(name, &isa) || !isas->Has(isa)) return false;
  *isas = IsaWithFallbacks(isa);
  return true;
}
#endif

}  // namespace

bool ChooseIsas(const char* name, IsaSet* isas, Status* status) {
  *isas = AllIsas();
  name = ChosenName(name, "QUAVER_ISA", kUsual);
  return name == nullptr || FindIsas(name, isas) ||
         Fail(status, StatusCode::kUnknownIsa, kBuiltIsas);
}

}  // namespace quaver
