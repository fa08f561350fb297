// How near XNNPACK's bytes are to ours.
#ifndef QUAVER_TESTS_XNNPACK_TOLERANCE_H_
#define QUAVER_TESTS_XNNPACK_TOLERANCE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

namespace quaver {

/// XNNPACK multiplies the accumulator by a float of 24 bits and rounds halves to even; we multiply
/// by 31 bits and round halves up. The exact results differ by less than 2^-15 of a step of the
/// output (its range has 2^8 steps), so the rounded ones are the same or neighbours: one operator
/// on the same inputs may differ by 1. Over several operators differences add up, with no useful
/// bound.
inline constexpr int kTolerance = 1;

/// The number of bytes that differ; none may by more than kTolerance.
inline std::int64_t CountDifferences(const std::int8_t* found, const std::int8_t* expected,
                                     std::size_t count) {
  std::int64_t different = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int difference = std::abs(found[i] - expected[i]);
    if (difference > kTolerance) {
      ADD_FAILURE() << "byte " << i << " of " << count << ": XNNPACK " << int{found[i]}
                    << ", scalar " << int{expected[i]};
      return different;
    }
    if (difference != 0) ++different;
  }
  return different;
}

}  // namespace quaver

#endif  // QUAVER_TESTS_XNNPACK_TOLERANCE_H_
