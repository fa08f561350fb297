#include "runtime/shared_run.h"

namespace quaver {
namespace {

/// A bit of open_tiles_ that stands for no tile.
constexpr std::uint32_t kEnded = 1U << 31;
constexpr std::int32_t kTileBits = 31;

/// Waits in a loop: first on the CPU, then, as somebody else may need it, with Yield.
class Wait {
 public:
  void Once() {
    if (count_ < kPauses) {
      ++count_;
      platform::Pause();
    } else {
      platform::Yield();
    }
  }

 private:
  /// Some 20 to 50 us.
  static constexpr std::int32_t kPauses = 1000;
  std::int32_t count_ = 0;
};

std::int32_t LowestBit(std::uint32_t bits) { return __builtin_ctz(bits); }
std::int32_t HighestBit(std::uint32_t bits) { return 31 - __builtin_clz(bits); }

constexpr std::uint32_t Ones(std::int32_t count) { return (1U << count) - 1; }

/// Tile number `tile` of the call, on the scratch of `worker`; the last ones may be empty.
void RunTile(const PreparedCall& call, std::int32_t tiles, std::int32_t tile, std::int32_t worker) {
  const std::int32_t grains = ((call.units - 1) >> call.grain_log2) + 1;
  const std::int32_t part = ((grains - 1) / tiles + 1) << call.grain_log2;
  const std::int64_t begin = std::int64_t{part} * tile;
  if (begin >= call.units) return;
  const std::int64_t end = begin + part < call.units ? begin + part : call.units;
  call.type->run(call, {static_cast<std::int32_t>(begin), static_cast<std::int32_t>(end), worker});
}

}  // namespace

SharedRun::SharedRun(platform::Threads* pool, std::int32_t threads)
    : pool_(pool), threads_(threads), bits_per_thread_(kTileBits / threads), first_tiles_(0) {
  for (std::int32_t t = 0; t < threads; ++t) first_tiles_ |= 1U << (t * bits_per_thread_);
}

void SharedRun::Run(void (*task)(void* context), void* context) {
  task_ = task;
  context_ = context;
  open_tiles_.store(0, std::memory_order_release);
  platform::RunOnThreads(pool_, threads_, &SharedRun::Task, this);
}

void SharedRun::Task(void* shared, std::size_t worker) {
  auto* self = static_cast<SharedRun*>(shared);
  if (worker != 0) return self->Help(static_cast<std::int32_t>(worker));
  self->task_(self->context_);
  self->open_tiles_.store(kEnded, std::memory_order_release);
}

// The order of memory: a thread that takes a tile acquires what the caller has released by opening
// it, which is all that has been computed before; the caller acquires, by finding no tile
// unfinished, what each thread has released by finishing one.

void SharedRun::Share(const PreparedCall& call) {
  const std::int32_t tiles = call.tiles_per_thread * threads_;
  call_ = &call;
  unfinished_.store(tiles, std::memory_order_relaxed);
  // Tile 0 is taken by this thread.
  open_tiles_.store(first_tiles_ * Ones(call.tiles_per_thread) - 1, std::memory_order_release);
  std::int32_t finished = 0;
  for (std::int32_t tile = 0; tile >= 0; tile = TakeTile(0)) {
    RunTile(call, tiles, tile, 0);
    ++finished;
  }
  if (unfinished_.fetch_sub(finished, std::memory_order_acquire) == finished) return;
  for (Wait wait; unfinished_.load(std::memory_order_acquire) != 0;) wait.Once();
}

void SharedRun::Help(std::int32_t worker) {
  Wait wait;
  for (;;) {
    const std::uint32_t open = open_tiles_.load(std::memory_order_acquire);
    if (open == kEnded) return;
    if (open == 0) {
      wait.Once();
      continue;
    }
    wait = {};
    for (std::int32_t tile = TakeTile(worker); tile >= 0; tile = TakeTile(worker)) {
      RunTile(*call_, call_->tiles_per_thread * threads_, tile, worker);
      unfinished_.fetch_sub(1, std::memory_order_release);
    }
  }
}

std::int32_t SharedRun::TakeTile(std::int32_t worker) {
  const std::int32_t first = worker * bits_per_thread_;
  std::uint32_t open = open_tiles_.load(std::memory_order_relaxed);
  std::int32_t bit = 0;
  do {
    if ((open & ~kEnded) == 0) return -1;
    const std::uint32_t own = open >> first & Ones(bits_per_thread_);
    // Of others' tiles the one that they would come to last.
    bit = own != 0 ? first + LowestBit(own) : HighestBit(open);
  } while (!open_tiles_.compare_exchange_weak(open, open & ~(1U << bit), std::memory_order_acquire,
                                              std::memory_order_relaxed));
  return bit / bits_per_thread_ * call_->tiles_per_thread + bit % bits_per_thread_;
}

}  // namespace quaver
