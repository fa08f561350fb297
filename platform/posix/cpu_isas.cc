#include "platform/built_isas.h"
#include "platform/platform.h"
#include "platform/posix/ask_cpu.h"

#if QUAVER_CPUINFO
#include <cpuinfo.h>
#endif

namespace quaver::platform {
namespace {

IsaSet g_isas;

#if QUAVER_CPUINFO

IsaSet Detect() {
  if (!cpuinfo_initialize()) return AskCpu();
  IsaSet isas;
  if (cpuinfo_has_x86_avx2()) isas.Add(Isa::kAvx2);
  if (cpuinfo_has_x86_avx512f() && cpuinfo_has_x86_avx512bw() && cpuinfo_has_x86_avx512vl() &&
      cpuinfo_has_x86_avx512vnni()) {
    isas.Add(Isa::kAvx512Vnni);
  }
  // cpuinfo of 2022, which Debian 12 has, does not know AVX-VNNI.
  if (AskCpu().Has(Isa::kAvxVnni)) isas.Add(Isa::kAvxVnni);
  return isas;
}

#else

IsaSet Detect() { return AskCpu(); }

#endif

// cpuinfo keeps its tables on the heap, and loading a model must not allocate: so it is asked
// before main, and before constructors that might load one.
__attribute__((constructor(101))) void DetectAtStart() { g_isas = OnlyBuilt(Detect()); }

}  // namespace

IsaSet CpuIsas() { return g_isas; }

}  // namespace quaver::platform
