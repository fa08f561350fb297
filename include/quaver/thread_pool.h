// Threads for sessions to share their work among.
#ifndef QUAVER_THREAD_POOL_H_
#define QUAVER_THREAD_POOL_H_

#include <cstdint>

#include "quaver/status.h"

namespace quaver {

namespace platform {
struct Threads;
}  // namespace platform

/// Most threads that one session can use.
inline constexpr std::int32_t kMaxThreads = 16;

/// Started once, used by any number of sessions, outlives them all. Starting is the one thing in
/// this library that takes memory from the system; running on a pool takes none. Sessions that run
/// on one pool at the same time take turns.
///
/// For some milliseconds after a Run the pool's threads wait for the next one in a loop, so that
/// it starts within a microsecond; after that they sleep.
class ThreadPool {
 public:
  /// No threads but the caller's.
  ThreadPool() = default;
  ThreadPool(ThreadPool&& other) noexcept : threads_(other.threads_) { other.threads_ = nullptr; }
  ThreadPool& operator=(ThreadPool&& other) noexcept;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Precondition: no session runs on it.
  ~ThreadPool();

  /// `count` threads, in [1, kMaxThreads]; the one that calls Session::Run is one of them. More
  /// than one is refused (kNoThreads) where the build has no threads or the system gives none.
  static Result<ThreadPool> Create(std::int32_t count);

  [[nodiscard]] std::int32_t ThreadCount() const;

  /// For the runtime and the C API: the threads, null for one; giving them up; taking them over.
  [[nodiscard]] platform::Threads* threads() const { return threads_; }
  platform::Threads* Release() {
    platform::Threads* threads = threads_;
    threads_ = nullptr;
    return threads;
  }
  static ThreadPool Adopt(platform::Threads* threads) {
    ThreadPool pool;
    pool.threads_ = threads;
    return pool;
  }

 private:
  platform::Threads* threads_ = nullptr;
};

}  // namespace quaver

#endif  // QUAVER_THREAD_POOL_H_
