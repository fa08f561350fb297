// Where cortex_m.ld has put things.
#ifndef QUAVER_PLATFORM_BARE_METAL_BOARDS_MEMORY_MAP_H_
#define QUAVER_PLATFORM_BARE_METAL_BOARDS_MEMORY_MAP_H_

#include <cstdint>

extern "C" {
extern std::uint8_t quaver_stack_limit[], quaver_stack_top[];
extern std::uint8_t quaver_data_start[], quaver_data_end[];
extern const std::uint8_t quaver_data_image[];  // what .data begins as, in ROM
extern std::uint8_t quaver_bss_start[], quaver_bss_end[];
extern std::uint8_t quaver_free_start[], quaver_free_end[];

using QuaverInitializer = void (*)();
extern const QuaverInitializer quaver_init_start[], quaver_init_end[];
}

namespace quaver::board {

/// What start-up fills the stack with.
inline constexpr std::uint8_t kStackPaint = 0xA5;

}  // namespace quaver::board

#endif  // QUAVER_PLATFORM_BARE_METAL_BOARDS_MEMORY_MAP_H_
