// Arm semihosting: calls to the debugger, or to QEMU, by a breakpoint instruction.
// Source: Arm, "Semihosting for AArch32 and AArch64" (2.0).
#ifndef QUAVER_PLATFORM_BARE_METAL_BOARDS_SEMIHOSTING_H_
#define QUAVER_PLATFORM_BARE_METAL_BOARDS_SEMIHOSTING_H_

#include <cstdint>

namespace quaver::board {

enum class SemihostingCall : std::uint32_t {
  kWrite0 = 0x04,        // argument: a string
  kExitExtended = 0x20,  // argument: {reason, exit code}
};

/// The reason of a program that ends by itself (ADP_Stopped_ApplicationExit).
inline constexpr std::uint32_t kApplicationExit = 0x20026;

inline void Semihost(SemihostingCall call, const void* argument) {
  register auto operation asm("r0") = static_cast<std::uint32_t>(call);
  register const void* parameter asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(operation) : "r"(parameter) : "memory");
}

}  // namespace quaver::board

#endif  // QUAVER_PLATFORM_BARE_METAL_BOARDS_SEMIHOSTING_H_
