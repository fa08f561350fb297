// Placing blocks of known lifetimes (dynamic storage allocation, NP-hard). Blocks are placed one by
// one, each at the lowest offset that is free for its whole life; only the order matters, and some
// order is optimal: any best placement, pushed down and sorted by offset, is one. Few blocks: every
// order is tried. More: some good orders, then a local search with a fixed random sequence and a
// budget counted in steps, so that every host finds the same plan.
#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include "compiler/plan/plan.h"

namespace quaver::compiler {
namespace {

using Order = std::vector<std::size_t>;
/// The end of everything, that of the blocks: the less the better.
using Cost = std::pair<std::uint64_t, std::uint64_t>;

std::uint64_t RoundUp(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

bool Overlap(const Block& a, const Block& b) { return a.first <= b.last && b.first <= a.last; }

class Placer {
 public:
  Placer(std::vector<Block> blocks, std::vector<Block> on_top)
      : blocks_(std::move(blocks)), on_top_(std::move(on_top)) {
    neighbours_.resize(blocks_.size());
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      for (std::size_t j = 0; j < blocks_.size(); ++j) {
        if (i != j && Overlap(blocks_[i], blocks_[j])) neighbours_[i].push_back(j);
      }
    }
    best_.lower_bound_bytes = LowerBound();
    end_lower_bound_ = EndLowerBound();
    best_.total_bytes = best_.end_bytes = ~std::uint64_t{0};
  }

  [[nodiscard]] bool done() const {
    return best_.end_bytes == end_lower_bound_ && best_.total_bytes == best_.lower_bound_bytes;
  }
  [[nodiscard]] const Placement& best() const { return best_; }

  /// Places in this order; keeps the result if it is the best so far. Returns how good it is.
  Cost Try(const Order& order) {
    offsets_.assign(blocks_.size(), kUnplaced);
    std::uint64_t total = 0;
    for (std::size_t i : order) {
      offsets_[i] = LowestOffset(i);
      total = std::max(total, offsets_[i] + blocks_[i].bytes);
    }
    const Cost cost = {End(total), total};
    if (cost < Cost{best_.end_bytes, best_.total_bytes}) {
      best_.end_bytes = cost.first;
      best_.total_bytes = cost.second;
      best_.offsets = offsets_;
    }
    return cost;
  }

 private:
  static constexpr std::uint64_t kUnplaced = ~std::uint64_t{0};

  [[nodiscard]] std::uint64_t LowerBound() const {
    std::uint64_t largest = 0;
    for (const Block& at : blocks_) {  // the sum only grows where a block begins
      std::uint64_t sum = 0;
      for (const Block& block : blocks_) {
        if (block.first <= at.first && at.first <= block.last) sum += block.bytes;
      }
      largest = std::max(largest, sum);
    }
    return largest;
  }

  /// No end of everything is below.
  [[nodiscard]] std::uint64_t EndLowerBound() const {
    std::uint64_t largest = best_.lower_bound_bytes;
    for (const Block& top : on_top_) {
      for (std::int32_t time = top.first; time <= top.last; ++time) {
        std::uint64_t sum = 0;
        for (const Block& block : blocks_) {
          if (block.first <= time && time <= block.last) sum += block.bytes;
        }
        largest = std::max(largest, RoundUp(sum, kScratchAlignment) + top.bytes);
      }
    }
    return largest;
  }

  /// Precondition: all blocks are placed and end at `total`.
  [[nodiscard]] std::uint64_t End(std::uint64_t total) const {
    std::uint64_t end = total;
    for (const Block& top : on_top_) {
      std::uint64_t below = 0;
      for (std::size_t i = 0; i < blocks_.size(); ++i) {
        if (Overlap(blocks_[i], top)) below = std::max(below, offsets_[i] + blocks_[i].bytes);
      }
      end = std::max(end, RoundUp(below, kScratchAlignment) + top.bytes);
    }
    return end;
  }

  std::uint64_t LowestOffset(std::size_t i) {
    taken_.clear();
    for (std::size_t j : neighbours_[i]) {
      if (offsets_[j] != kUnplaced) taken_.push_back({offsets_[j], offsets_[j] + blocks_[j].bytes});
    }
    std::sort(taken_.begin(), taken_.end());
    std::uint64_t offset = 0;
    for (const auto& [begin, end] : taken_) {
      if (begin >= offset + blocks_[i].bytes) break;
      offset = std::max(offset, end);
    }
    return offset;
  }

  std::vector<Block> blocks_;
  std::vector<Block> on_top_;
  std::uint64_t end_lower_bound_ = 0;
  std::vector<std::vector<std::size_t>> neighbours_;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_;
  Placement best_;
};

/// Orders that are often optimal: by size, by life, by size times life, by time.
std::vector<Order> GoodOrders(const std::vector<Block>& blocks) {
  Order start(blocks.size());
  std::iota(start.begin(), start.end(), std::size_t{0});
  const auto life = [](const Block& b) {
    return std::uint64_t{1} + static_cast<std::uint32_t>(b.last - b.first);
  };
  const auto sorted = [&](auto key) {
    Order order = start;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key(blocks[a]) > key(blocks[b]); });
    return order;
  };
  return {sorted([](const Block& b) { return b.bytes; }), sorted(life),
          sorted([&](const Block& b) { return b.bytes * life(b); }),
          sorted([](const Block& b) { return -std::int64_t{b.first}; }),
          sorted([](const Block& b) { return std::int64_t{b.last}; })};
}

void TryAll(Order order, Placer* placer) {
  std::sort(order.begin(), order.end());
  do {
    placer->Try(order);
  } while (!placer->done() && std::next_permutation(order.begin(), order.end()));
}

/// Moves random blocks to random places of the order; keeps what is not worse.
void Search(Order order, std::uint64_t steps, Placer* placer) {
  std::minstd_rand random(1);  // its sequence is fixed by the standard
  Cost current = placer->Try(order);
  for (std::uint64_t step = 0; step < steps && !placer->done(); ++step) {
    const std::size_t from = random() % order.size();
    const std::size_t to = random() % order.size();
    Order next = order;
    next.erase(next.begin() + static_cast<std::ptrdiff_t>(from));
    next.insert(next.begin() + static_cast<std::ptrdiff_t>(to), order[from]);
    const Cost cost = placer->Try(next);
    if (cost <= current) {
      current = cost;
      order = std::move(next);
    }
  }
}

constexpr std::size_t kFewBlocks = 7;  // 5040 orders
/// About 100 ms: a step costs about the square of the number of blocks.
constexpr std::uint64_t kSearchBudget = 20'000'000;

}  // namespace

Placement PlaceBlocks(const std::vector<Block>& blocks, const std::vector<Block>& on_top) {
  if (blocks.empty()) return {};
  std::vector<Block> aligned = blocks;
  for (Block& block : aligned) block.bytes = RoundUp(block.bytes, kPlanAlignment);
  Placer placer(aligned, on_top);
  Order best_order;
  Cost best = {~std::uint64_t{0}, 0};
  for (const Order& order : GoodOrders(aligned)) {
    const Cost cost = placer.Try(order);
    if (cost < best) {
      best = cost;
      best_order = order;
    }
  }
  if (!placer.done() && blocks.size() <= kFewBlocks) {
    TryAll(best_order, &placer);
  } else if (!placer.done()) {
    Search(best_order, kSearchBudget / (blocks.size() * blocks.size()) + 100, &placer);
  }
  return placer.best();
}

}  // namespace quaver::compiler
