// Add and Sub in 32 bits: what is not certainly the exact result is told, and computed otherwise.
// Derivation: docs/arithmetic.md, "Add and Sub in 32 bits".
#ifndef QUAVER_KERNELS_X86_SUM_OF_PAIRS_H_
#define QUAVER_KERNELS_X86_SUM_OF_PAIRS_H_

#include <cstdint>

#include "kernels/params.h"
#include "kernels/x86/requantize.h"

namespace quaver::kernels {
namespace {

/// Y = u1 * c1 + u2 * c2 + offset with u = q + 128, in units of 2^-k of the output's steps.
struct PairFactors {
  std::int32_t k;       // fraction bits
  std::int32_t c1, c2;  // below 2^21 in magnitude
  std::int32_t offset;  // the error's bound included, so that Y is too large by 0 to 2 * error
  std::uint32_t
      two_errors;  // below that many units of Y the fraction may be that of the step below
};

/// round(a * b * 2^exponent), and whether that is exact. a, b < 2^31.
struct RoundedProduct {
  RoundedProduct(std::int32_t a, std::int32_t b, std::int32_t exponent) {
    const std::uint64_t product = static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b);
    if (exponent >= 0) {
      value = static_cast<std::int32_t>(product << exponent);
    } else if (exponent > -64) {
      value =
          static_cast<std::int32_t>((product + (std::uint64_t{1} << (-exponent - 1))) >> -exponent);
      exact = (product & ((std::uint64_t{1} << -exponent) - 1)) == 0;
    } else {
      exact = product == 0;
    }
  }
  std::int32_t value = 0;
  bool exact = true;
};

/// Bits of the product's integer part with this exponent; 0 or less where it is below 1.
inline std::int32_t BitsOf(std::int32_t a, std::int32_t b, std::int32_t exponent) {
  const std::uint64_t product = static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b);
  return product == 0 ? 0 : 64 - __builtin_clzll(product) + exponent;
}

/// Precondition: SupportsAddX86.
inline PairFactors FactorsOf(const AddSubParams& p, bool subtract) {
  // Ratio of the scales of input i and the output: m_i * m * 2^exponent_i.
  const std::int32_t exponent = p.left_shift + p.output_shift - 62;
  const std::int32_t exponent1 = exponent + p.shift1;
  const std::int32_t exponent2 = exponent + p.shift2;
  const std::int32_t bits1 = BitsOf(p.multiplier1, p.output_multiplier, exponent1);
  const std::int32_t bits2 = BitsOf(p.multiplier2, p.output_multiplier, exponent2);
  const std::int32_t bits = bits1 > bits2 ? bits1 : bits2;
  PairFactors f{};
  f.k = 21 - (bits > 0 ? bits : 0);
  if (f.k < 1) return f;
  const RoundedProduct c1(p.multiplier1, p.output_multiplier, exponent1 + f.k);
  const RoundedProduct c2(p.multiplier2, p.output_multiplier, exponent2 + f.k);
  const auto rounds_term = [&p](std::int32_t multiplier, std::int32_t shift) {
    return RoundedProduct(multiplier, 1, p.left_shift + shift - 31).exact ? 0 : 1;
  };
  // A rounded term is off by up to a half, in steps of m * 2^(s - 31).
  const std::int64_t unit = (std::int64_t{p.output_multiplier} >> (31 - p.output_shift - f.k)) + 1;
  const std::int32_t rounded =
      rounds_term(p.multiplier1, p.shift1) + rounds_term(p.multiplier2, p.shift2);
  const std::int32_t error = (c1.exact ? 0 : 128) + (c2.exact ? 0 : 128) +
                             static_cast<std::int32_t>((unit * rounded + 1) / 2);
  f.c1 = c1.value;
  f.c2 = subtract ? -c2.value : c2.value;
  f.offset = (2 * p.output_zero_point + 1) * (1 << (f.k - 1)) - (p.zero_point1 + 128) * f.c1 -
             (p.zero_point2 + 128) * f.c2 + error;
  f.two_errors = 2 * static_cast<std::uint32_t>(error);
  return f;
}

