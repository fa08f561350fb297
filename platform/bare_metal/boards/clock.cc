#include "platform/bare_metal/boards/clock.h"

#include <cstdint>

#include "platform/bare_metal/boards/board.h"

namespace quaver::board {
namespace {

/// Arm v7-M Architecture Reference Manual, B3.3. It counts down from `reload` to 0.
struct SysTick {
  volatile std::uint32_t control;
  volatile std::uint32_t reload;
  volatile std::uint32_t value;
};

constexpr std::uint32_t kReload = 0xFFFFFF;
constexpr std::uint32_t kEnableWithInterruptFromCpuClock = 7;

SysTick& Registers() { return *reinterpret_cast<SysTick*>(0xE000E010); }

volatile std::uint32_t wraps = 0;

}  // namespace

void StartClock() {
  Registers().reload = kReload;
  Registers().value = 0;
  Registers().control = kEnableWithInterruptFromCpuClock;
  while (Registers().value == 0) {  // As after a whole period; its first tick reloads it.
  }
}

extern "C" void QuaverSysTick() { wraps = wraps + 1; }

std::uint64_t Nanoseconds() {
  std::uint32_t before = 0;
  std::uint32_t value = 0;
  do {  // Until no wrap came between the two.
    before = wraps;
    value = Registers().value;
  } while (before != wraps);
  const std::uint64_t ticks = std::uint64_t{before} * (kReload + 1U) + (kReload - value);
  // Exact: 25 MHz and 32 MHz are 40 and 31.25 ns a tick.
  return ticks * 100'000 / (QUAVER_BOARD_CLOCK_HZ / 10'000);
}

}  // namespace quaver::board
