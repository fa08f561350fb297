// The vector table, and what happens between reset and main. For ARMv6-M to ARMv8.1-M.
#include <cstdint>
#include <cstring>

#include "platform/bare_metal/boards/board.h"
#include "platform/bare_metal/boards/clock.h"
#include "platform/bare_metal/boards/memory_map.h"

// ISO C++ does not let a program call main by its name.
int ProgramMain() asm("main");

namespace quaver::board {
namespace {

/// The floating-point and vector units are off after reset: coprocessors 10 and 11 of CPACR.
void EnableVectorUnit() {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  auto* const cpacr = reinterpret_cast<volatile std::uint32_t*>(0xE000ED88);
  *cpacr = *cpacr | 0xFU << 20;
  asm volatile("dsb\n\tisb" ::: "memory");
#endif
}

/// The lowest address that this function's own frame may use is a little below its variables.
void PaintStack() {
  constexpr std::size_t kInUse = 256;
  std::uint8_t here = 0;
  const auto free_bytes = static_cast<std::size_t>(&here - quaver_stack_limit) - kInUse;
  std::memset(quaver_stack_limit, kStackPaint, free_bytes);
}

void PrepareMemory() {
  const auto data_bytes = static_cast<std::size_t>(quaver_data_end - quaver_data_start);
  std::memcpy(quaver_data_start, quaver_data_image, data_bytes);
  const auto bss_bytes = static_cast<std::size_t>(quaver_bss_end - quaver_bss_start);
  std::memset(quaver_bss_start, 0, bss_bytes);
}

/// What a core pushes when it takes an exception.
struct ExceptionFrame {
  std::uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

extern "C" [[noreturn]] void QuaverReset() {
  EnableVectorUnit();
  PrepareMemory();
  PaintStack();
  for (const QuaverInitializer* call = quaver_init_start; call < quaver_init_end; ++call) {
    (*call)();
  }
  StartClock();
  Exit(ProgramMain());
}

extern "C" [[noreturn, gnu::used]] void QuaverReportFault(const ExceptionFrame* frame) {
  constexpr int kFaultStatus = 70;  // EX_SOFTWARE
  Print("fault at ");
  PrintHex(frame->pc);
  Print(", called from ");
  PrintHex(frame->lr);
#if __ARM_ARCH >= 7
  Print(", CFSR ");
  PrintHex(*reinterpret_cast<const volatile std::uint32_t*>(0xE000ED28));
#endif
  Print("\n");
  Exit(kFaultStatus);
}

extern "C" [[gnu::naked]] void QuaverFault() {
  asm volatile(
      "mrs r0, msp\n\t"
      "ldr r1, =QuaverReportFault\n\t"
      "bx r1");
}

extern "C" {
// newlib and the compiler ask for these where a program has static objects; nothing here ends
// before the machine does.
void* __dso_handle = nullptr;
int __aeabi_atexit(void* /*object*/, void (* /*destroy*/)(void*), void* /*handle*/) { return 0; }
}

using Handler = void (*)();

struct VectorTable {
  std::uint8_t* stack;
  Handler handlers[15];
};

[[gnu::section(".vectors"), gnu::used]] const VectorTable vectors = {
    quaver_stack_top,
    {
        &QuaverReset,                                            // 1 reset
        &QuaverFault, &QuaverFault, &QuaverFault, &QuaverFault,  // 2-5 NMI, Hard, Memory, Bus
        &QuaverFault, &QuaverFault, &QuaverFault, &QuaverFault,  // 6-9 Usage, Secure
        &QuaverFault, &QuaverFault, &QuaverFault, &QuaverFault,  // 10-13 SVC, debug
        &QuaverFault, &QuaverSysTick,                            // 14 PendSV, 15 SysTick
    },
};

}  // namespace
}  // namespace quaver::board
