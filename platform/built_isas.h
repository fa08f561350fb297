// The instruction sets that this build has kernels for: QUAVER_ISA_<Isa> of the build system.
#ifndef QUAVER_PLATFORM_BUILT_ISAS_H_
#define QUAVER_PLATFORM_BUILT_ISAS_H_

#include "kernels/inventory.h"
#include "kernels/isa.h"

namespace quaver::platform {

constexpr IsaSet BuiltIsas() {
  IsaSet isas;
#define QUAVER_X(name, text, fallback) QUAVER_IF_BUILT(name)(isas.Add(Isa::k##name);)
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  return isas;
}

/// The last (fastest) of them.
constexpr Isa BestBuiltIsa() {
  Isa isa = Isa::kScalar;
#define QUAVER_X(name, text, fallback) QUAVER_IF_BUILT(name)(isa = Isa::k##name;)
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  return isa;
}

/// Those of `isas` that are in this build.
constexpr IsaSet OnlyBuilt(IsaSet isas) {
  IsaSet result;
#define QUAVER_X(name, text, fallback) \
  if (isas.Has(Isa::k##name) && BuiltIsas().Has(Isa::k##name)) result.Add(Isa::k##name);
  QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
  return result;
}

}  // namespace quaver::platform

#endif  // QUAVER_PLATFORM_BUILT_ISAS_H_
