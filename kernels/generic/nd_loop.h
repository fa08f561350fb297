// A walk over up to kMaxDims dimensions that keeps the offsets of several strided arrays.
#ifndef QUAVER_KERNELS_GENERIC_ND_LOOP_H_
#define QUAVER_KERNELS_GENERIC_ND_LOOP_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

template <int kArrays>
class NdLoop {
 public:
  /// `strides[a]` has `rank` entries, as `dims`; none of them is copied. 0 <= rank <= kMaxDims. The
  /// walk has less than 2^31 elements.
  NdLoop(const std::int32_t* dims, std::int32_t rank, const std::int32_t* const (&strides)[kArrays])
      : dims_(dims), rank_(rank) {
    for (int a = 0; a < kArrays; ++a) strides_[a] = strides[a];
  }

  /// Moves to an element, counted with the last dimension fastest. (In 32 bits: a division of 64 is
  /// a library's on a 32-bit machine.)
  void Seek(std::int64_t element) {
    for (std::ptrdiff_t& offset : offsets_) offset = 0;
    auto rest = static_cast<std::uint32_t>(element);
    for (std::int32_t d = rank_; d-- > 0;) {
      const auto dim = static_cast<std::uint32_t>(dims_[d]);
      index_[d] = static_cast<std::int32_t>(rest % dim);
      rest /= dim;
      for (int a = 0; a < kArrays; ++a) {
        offsets_[a] += std::ptrdiff_t{index_[d]} * strides_[a][d];
      }
    }
  }

  /// To the next element; after the last one comes the first.
  void Next() {
    for (std::int32_t d = rank_; d-- > 0;) {
      for (int a = 0; a < kArrays; ++a) offsets_[a] += strides_[a][d];
      if (++index_[d] < dims_[d]) return;
      for (int a = 0; a < kArrays; ++a) {
        offsets_[a] -= std::ptrdiff_t{dims_[d]} * strides_[a][d];
      }
      index_[d] = 0;
    }
  }

  [[nodiscard]] std::ptrdiff_t offset(int array) const { return offsets_[array]; }

 private:
  const std::int32_t* dims_;
  std::int32_t rank_;
  const std::int32_t* strides_[kArrays];
  std::int32_t index_[kMaxDims] = {};
  std::ptrdiff_t offsets_[kArrays] = {};
};

/// dims[first] * ... * dims[rank - 1].
inline std::int64_t ElementCount(const std::int32_t* dims, std::int32_t first, std::int32_t rank) {
  std::int64_t count = 1;
  for (std::int32_t d = first; d < rank; ++d) count *= dims[d];
  return count;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_ND_LOOP_H_
