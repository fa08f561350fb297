// Threads that work together. Only in builds that have them (QUAVER_THREADS): elsewhere nothing
// here is defined, and nothing calls it.
#ifndef QUAVER_PLATFORM_THREADS_H_
#define QUAVER_PLATFORM_THREADS_H_

#include <cstddef>
#include <cstdint>

namespace quaver::platform {

struct Threads;

/// `count` threads, the caller's among them, or null where the system does not give them. Takes
/// memory from the system. Precondition: count >= 2.
Threads* StartThreads(std::int32_t count);

/// Precondition: nothing runs on them.
void StopThreads(Threads* threads);

std::int32_t CountThreads(const Threads* threads);

/// Runs task(context, i) for each i in [0, count): 0 on the caller's thread, the others at the same
/// time on threads of their own (where these come late, tasks that end by then may also follow each
/// other). Returns when all have ended. Calls from several threads take turns. No memory is taken.
/// Precondition: 2 <= count <= CountThreads(threads); no task before 0 ends by itself.
void RunOnThreads(Threads* threads, std::int32_t count, void (*task)(void* context, std::size_t i),
                  void* context);

/// A short wait in a loop that another thread's store ends.
inline void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
  __asm__ volatile("yield");
#endif
}

/// Lets other threads have this CPU: for waits that have taken long already.
void Yield();

}  // namespace quaver::platform

#endif  // QUAVER_PLATFORM_THREADS_H_
