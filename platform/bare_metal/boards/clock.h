// The boards' clock: SysTick, extended from 24 to 64 bits by its interrupt.
#ifndef QUAVER_PLATFORM_BARE_METAL_BOARDS_CLOCK_H_
#define QUAVER_PLATFORM_BARE_METAL_BOARDS_CLOCK_H_

namespace quaver::board {

void StartClock();

/// SysTick's interrupt: exception 15.
extern "C" void QuaverSysTick();

}  // namespace quaver::board

#endif  // QUAVER_PLATFORM_BARE_METAL_BOARDS_CLOCK_H_
