// Add and Sub with factors of 32 bits: the upper half of a product, and a rounding shift.
#ifndef QUAVER_KERNELS_GENERIC_ADD_SUB_H_
#define QUAVER_KERNELS_GENERIC_ADD_SUB_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/broadcast.h"
#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// requant(x, m, s) for s in [-31, -2] as floor((floor(x * m / 2^32) + 2^k) / 2^(k + 1)) with
/// k = -2 - s. Arithmetic::MultiplyHighAdd(a, b, c) is floor(a * b / 2^32) + c.
template <typename Arithmetic>
class RightScale {
 public:
  RightScale(std::int32_t multiplier, std::int32_t shift)
      : multiplier_(multiplier), right_(-1 - shift), half_(std::int32_t{1} << (right_ - 1)) {}

  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    return Arithmetic::MultiplyHighAdd(x, multiplier_, half_) >> right_;
  }

 private:
  std::int32_t multiplier_, right_, half_;
};

/// `sign`: 1 or -1. Preconditions: SupportsAddSub of kernels/scratch.cc. An input's term is shifted
/// two bits more to the left, which leaves it at most 255 * 2^22 in magnitude, and two more to the
/// right: then all three shifts are in [-31, -2].
template <typename Arithmetic>
void AddSubRows(const AddSubParams& p, std::int32_t sign, const Work& work) {
  const RightScale<Arithmetic> scale1(p.multiplier1, p.shift1 - 2);
  const RightScale<Arithmetic> scale2(p.multiplier2, p.shift2 - 2);
  const RightScale<Arithmetic> scale(p.output_multiplier, p.output_shift);
  const std::int32_t left = std::int32_t{1} << (p.left_shift + 2);
  const std::int32_t zero_point1 = p.zero_point1, zero_point2 = p.zero_point2;
  const std::int32_t zero_point = p.output_zero_point;
  const std::int32_t low = p.clamp_min, high = p.clamp_max;
  ForEachBroadcastRow(
      p, work,
      [=](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
          std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        for (; count > 0; --count) {
          const std::int32_t term1 = scale1((*input1 - zero_point1) * left);
          const std::int32_t term2 = scale2((*input2 - zero_point2) * left);
          input1 += stride1;
          input2 += stride2;
          const std::int32_t value = scale(term1 + sign * term2) + zero_point;
          const std::int32_t above = value < low ? low : value;
          *output++ = static_cast<std::int8_t>(above > high ? high : above);
        }
      });
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_ADD_SUB_H_
