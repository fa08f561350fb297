// Add, sub and mul: sixteen elements at a time.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/arm/compat.h"
#include "kernels/arm/output_stage.h"
#include "kernels/generic/broadcast.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kChunk = 16;

// One input of a run as chunks of contiguous bytes: in place, or gathered into a buffer.
class Chunks {
 public:
  Chunks(const std::int8_t* source, std::ptrdiff_t stride) : source_(source), stride_(stride) {
    if (stride == 0) std::memset(buffer_, *source, sizeof buffer_);
  }

  // Elements [first, first + count) and, where count < kChunk, anything after them.
  int8x16_t At(std::int32_t first, std::int32_t count) {
    if (stride_ == 1 && count == kChunk) return vld1q_s8(source_ + first);
    if (stride_ != 0) {
      for (std::int32_t i = 0; i < count; ++i) buffer_[i] = source_[(first + i) * stride_];
    }
    return vld1q_s8(buffer_);
  }

 private:
  const std::int8_t* source_;
  std::ptrdiff_t stride_;
  std::int8_t buffer_[kChunk] = {};
};

// output = op(input1, input2), op of sixteen at once; it holds its constants by value.
template <typename Op>
void RunElementwise(const BroadcastParams& p, const Work& work, const Op& shared_op) {
  ForEachBroadcastRow(
      p, work,
      [&](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
          std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        // A copy, which no store to the output can change.
        const Op op = shared_op;
        std::int32_t i = 0;
        if (stride1 == 1 && stride2 == 1) {
          for (; i + kChunk <= count; i += kChunk) {
            vst1q_s8(output + i, op(vld1q_s8(input1 + i), vld1q_s8(input2 + i)));
          }
        }
        Chunks chunks1(input1, stride1);
        Chunks chunks2(input2, stride2);
        for (; i < count; i += kChunk) {
          const std::int32_t n = count - i < kChunk ? count - i : kChunk;
          std::int8_t bytes[kChunk];
          vst1q_s8(bytes, op(chunks1.At(i, n), chunks2.At(i, n)));
          std::memcpy(output + i, bytes, static_cast<std::size_t>(n));
        }
      });
}

// Zero point and clamp of 16 bits, and narrowing.
class Finish {
 public:
  Finish(std::int32_t zero_point, std::int32_t clamp_min, std::int32_t clamp_max)
      : zero_point_(vdupq_n_s16(static_cast<std::int16_t>(zero_point))),
        low_(vdupq_n_s8(static_cast<std::int8_t>(clamp_min))),
        high_(vdupq_n_s8(static_cast<std::int8_t>(clamp_max))) {}

  [[nodiscard]] int8x16_t operator()(int16x8_t low, int16x8_t high) const {
    const int8x16_t bytes = Narrow16(vqaddq_s16(low, zero_point_), vqaddq_s16(high, zero_point_));
    return vminq_s8(vmaxq_s8(bytes, low_), high_);
  }

 private:
  int16x8_t zero_point_;
  int8x16_t low_, high_;
};

struct Words {
  int32x4_t v[2];
};

// (q - zero_point) * 2^k, k in [0, 20]. |q - zero_point| < 2^8, so 6 of the k bits fit into int16,
// and the rest is a product with at most 2^14.
class Scaler {
 public:
  Scaler(std::int32_t zero_point, std::int32_t k)
      : zero_point_(vdupq_n_s8(static_cast<std::int8_t>(zero_point))) {
    const std::int32_t first = k < 6 ? k : 6;
    first_ = vdupq_n_s16(static_cast<std::int16_t>(first));
    rest_ = vdupq_n_s16(static_cast<std::int16_t>(1 << (k - first)));
  }

  // Of the lower eight of sixteen, or of the upper eight.
  template <bool kUpper>
  [[nodiscard]] Words Scale(int8x16_t q) const {
    const int16x8_t x = First<kUpper>(q);
    return {{vmull_s16(vget_low_s16(x), vget_low_s16(rest_)), MultiplyHigh(x, rest_)}};
  }
  // sum + or - that.
  template <bool kUpper, bool kSubtract>
  [[nodiscard]] Words AddTo(const Words& sum, int8x16_t q) const {
    const int16x8_t x = First<kUpper>(q);
    if constexpr (kSubtract) {
      return {{vmlsl_s16(sum.v[0], vget_low_s16(x), vget_low_s16(rest_)),
               MultiplySubtractHigh(sum.v[1], x, rest_)}};
    }
    return {{vmlal_s16(sum.v[0], vget_low_s16(x), vget_low_s16(rest_)),
             MultiplyAddHigh(sum.v[1], x, rest_)}};
  }

 private:
  template <bool kUpper>
  [[nodiscard]] int16x8_t First(int8x16_t q) const {
    return vshlq_s16(
        kUpper ? SubtractHigh(q, zero_point_) : vsubl_s8(vget_low_s8(q), vget_low_s8(zero_point_)),
        first_);
  }

  int8x16_t zero_point_;
  int16x8_t first_, rest_;
};

// One input of Add or Sub.
struct Term {
  std::int32_t zero_point, multiplier;
  std::int32_t k;  // left_shift + shift
};

