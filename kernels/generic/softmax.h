// What the softmax kernels share: the sum of exponentials and its reciprocal.
#ifndef QUAVER_KERNELS_GENERIC_SOFTMAX_H_
#define QUAVER_KERNELS_GENERIC_SOFTMAX_H_

#include <cstdint>

#include "kernels/fixed_point.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

inline constexpr std::int32_t kSumIntegerBits = 12;  // the sum of exponentials is Q12.19
inline constexpr std::int32_t kSumFractionBits = 31 - kSumIntegerBits;
// From 512 = 2 * 256 on no output reaches one half of a step of 1/256.
inline constexpr std::uint64_t kSumLimit = std::uint64_t{512} << kSumFractionBits;

/// What exponentials are multiplied by, Q0.31, and then shifted right by, with rounding, to give
/// steps of 1/256.
struct SoftmaxScale {
  std::int32_t reciprocal;
  std::int32_t shift;
};

/// sum = 2^b * (1 + x) in Q12.19, at least 1: 1 / (1 + x) and b + 31 - 8; 0 from kSumLimit on.
inline SoftmaxScale ScaleOfSum(std::uint64_t sum) {
  if (sum >= kSumLimit) return {0, 31 - 8};
  const auto sum32 = static_cast<std::uint32_t>(sum);
  std::int32_t integer_bits = 0;
  while ((sum32 >> (kSumFractionBits + 1 + integer_bits)) != 0) ++integer_bits;
  const std::uint32_t one_plus_x = sum32 << (kSumIntegerBits - integer_bits);
  return {OneOverOnePlusX(static_cast<std::int32_t>(one_plus_x - (std::uint32_t{1} << 31))),
          integer_bits + 31 - 8};
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_SOFTMAX_H_
