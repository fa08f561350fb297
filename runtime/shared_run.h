// Several threads in one Run.
//
// One task a thread of the pool lasts for the whole Run. The caller's walks through the calls; the
// others wait, in a loop, for tiles: parts of the units of a call that is large enough to share.
// A tile is taken by whoever is free, from a word that has a bit for each tile not yet taken, so
// that a thread which comes late, or which the system has stopped, holds up nothing but the tile
// that it has taken; the caller alone would do them all. Each thread takes its own tiles first, the
// same part of every call, since their inputs are likely to be in its cache.
#ifndef QUAVER_RUNTIME_SHARED_RUN_H_
#define QUAVER_RUNTIME_SHARED_RUN_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "platform/threads.h"
#include "runtime/prepared_call.h"

namespace quaver {

/// What the threads of one session share, in its arena.
class SharedRun {
 public:
  /// Preconditions: 2 <= threads <= kMaxThreads, threads <= CountThreads(pool).
  SharedRun(platform::Threads* pool, std::int32_t threads);

  /// Calls task(context) on this thread, while the others wait for calls to share.
  void Run(void (*task)(void* context), void* context);

  /// Runs `call` on all threads. Preconditions: within Run, call.tiles_per_thread >= 1.
  void Share(const PreparedCall& call);

 private:
  struct Tile;

  static void Task(void* shared, std::size_t worker);
  void Help(std::int32_t worker);
  /// The number of a tile that is now the worker's, or -1: all are taken.
  std::int32_t TakeTile(std::int32_t worker);

  platform::Threads* pool_;
  std::int32_t threads_;
  /// Bits of `open_tiles_` for each thread; those of thread t begin at t * bits_per_thread_.
  std::int32_t bits_per_thread_;
  std::uint32_t first_tiles_;
  void (*task_)(void* context) = nullptr;
  void* context_ = nullptr;
  /// Read by who has taken a tile of it, written when none is taken.
  const PreparedCall* call_ = nullptr;

  // What is written while others read has a cache line of its own.

  /// The tiles of call_ that nobody has taken; kEnded: there will be no more.
  alignas(64) std::atomic<std::uint32_t> open_tiles_{0};
  /// Tiles of call_ that are not yet computed.
  alignas(64) std::atomic<std::int32_t> unfinished_{0};
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_SHARED_RUN_H_
