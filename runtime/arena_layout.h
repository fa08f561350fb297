// Where everything lies in a session's arena, from its start:
//
//   activations and state    the file's plan, MemoryBank 0
//   scratch                  of each call where the plan says that nothing lives, and beyond
//   records                  SessionState, then the prepared calls
//   packed weights           those that the file does not hold as the kernel wants them
//   shared run               what several threads share; none for one
#ifndef QUAVER_RUNTIME_ARENA_LAYOUT_H_
#define QUAVER_RUNTIME_ARENA_LAYOUT_H_

#include <cstdint>

namespace quaver {

/// In bytes. 64 bits wide, so that no sum wraps on a 32-bit target.
struct ArenaLayout {
  std::uint64_t activation_bytes = 0;
  /// Where the scratch ends that reaches farthest.
  std::uint64_t scratch_end = 0;
  std::uint64_t record_bytes = 0;
  std::uint64_t packed_bytes = 0;
  std::uint64_t shared_run_bytes = 0;
#if QUAVER_XNNPACK
  /// That the backend could not make; -1: none. With one, the sizes mean nothing.
  std::int32_t failed_operator = -1;
#endif

  /// What scratch needs beyond the activations.
  [[nodiscard]] std::uint64_t scratch_bytes() const {
    return scratch_end > activation_bytes ? scratch_end - activation_bytes : 0;
  }
  [[nodiscard]] std::uint64_t records_offset() const {
    return RoundUp(scratch_end > activation_bytes ? scratch_end : activation_bytes, 8);
  }
  /// What follows is made of 64-byte lines; without it nothing is rounded up.
  [[nodiscard]] std::uint64_t packed_offset() const {
    const std::uint64_t end = records_offset() + record_bytes;
    return packed_bytes + shared_run_bytes == 0 ? end : RoundUp(end, 64);
  }
  [[nodiscard]] std::uint64_t shared_run_offset() const { return packed_offset() + packed_bytes; }
  [[nodiscard]] std::uint64_t total_bytes() const { return shared_run_offset() + shared_run_bytes; }

  /// `unit` is a power of two.
  static std::uint64_t RoundUp(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) & ~(unit - 1);
  }
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_ARENA_LAYOUT_H_
