// What a session is prepared for: instruction sets, threads, pointers.
#ifndef QUAVER_RUNTIME_TARGET_H_
#define QUAVER_RUNTIME_TARGET_H_

#include <cstdint>

#include "kernels/isa.h"
#include "quaver/session.h"
#include "quaver/status.h"
#include "runtime/backend_choice.h"

namespace quaver {

#if QUAVER_THREADS
inline constexpr bool kHasThreads = true;
#else
inline constexpr bool kHasThreads = false;
#endif

/// The machine that a session is prepared for.
struct PrepareTarget {
  IsaSet isas;
  Backend backend = Backend::kQuaver;
  std::int32_t threads = 1;
#if QUAVER_FOREIGN_TARGETS
  int pointer_bytes = sizeof(void*);
  /// Another machine than this one: kernels that this build does not have count too.
  bool foreign = false;
#endif
};

// These return false with the reason in `status`.

/// What `options` ask for on this machine. The pool is not looked at.
bool ChooseTarget(const SessionOptions& options, PrepareTarget* target, Status* status);

/// In [1, kMaxThreads], and 1 where the build has no threads.
bool VerifyThreadCount(std::int32_t count, Status* status);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_TARGET_H_