// requant((q - zero_point) * 2^left_shift, m, s) is round((q - zero_point) * 2^k * m / 2^31),
// halves up: SQRDMULH. With m = 2^30, which the input of the larger scale has, it is (q -
// zero_point) * 2^(k-1), and is added as it is scaled: kExact2.
//
// kWide: the output shift r is at least 17. Then floor(h / 2^16) is shifted by the rest of it in 16
// bits, which is the same, as nested floors are one.
template <bool kSubtract, bool kExact2, bool kWide>
void RunTerms(const AddSubParams& p, const Work& work, const Term& term1, const Term& term2) {
  const Scaler scale1(term1.zero_point, term1.k);
  const Scaler scale2(term2.zero_point, kExact2 ? term2.k - 1 : term2.k);
  const int32x4_t multiplier1 = vdupq_n_s32(term1.multiplier);
  const int32x4_t multiplier2 = vdupq_n_s32(term2.multiplier);
  const int32x4_t multiplier = vdupq_n_s32(p.output_multiplier);
  const int32x4_t shift = vdupq_n_s32(p.output_shift);
  const int16x8_t rest = vdupq_n_s16(static_cast<std::int16_t>(p.output_shift + 16));
  const Finish finish(p.output_zero_point, p.clamp_min, p.clamp_max);
  const auto half = [=](auto upper, int8x16_t q1, int8x16_t q2) {
    constexpr bool kUpper = decltype(upper)::value;
    Words sum = scale1.template Scale<kUpper>(q1);
    for (int32x4_t& v : sum.v) v = vqrdmulhq_s32(v, multiplier1);
    if constexpr (kExact2) {
      sum = scale2.template AddTo<kUpper, kSubtract>(sum, q2);
    } else {
      const Words other = scale2.template Scale<kUpper>(q2);
      for (int i = 0; i < 2; ++i) {
        const int32x4_t v = vqrdmulhq_s32(other.v[i], multiplier2);
        sum.v[i] = kSubtract ? vsubq_s32(sum.v[i], v) : vaddq_s32(sum.v[i], v);
      }
    }
    for (int32x4_t& v : sum.v) v = vqdmulhq_s32(v, multiplier);
    if constexpr (kWide) return vrshlq_s16(HighHalves(sum.v[0], sum.v[1]), rest);
    return Narrow32(vrshlq_s32(sum.v[0], shift), vrshlq_s32(sum.v[1], shift));
  };
  RunElementwise(p, work, [=](int8x16_t q1, int8x16_t q2) {
    return finish(half(std::false_type{}, q1, q2), half(std::true_type{}, q1, q2));
  });
}

template <bool kSubtract, bool kExact2>
void RunTerms(const AddSubParams& p, const Work& work, const Term& term1, const Term& term2) {
  if (p.output_shift <= -17) return RunTerms<kSubtract, kExact2, true>(p, work, term1, term2);
  RunTerms<kSubtract, kExact2, false>(p, work, term1, term2);
}

template <bool kSubtract>
void RunAddSub(const AddSubParams& p, const Work& work) {
  const Term term1{p.zero_point1, p.multiplier1, p.left_shift + p.shift1};
  const Term term2{p.zero_point2, p.multiplier2, p.left_shift + p.shift2};
  const auto is_exact = [](const Term& t) { return t.multiplier == 1 << 30 && t.k >= 1; };
  if (is_exact(term2)) return RunTerms<kSubtract, true>(p, work, term1, term2);
  if (kSubtract || !is_exact(term1)) return RunTerms<kSubtract, false>(p, work, term1, term2);
  AddSubParams swapped = p;
  swapped.input1 = p.input2;
  swapped.input2 = p.input1;
  swapped.strides1 = p.strides2;
  swapped.strides2 = p.strides1;
  RunTerms<kSubtract, true>(swapped, work, term2, term1);
}

}  // namespace

void AddNeon(const AddParams& params, const Work& work) { RunAddSub<false>(params, work); }

void SubNeon(const SubParams& params, const Work& work) { RunAddSub<true>(params, work); }

void MulNeon(const MulParams& p, const Work& work) {
  const int8x16_t zero_point1 = vdupq_n_s8(static_cast<std::int8_t>(p.zero_point1));
  const int8x16_t zero_point2 = vdupq_n_s8(static_cast<std::int8_t>(p.zero_point2));
  const Requantizer requantize(vdupq_n_s32(p.output_multiplier), vdupq_n_s32(p.output_shift));
  const Finish finish(p.output_zero_point, p.clamp_min, p.clamp_max);
  const auto product = [=](int16x8_t a, int16x8_t b) {
    return Narrow32(requantize(vmull_s16(vget_low_s16(a), vget_low_s16(b))),
                    requantize(MultiplyHigh(a, b)));
  };
  RunElementwise(p, work, [=](int8x16_t a, int8x16_t b) {
    return finish(product(vsubl_s8(vget_low_s8(a), vget_low_s8(zero_point1)),
                          vsubl_s8(vget_low_s8(b), vget_low_s8(zero_point2))),
                  product(SubtractHigh(a, zero_point1), SubtractHigh(b, zero_point2)));
  });
}

}  // namespace quaver::kernels
