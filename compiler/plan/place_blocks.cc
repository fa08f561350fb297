// Placing blocks of known lifetimes (dynamic storage allocation, NP-hard). Blocks are placed one by
// one, each at the lowest offset that is free for its whole life; only the order matters, and some
// order is optimal: any best placement, pushed down and sorted by offset, is one. Few blocks: every
// order is tried. More: some good orders, then a local search with a fixed random sequence and a
// budget counted in steps, so that every host finds the same plan.
#include <algorithm>
#include <numeric>
#include <random>

#include "compiler/plan/plan.h"

namespace quaver::compiler {
namespace {

using Order = std::vector<std::size_t>;

bool Overlap(const Block& a, const Block& b) { return a.first <= b.last && b.first <= a.last; }

class Placer {
 public:
  explicit Placer(std::vector<Block> blocks) : blocks_(std::move(blocks)) {
    neighbours_.resize(blocks_.size());
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      for (std::size_t j = 0; j < blocks_.size(); ++j) {
        if (i != j && Overlap(blocks_[i], blocks_[j])) neighbours_[i].push_back(j);
      }
    }
    best_.lower_bound_bytes = LowerBound();
    best_.total_bytes = ~std::uint64_t{0};
  }

  [[nodiscard]] bool done() const { return best_.total_bytes == best_.lower_bound_bytes; }
  [[nodiscard]] const Placement& best() const { return best_; }

  /// Places in this order; keeps the result if it is the best so far. Returns the total.
  std::uint64_t Try(const Order& order) {
    offsets_.assign(blocks_.size(), kUnplaced);
    std::uint64_t total = 0;
    for (std::size_t i : order) {
      offsets_[i] = LowestOffset(i);
      total = std::max(total, offsets_[i] + blocks_[i].bytes);
    }
    if (total < best_.total_bytes) {
      best_.total_bytes = total;
      best_.offsets = offsets_;
    }
    return total;
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
  std::vector<std::vector<std::size_t>> neighbours_;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_;
  Placement best_;
};

std::uint64_t AlignUp(std::uint64_t bytes) {
  return (bytes + kPlanAlignment - 1) / kPlanAlignment * kPlanAlignment;
}

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
  std::uint64_t current = placer->Try(order);
  for (std::uint64_t step = 0; step < steps && !placer->done(); ++step) {
    const std::size_t from = random() % order.size();
    const std::size_t to = random() % order.size();
    Order next = order;
    next.erase(next.begin() + static_cast<std::ptrdiff_t>(from));
    next.insert(next.begin() + static_cast<std::ptrdiff_t>(to), order[from]);
    const std::uint64_t total = placer->Try(next);
    if (total <= current) {
      current = total;
      order = std::move(next);
    }
  }
}

constexpr std::size_t kFewBlocks = 7;  // 5040 orders
/// About 100 ms: a step costs about the square of the number of blocks.
constexpr std::uint64_t kSearchBudget = 20'000'000;

}  // namespace

Placement PlaceBlocks(const std::vector<Block>& blocks) {
  if (blocks.empty()) return {};
  std::vector<Block> aligned = blocks;
  for (Block& block : aligned) block.bytes = AlignUp(block.bytes);
  Placer placer(aligned);
  Order best_order;
  std::uint64_t best_total = ~std::uint64_t{0};
  for (const Order& order : GoodOrders(aligned)) {
    const std::uint64_t total = placer.Try(order);
    if (total < best_total) {
      best_total = total;
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
