// Inputs in the order in which SMMLA takes them: for each tile of pixels, groups of eight inputs;
// in a group the pairs of pixels one after the other, the second of a pair behind the first. The
// last pixel of an odd number is its own partner.
#ifndef QUAVER_KERNELS_ARM_INTERLEAVE_H_
#define QUAVER_KERNELS_ARM_INTERLEAVE_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/gemm_tile.h"

namespace quaver::kernels {
namespace {

/// Bytes of `rows` interleaved pixels.
inline std::ptrdiff_t InterleavedBytes(const GemmTile& tile, std::int32_t rows) {
  return std::ptrdiff_t{tile.runs} * tile.run_bytes * (rows + rows % 2);
}

/// The next run of kPairs pairs; returns the end of what was written.
template <int kPairs>
std::uint8_t* InterleaveRun(const std::uint8_t* const* inputs, std::int32_t rows,
                            std::int32_t run_bytes, std::uint8_t* target) {
  const std::uint8_t* input[2 * kPairs];
#pragma GCC unroll 8
  for (int r = 0; r < 2 * kPairs; ++r) input[r] = inputs[r < rows ? r : rows - 1];
  std::int32_t left = run_bytes;
  for (; left >= 16; left -= 16) {
    uint64x2_t first[kPairs];
    uint64x2_t second[kPairs];
#pragma GCC unroll 4
    for (int j = 0; j < kPairs; ++j) {
      const uint64x2_t a = vreinterpretq_u64_u8(vld1q_u8(input[2 * j]));
      const uint64x2_t b = vreinterpretq_u64_u8(vld1q_u8(input[2 * j + 1]));
      first[j] = vcombine_u64(vget_low_u64(a), vget_low_u64(b));
      second[j] = vcombine_u64(vget_high_u64(a), vget_high_u64(b));
      input[2 * j] += 16;
      input[2 * j + 1] += 16;
    }
#pragma GCC unroll 4
    for (int j = 0; j < kPairs; ++j) vst1q_u8(target + 16 * j, vreinterpretq_u8_u64(first[j]));
    target += 16 * kPairs;
#pragma GCC unroll 4
    for (int j = 0; j < kPairs; ++j) vst1q_u8(target + 16 * j, vreinterpretq_u8_u64(second[j]));
    target += 16 * kPairs;
  }
  if (left > 0) {
#pragma GCC unroll 4
    for (int j = 0; j < kPairs; ++j) {
      vst1q_u8(target + 16 * j, vcombine_u8(vld1_u8(input[2 * j]), vld1_u8(input[2 * j + 1])));
    }
    target += 16 * kPairs;
  }
  return target;
}

template <int kPairs>
void InterleavePairs(const GemmTile& tile, std::int32_t rows, std::uint8_t* target) {
  if constexpr (kPairs > 1) {
    if (rows <= 2 * kPairs - 2) return InterleavePairs<kPairs - 1>(tile, rows, target);
  }
  for (std::int32_t s = 0; s < tile.runs; ++s) {
    target =
        InterleaveRun<kPairs>(tile.inputs + s * tile.input_stride, rows, tile.run_bytes, target);
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_INTERLEAVE_H_
