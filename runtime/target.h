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
  int pointer_bytes = sizeof(void*);
  /// Another machine than this one: kernels that this build does not have count too.
  bool foreign = false;
};

/// What `options` ask for on this machine, or why that cannot be had. The pool is not looked at.
Status ChooseTarget(const SessionOptions& options, PrepareTarget* target);

/// In [1, kMaxThreads], and 1 where the build has no threads.
Status VerifyThreadCount(std::int32_t count);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_TARGET_H_
