// The CPU's own answer: CPUID, or the kernel's HWCAP. What cpuinfo (an older one) does not know,
// and the whole answer where cpuinfo is not used: on Arm, since under user-mode emulation it would
// read the host's /proc/cpuinfo, and where it is not installed.
#ifndef QUAVER_PLATFORM_POSIX_ASK_CPU_H_
#define QUAVER_PLATFORM_POSIX_ASK_CPU_H_

#include "kernels/isa.h"

namespace quaver::platform {

/// Instruction sets of this CPU that the operating system lets us use, in this build or not.
IsaSet AskCpu();

}  // namespace quaver::platform

#endif  // QUAVER_PLATFORM_POSIX_ASK_CPU_H_
