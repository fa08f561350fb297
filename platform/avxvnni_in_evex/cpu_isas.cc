#include "platform/built_isas.h"
#include "platform/platform.h"
#include "platform/posix/ask_cpu.h"

namespace quaver::platform {

// These kernels need AVX-512-VNNI, and only that: a CPU with AVX-VNNI alone runs the library's.
IsaSet CpuIsas() {
  const IsaSet asked = OnlyBuilt(AskCpu());
  IsaSet isas;
  if (asked.Has(Isa::kAvx2)) isas.Add(Isa::kAvx2);
  if (asked.Has(Isa::kAvx512Vnni)) isas.Add(Isa::kAvx512Vnni).Add(Isa::kAvxVnni);
  return isas;
}

}  // namespace quaver::platform
