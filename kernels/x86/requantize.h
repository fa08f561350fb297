// Requantization of whole vectors, equal to kernels/requantize.h for every input.
// Proof: docs/arithmetic.md, "Vector units".
#ifndef QUAVER_KERNELS_X86_REQUANTIZE_H_
#define QUAVER_KERNELS_X86_REQUANTIZE_H_

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
namespace {

// Shifts above this give a value beyond every clamp for any accumulator but 0, as this one does.
inline constexpr std::int32_t kLargestUsefulShift = 10;
// From here down (a right shift of at least 2) the accumulator needs no shift to the left.
inline constexpr std::int32_t kLargestPlainShift = -2;

/// One multiplier and shift a lane.
template <typename V>
class Requantizer {
 public:
  using Vec = typename V::Vec;

  /// multiplier: 0 or in [2^30, 2^31); shift in [-31, 30].
  Requantizer(Vec multiplier, Vec shift) : even_(multiplier), odd_(V::OddToEven(multiplier)) {
    const Vec plain = V::Min32(shift, V::Set32(kLargestPlainShift));
    // A lane whose multiplier is 0 gives 0 with any shift.
    rounding_ = V::ShiftLeft32(V::Set32(1), V::Sub32(V::Set32(-2), plain));
    right_ = V::Sub32(V::Set32(-1), plain);
    right_of_doubled_ = V::Sub32(V::Set32(-2), plain);
  }

  /// Right shifts of at least 2 in all lanes: (high32(acc * m) + 2^(r - 2)) >> (r - 1).
  [[nodiscard]] Vec Plain(Vec accumulator) const {
    return V::ShiftRightArithmetic32(V::Add32(High(accumulator), rounding_), right_);
  }

  /// The double of that before it is rounded, for HalvingNarrower: high32(acc * m) >> (r - 2).
  [[nodiscard]] Vec Doubled(Vec accumulator) const {
    return V::ShiftRightArithmetic32(High(accumulator), right_of_doubled_);
  }

 private:
  [[nodiscard]] Vec High(Vec accumulator) const {
    const Vec even = V::MulEven(accumulator, even_);
    const Vec odd = V::MulEven(V::OddToEven(accumulator), odd_);
    return V::HighHalves(even, odd);
  }

  Vec even_, odd_, rounding_, right_, right_of_doubled_;
};

/// Whether Requantizer needs ShiftLeftSaturated first in some lane.
template <typename V>
bool NeedsLeftShift(typename V::Vec shift) {
  return V::AnyGreater32(shift, V::Set32(kLargestPlainShift));
}

/// accumulator * 2^(shift + 2) where shift > -2, saturated; the accumulator where not.
template <typename V>
typename V::Vec ShiftLeftSaturated(typename V::Vec accumulator, typename V::Vec shift) {
  const typename V::Vec left = V::Max32(
      V::Sub32(V::Min32(shift, V::Set32(kLargestUsefulShift)), V::Set32(kLargestPlainShift)),
      V::Set32(0));
  const typename V::Vec limit = V::ShiftRightLogical32(V::Set32(INT32_MAX), left);
  const typename V::Vec low = V::Sub32(V::Set32(-1), limit);
  return V::ShiftLeft32(V::Max32(V::Min32(accumulator, limit), low), left);
}

/// Zero point, clamp and narrowing of four vectors at a time.
template <typename V>
class Narrower {
 public:
  using Vec = typename V::Vec;

  Narrower(std::int32_t zero_point, std::int32_t clamp_min, std::int32_t clamp_max)
      : zero_point_(V::Set16(static_cast<std::int16_t>(zero_point))),
        min_(V::Set8(static_cast<std::int8_t>(clamp_min))),
        max_(V::Set8(static_cast<std::int8_t>(clamp_max))) {}
  explicit Narrower(const OutputStage& stage)
      : Narrower(stage.zero_point, stage.clamp_min, stage.clamp_max) {}

  /// The bytes of a, b, c, d. Saturation to 16 bits changes nothing that the clamp would not.
  [[nodiscard]] Vec operator()(Vec a, Vec b, Vec c, Vec d) const {
    const Vec ab = V::AddSaturated16(V::Pack32To16(a, b), zero_point_);
    const Vec cd = V::AddSaturated16(V::Pack32To16(c, d), zero_point_);
    return V::Min8(V::Max8(V::UnzipPacked(V::Pack16To8(ab, cd)), min_), max_);
  }

 private:
  Vec zero_point_, min_, max_;
};

/// The same of values from Requantizer::Doubled: rounds them as well, which costs less in 16 bits.
template <typename V>
class HalvingNarrower {
 public:
  using Vec = typename V::Vec;

  explicit HalvingNarrower(const OutputStage& stage)
      : zero_point2_(V::Set16(static_cast<std::int16_t>(2 * stage.zero_point + 1))),
        min_(V::Set8(static_cast<std::int8_t>(stage.clamp_min))),
        max_(V::Set8(static_cast<std::int8_t>(stage.clamp_max))),
        clamps_(stage.clamp_min > -128 || stage.clamp_max < 127) {}

  /// The bytes of a, b, c, d: (v + 2 * zero_point + 1) >> 1, clamped.
  [[nodiscard]] Vec operator()(Vec a, Vec b, Vec c, Vec d) const {
    return V::UnzipPacked(Pack8(Pack16(a, b), Pack16(c, d)));
  }

  /// The same in two steps, in the order that packing gives: in each 128 bits four of a, of b, ...
  [[nodiscard]] Vec Pack16(Vec a, Vec b) const {
    const Vec doubled = V::AddSaturated16(V::Pack32To16(a, b), zero_point2_);
    return V::template ShiftRightArithmetic16<1>(doubled);
  }
  [[nodiscard]] Vec Pack8(Vec ab, Vec cd) const {
    const Vec bytes = V::Pack16To8(ab, cd);
    return clamps_ ? V::Min8(V::Max8(bytes, min_), max_) : bytes;
  }

 private:
  Vec zero_point2_, min_, max_;
  bool clamps_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_REQUANTIZE_H_
