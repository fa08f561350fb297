// What differs between systems: a handful of small functions. A port writes them in one file,
// platform/<system>/platform.cc; docs/porting.md. Threads: threads.h.
#ifndef QUAVER_PLATFORM_PLATFORM_H_
#define QUAVER_PLATFORM_PLATFORM_H_

#include <cstdint>

#include "kernels/isa.h"

namespace quaver::platform {

/// The instruction sets that this CPU has and this build has kernels for. Thread-safe; a few
/// instructions, no memory.
IsaSet CpuIsas();

/// An environment variable, or null (also where there is no environment).
const char* Environment(const char* name);

/// A clock that only goes forward; 0 always where there is none.
std::uint64_t Nanoseconds();

/// Writes one line for a developer to where the system shows such lines.
void Log(const char* line);

}  // namespace quaver::platform

#endif  // QUAVER_PLATFORM_PLATFORM_H_
