#include "platform/bare_metal/boards/board.h"

#include "platform/bare_metal/boards/memory_map.h"
#include "platform/bare_metal/boards/semihosting.h"
#include "platform/platform.h"

namespace quaver {
namespace board {

const char* Name() { return QUAVER_BOARD_NAME; }

void Print(const char* text) { Semihost(SemihostingCall::kWrite0, text); }

void PrintDecimal(std::uint64_t value) {
  char digits[21];
  char* first = digits + sizeof(digits) - 1;
  *first = '\0';
  do {
    *--first = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  Print(first);
}

void PrintHex(std::uint32_t value) {
  char digits[9] = {};
  for (int i = 7; i >= 0; --i) {
    digits[i] = "0123456789abcdef"[value % 16];
    value /= 16;
  }
  Print(digits);
}

Memory FreeMemory() {
  return {quaver_free_start, static_cast<std::size_t>(quaver_free_end - quaver_free_start)};
}

std::size_t StaticBytes() {
  return static_cast<std::size_t>(quaver_data_end - quaver_data_start) +
         static_cast<std::size_t>(quaver_bss_end - quaver_bss_start);
}

std::size_t StackPeakBytes() {
  const std::uint8_t* unused = quaver_stack_limit;
  while (unused < quaver_stack_top && *unused == kStackPaint) ++unused;
  return static_cast<std::size_t>(quaver_stack_top - unused);
}

void Exit(int status) {
  const std::uint32_t argument[2] = {kApplicationExit, static_cast<std::uint32_t>(status)};
  Semihost(SemihostingCall::kExitExtended, argument);
  for (;;) {
  }
}

}  // namespace board

namespace platform {

std::uint64_t Nanoseconds() { return board::Nanoseconds(); }

void Log(const char* line) {
  board::Print(line);
  board::Print("\n");
}

}  // namespace platform
}  // namespace quaver
