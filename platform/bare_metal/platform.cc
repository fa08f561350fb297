// No operating system: no environment, no clock, no log, and the kernels that the build was made
// for. Each function is weak: a board defines those that it has more to say about.
#include "platform/platform.h"

#include "platform/built_isas.h"

namespace quaver::platform {

__attribute__((weak)) IsaSet CpuIsas() { return BuiltIsas(); }

__attribute__((weak)) const char* Environment(const char* /*name*/) { return nullptr; }

__attribute__((weak)) std::uint64_t Nanoseconds() { return 0; }

__attribute__((weak)) void Log(const char* /*line*/) {}

}  // namespace quaver::platform
