// Which instruction sets a session may use.
#ifndef QUAVER_RUNTIME_ISA_CHOICE_H_
#define QUAVER_RUNTIME_ISA_CHOICE_H_

#include "kernels/isa.h"
#include "quaver/status.h"

namespace quaver {

/// `name`: of one that the CPU and the build have, with those that it falls back to; null:
/// QUAVER_ISA of the environment if set, else all. Refuses names that are unknown or not available:
/// false with the reason in `status`. Where QUAVER_FIXED_ISAS there is nothing to choose.
bool ChooseIsas(const char* name, IsaSet* isas, Status* status);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_ISA_CHOICE_H_
