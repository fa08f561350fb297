#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <cstring>

namespace quaver::testing {
namespace {

class Mutation {
 public:
  Mutation(FileBytes file, const std::vector<Range>& payload, Random* random)
      : file_(std::move(file)), payload_(payload), random_(random) {}

  FileBytes Apply() {
    const std::size_t changes = random_->Below(2) == 0 ? 1 : 2 + random_->Below(3);
    for (std::size_t i = 0; i < changes && file_.size() >= 16; ++i) ChangeOnce();
    return std::move(file_);
  }

 private:
  void ChangeOnce() {
    // Small changes most often: they come furthest.
    const std::size_t kind = random_->Below(16);
    if (kind < 2) {
      file_[Position()] ^= static_cast<std::uint8_t>(1U << random_->Below(8));
    } else if (kind < 5) {
      file_[Position()] = static_cast<std::uint8_t>(random_->Next() >> 24);
    } else if (kind < 13) {
      OverwriteField();
    } else if (kind == 13) {
      SwapBlocks();
    } else if (kind == 14) {
      MoveBlock();
    } else {
      // Cut off anywhere, or near the end.
      file_.resize(random_->Below(2) == 0 ? random_->Below(file_.size())
                                          : file_.size() - 1 - random_->Below(15));
    }
  }

  /// Three of four outside of the payload.
  std::size_t Position() {
    std::size_t position = random_->Below(file_.size());
    if (random_->Below(4) == 0) return position;
    for (int attempt = 0; attempt < 64 && InPayload(position); ++attempt) {
      position = random_->Below(file_.size());
    }
    return position;
  }

  [[nodiscard]] bool InPayload(std::size_t position) const {
    return std::any_of(payload_.begin(), payload_.end(), [&](const Range& range) {
      return position >= range.first && position < range.second;
    });
  }

  /// A little-endian field of 1, 2, 4 or 8 bytes, at a multiple of its size.
  void OverwriteField() {
    const std::size_t width = std::size_t{1} << random_->Below(4);
    const std::size_t position = Position() / width * width;
    if (position + width > file_.size()) return;
    const std::uint64_t size = file_.size();
    const std::uint64_t values[] = {0,
                                    1,
                                    2,
                                    ~std::uint64_t{0},
                                    ~std::uint64_t{0} >> 1,
                                    std::uint64_t{1} << 63,
                                    0x7fffffff7fffffff,
                                    0x8000000080000000,
                                    0x7fff7fff7fff7fff,
                                    0x8000800080008000,
                                    0x7f,
                                    0x80,
                                    0xffff,
                                    0x10000,
                                    0x40000000,
                                    size,
                                    size - position,
                                    size - 1,
                                    random_->Next()};
    const std::uint64_t value = values[random_->Below(std::size(values))];
    std::memcpy(&file_[position], &value, width);
  }

  Range Block() {
    const std::size_t begin = Position();
    const std::size_t length = std::min(1 + random_->Below(64), file_.size() - begin);
    return {begin, begin + length};
  }

  void SwapBlocks() {
    Range a = Block();
    Range b = Block();
    if (a.first > b.first) std::swap(a, b);
    const std::size_t length =
        std::min({a.second - a.first, b.second - b.first, b.first - a.first});
    const auto at = [&](std::size_t i) { return file_.begin() + static_cast<std::ptrdiff_t>(i); };
    std::swap_ranges(at(a.first), at(a.first + length), at(b.first));
  }

  /// Removes a block, or copies it to somewhere else: what follows shifts.
  void MoveBlock() {
    const Range range = Block();
    const auto begin = file_.begin() + static_cast<std::ptrdiff_t>(range.first);
    const auto end = file_.begin() + static_cast<std::ptrdiff_t>(range.second);
    if (random_->Below(2) == 0) {
      file_.erase(begin, end);
      return;
    }
    const FileBytes copy(begin, end);
    file_.insert(file_.begin() + static_cast<std::ptrdiff_t>(Position()), copy.begin(), copy.end());
  }

  FileBytes file_;
  const std::vector<Range>& payload_;
  Random* random_;
};

}  // namespace

FileBytes Mutate(const FileBytes& file, const std::vector<Range>& payload, Random* random) {
  return Mutation(file, payload, random).Apply();
}

}  // namespace quaver::testing
