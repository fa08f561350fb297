// Work over many samples on several threads.
#ifndef QUAVER_COMPILER_QUANTIZE_PARALLEL_H_
#define QUAVER_COMPILER_QUANTIZE_PARALLEL_H_

#include <cstddef>
#include <functional>

namespace quaver::compiler {

/// Told now and then, from one thread at a time: done, total.
using ProgressFunction = std::function<void(std::size_t, std::size_t)>;

/// `threads`, or one for each CPU where that is 0.
std::size_t ThreadCount(std::size_t threads);

/// Calls work(i) once for each i below `count`. `make` is called in each thread and gives that
/// thread's `work`, with whatever state it needs. Which thread takes which i depends on time:
/// results must not. If calls throw, no more are begun and one of the exceptions is thrown here.
void RunParallel(std::size_t count, std::size_t threads,
                 const std::function<std::function<void(std::size_t)>()>& make,
                 const ProgressFunction& progress = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_PARALLEL_H_
