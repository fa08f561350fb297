// Damages files in the ways that find bugs in their readers; the same damage for the same seed.
#ifndef QUAVER_TESTS_FUZZ_MUTATOR_H_
#define QUAVER_TESTS_FUZZ_MUTATOR_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace quaver::testing {

using FileBytes = std::vector<std::uint8_t>;

/// [begin, end) of a file.
using Range = std::pair<std::size_t, std::size_t>;

/// xorshift32: the same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed * 2654435761U + 1) {
    if (state_ == 0) state_ = 1;
  }
  std::uint32_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  /// In [0, limit). Precondition: limit > 0.
  std::size_t Below(std::size_t limit) { return Next() % limit; }

 private:
  std::uint32_t state_;
};

/// `file` with one to four changes: bits flipped, bytes replaced, fields overwritten with extreme
/// values, blocks swapped, removed or copied elsewhere, the end cut off. Most changes hit outside
/// of `payload` (weights, whose values are free): there the structure is.
/// Precondition: `file` has at least 16 bytes.
FileBytes Mutate(const FileBytes& file, const std::vector<Range>& payload, Random* random);

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_FUZZ_MUTATOR_H_
