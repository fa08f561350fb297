#include "quaver/thread_pool.h"

#include <utility>

#include "platform/threads.h"
#include "runtime/target.h"

namespace quaver {

Result<ThreadPool> ThreadPool::Create(std::int32_t count) {
  Status status;
  if (!VerifyThreadCount(count, &status)) return status;
  ThreadPool pool;
  if constexpr (kHasThreads) {
    if (count > 1) {
      pool.threads_ = platform::StartThreads(count);
      if (pool.threads_ == nullptr) {
        status.code = StatusCode::kNoThreads;
        status.what = "the system gave no threads";
        return status;
      }
    }
  }
  return {std::move(pool)};
}

ThreadPool& ThreadPool::operator=(ThreadPool&& other) noexcept {
  platform::Threads* mine = threads_;
  threads_ = other.threads_;
  other.threads_ = mine;
  return *this;
}

ThreadPool::~ThreadPool() {
  if constexpr (kHasThreads) {
    if (threads_ != nullptr) platform::StopThreads(threads_);
  }
}

std::int32_t ThreadPool::ThreadCount() const {
  if constexpr (kHasThreads) {
    if (threads_ != nullptr) return platform::CountThreads(threads_);
  }
  return 1;
}

}  // namespace quaver
