#include "compiler/quantize/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace quaver::compiler {

std::size_t ThreadCount(std::size_t threads) {
  if (threads != 0) return threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

void RunParallel(std::size_t count, std::size_t threads,
                 const std::function<std::function<void(std::size_t)>()>& make,
                 const ProgressFunction& progress) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::size_t done = 0;
  const auto tell = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    ++done;
    if (progress) progress(done, count);
  };
  const auto run = [&] {
    try {
      const std::function<void(std::size_t)> work = make();
      for (std::size_t i = next++; i < count; i = next++) {
        work(i);
        tell();
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> others;
  const std::size_t most = std::min(ThreadCount(threads), std::max<std::size_t>(1, count));
  for (std::size_t t = 1; t < most; ++t) others.emplace_back(run);
  run();
  for (std::thread& thread : others) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace quaver::compiler
