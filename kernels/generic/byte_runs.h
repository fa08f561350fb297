// Copies of a few bytes, whose number the compiler knows or nearly knows.
#ifndef QUAVER_KERNELS_GENERIC_BYTE_RUNS_H_
#define QUAVER_KERNELS_GENERIC_BYTE_RUNS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// kBytes bytes.
template <std::size_t kBytes>
struct FixedRun {
  void operator()(std::uint8_t* target, const std::uint8_t* source) const {
    std::memcpy(target, source, kBytes);
  }
};

/// kHalf to 2 * kHalf bytes: the first and the last kHalf, which may overlap.
template <std::size_t kHalf>
struct OverlappingRun {
  std::size_t bytes;
  void operator()(std::uint8_t* target, const std::uint8_t* source) const {
    unsigned char first[kHalf];
    unsigned char last[kHalf];
    std::memcpy(first, source, kHalf);
    std::memcpy(last, source + bytes - kHalf, kHalf);
    std::memcpy(target, first, kHalf);
    std::memcpy(target + bytes - kHalf, last, kHalf);
  }
};

struct AnyRun {
  std::size_t bytes;
  void operator()(std::uint8_t* target, const std::uint8_t* source) const {
    std::memcpy(target, source, bytes);
  }
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_BYTE_RUNS_H_
