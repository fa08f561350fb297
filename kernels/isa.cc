#include "kernels/isa.h"

#include "kernels/text.h"

namespace quaver {
namespace {

struct IsaEntry {
  const char* name;
  Isa fallback;
};

constexpr IsaEntry kIsas[] = {
#define QUAVER_X(name, text, fallback) {text, Isa::k##fallback},
    QUAVER_ISA_LIST(QUAVER_X)
#undef QUAVER_X
};
constexpr int kIsaCount = static_cast<int>(Isa::kCount);

const IsaEntry& Entry(Isa isa) { return kIsas[static_cast<int>(isa)]; }

}  // namespace

const char* IsaName(Isa isa) { return Entry(isa).name; }

bool IsaFromName(const char* name, Isa* isa) {
  for (int i = 0; i < kIsaCount; ++i) {
    if (SameText(name, kIsas[i].name)) {
      *isa = static_cast<Isa>(i);
      return true;
    }
  }
  return false;
}

IsaSet IsaWithFallbacks(Isa isa) {
  IsaSet set;
  for (; isa != Isa::kScalar; isa = Entry(isa).fallback) set.Add(isa);
  return set;
}

Isa BestIsa(IsaSet set) {
  for (int i = kIsaCount - 1; i > 0; --i) {
    if (set.Has(static_cast<Isa>(i))) return static_cast<Isa>(i);
  }
  return Isa::kScalar;
}

}  // namespace quaver
