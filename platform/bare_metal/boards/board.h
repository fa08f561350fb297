// What a program on one of QEMU's Cortex-M boards may ask of it: a console, a clock, the memory
// that is left. The board's start-up code (startup.cc) calls main and hands its result to QEMU.
//
// The console and the end of the program are semihosting calls: they need QEMU, or a debugger.
// There are no threads; nothing here allocates.
#ifndef QUAVER_PLATFORM_BARE_METAL_BOARDS_BOARD_H_
#define QUAVER_PLATFORM_BARE_METAL_BOARDS_BOARD_H_

#include <cstddef>
#include <cstdint>

namespace quaver::board {

/// "mps2-an386", as QEMU names it.
const char* Name();

/// Writes text as it is.
void Print(const char* text);
void PrintDecimal(std::uint64_t value);
void PrintHex(std::uint32_t value);  ///< Eight digits.

/// Since start-up. Under `-icount shift=0`, where each instruction takes one nanosecond, this is
/// the number of instructions executed; it moves in steps of a tick (31 or 40).
std::uint64_t Nanoseconds();

/// All RAM that the program's own variables and its stack leave over, aligned to 64 bytes.
struct Memory {
  std::uint8_t* data;
  std::size_t bytes;
};
Memory FreeMemory();

/// Bytes of variables (.data and .bss).
std::size_t StaticBytes();
/// The deepest that the stack has been since start-up, in bytes.
std::size_t StackPeakBytes();

/// Ends the program; `status` becomes QEMU's exit code.
[[noreturn]] void Exit(int status);

}  // namespace quaver::board

#endif  // QUAVER_PLATFORM_BARE_METAL_BOARDS_BOARD_H_
