#include "platform/threads.h"

#include <pthreadpool.h>
#include <sched.h>

namespace quaver::platform {
namespace {

pthreadpool_t PoolOf(const Threads* threads) {
  return reinterpret_cast<pthreadpool_t>(const_cast<Threads*>(threads));
}

}  // namespace

Threads* StartThreads(std::int32_t count) {
  return reinterpret_cast<Threads*>(pthreadpool_create(static_cast<std::size_t>(count)));
}

void StopThreads(Threads* threads) { pthreadpool_destroy(PoolOf(threads)); }

std::int32_t CountThreads(const Threads* threads) {
  return static_cast<std::int32_t>(pthreadpool_get_threads_count(PoolOf(threads)));
}

// pthreadpool gives each of its first `count` threads one index, its caller index 0, and a thread
// takes another's only after its own has ended.
void RunOnThreads(Threads* threads, std::int32_t count, void (*task)(void* context, std::size_t i),
                  void* context) {
  pthreadpool_parallelize_1d(PoolOf(threads), task, context, static_cast<std::size_t>(count), 0);
}

void Yield() { sched_yield(); }

}  // namespace quaver::platform
