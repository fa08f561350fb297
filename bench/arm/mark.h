// A mark for instruction_counter.cc. Natively it does nothing.
#ifndef QUAVER_BENCH_ARM_MARK_H_
#define QUAVER_BENCH_ARM_MARK_H_

#include <unistd.h>

#include <cstdint>

namespace quaver::bench {

/// A system call that does not exist, which the plugin sees.
inline void Mark(std::intptr_t number) {
  constexpr int kMarkSystemCall = 9999;
  static_cast<void>(syscall(kMarkSystemCall, number));
}

}  // namespace quaver::bench

#endif  // QUAVER_BENCH_ARM_MARK_H_