template <typename V>
class SumOfPairs {
 public:
  using Vec = typename V::Vec;

  SumOfPairs(const AddSubParams& p, bool subtract) : SumOfPairs(p, FactorsOf(p, subtract)) {}

  /// Whether it decides often enough to be worth while.
  [[nodiscard]] bool useful() const { return useful_; }

  /// 4 * V::kLanes results. Returns false where some of them may be wrong.
  [[gnu::always_inline]] bool operator()(const std::int8_t* input1, const std::int8_t* input2,
                                         Vec* bytes) const {
    const Vec a = V::Xor(V::Load(input1), sign_);
    const Vec b = V::Xor(V::Load(input2), sign_);
    // Unpacking and packing work within each 128 bits: the one undoes the other's order.
    const Vec low = V::UnpackLow8(a, b);
    const Vec high = V::UnpackHigh8(a, b);
    const Vec zero = V::Set32(0);
    Vec least = V::Set32(-1);
    const Vec v0 = Steps(V::UnpackLow8(low, zero), &least);
    const Vec v1 = Steps(V::UnpackHigh8(low, zero), &least);
    const Vec v2 = Steps(V::UnpackLow8(high, zero), &least);
    const Vec v3 = Steps(V::UnpackHigh8(high, zero), &least);
    const Vec all = V::Pack16To8(V::Pack32To16(v0, v1), V::Pack32To16(v2, v3));
    *bytes = V::Min8(V::Max8(all, min_), max_);
    return !V::AnyLessUnsigned32(least, least_sure_);
  }

 private:
  SumOfPairs(const AddSubParams& p, const PairFactors& f)
      : high_(Pair(f.c1 >> kLowBits, f.c2 >> kLowBits)),
        low_(Pair(f.c1 & kLowMask, f.c2 & kLowMask)),
        offset_(V::Set32(f.offset)),
        shift_(V::Set32(f.k)),
        fraction_(V::Set32(32 - f.k)),
        least_sure_(V::Set32(static_cast<std::int32_t>(f.two_errors << ((32 - f.k) & 31)))),
        min_(V::Set8(static_cast<std::int8_t>(p.clamp_min))),
        max_(V::Set8(static_cast<std::int8_t>(p.clamp_max))),
        sign_(V::Set8(INT8_MIN)),
        useful_(f.k >= kLeastFractionBits && f.two_errors >> (f.k - kUnsureBits) == 0) {}

  static constexpr int kLowBits = 15;
  static constexpr std::int32_t kLowMask = (1 << kLowBits) - 1;
  /// From 18 bits on, and with less than one value in 2^9 unsure.
  static constexpr std::int32_t kLeastFractionBits = 18;
  static constexpr std::int32_t kUnsureBits = 9;

  static Vec Pair(std::int32_t first, std::int32_t second) {
    const std::uint32_t pair =
        (static_cast<std::uint32_t>(first) & 0xFFFF) | static_cast<std::uint32_t>(second) << 16;
    return V::Set32(static_cast<std::int32_t>(pair));
  }

  /// floor(Y / 2^k) of pairs (u1, u2); `least` keeps the least fraction of Y.
  [[gnu::always_inline]] Vec Steps(Vec pairs, Vec* least) const {
    const Vec high = V::ShiftLeft32(V::MultiplyAddPairs16(pairs, high_), V::Set32(kLowBits));
    const Vec low = V::Add32(V::MultiplyAddPairs16(pairs, low_), offset_);
    const Vec y = V::Add32(high, low);
    *least = V::MinUnsigned32(*least, V::ShiftLeft32(y, fraction_));
    return V::ShiftRightArithmetic32(y, shift_);
  }

  Vec high_, low_, offset_, shift_, fraction_, least_sure_, min_, max_, sign_;
  bool useful_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_SUM_OF_PAIRS_H_
