// Add, sub and mul: sixteen elements at a time.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/arm/compat.h"
#include "kernels/arm/memory.h"
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

// The compiler knows nothing of what is in the register. It would keep the lower half of a constant
// once more in another, and run out of them.
template <typename T>
void Pin(T& v) {
  asm("" : "+w"(v));
}

// output = op(input1, input2), op of sixteen at once, before the clamp. Of two contiguous inputs 32
// at a time.
template <typename Params, typename Op>
void RunElementwise(const Params& p, const Work& work, const Op& shared_op) {
  const Narrower shared_narrow(p.output_zero_point, p.clamp_min, p.clamp_max);
  ForEachBroadcastRow(
      p, work,
      [&](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
          std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        // Copies, which no store to the output can change.
        Op op = shared_op;
        op.PinAll();
        const Narrower narrow = shared_narrow;
        if (stride1 == 1 && stride2 == 1) {
          auto address1 = reinterpret_cast<Address>(input1);
          auto address2 = reinterpret_cast<Address>(input2);
          for (std::int32_t pairs = count / (2 * kChunk); pairs > 0; --pairs) {
            int8x16_t a[2];
            int8x16_t b[2];
            LoadTwoAndMove(address1, a[0], a[1]);
            LoadTwoAndMove(address2, b[0], b[1]);
            int8x16_t first = op(a[0], b[0]);
            int8x16_t second = op(a[1], b[1]);
            if (narrow.clamps()) {
              first = narrow.Clamp(first);
              second = narrow.Clamp(second);
            }
            StoreTwoAndMove(output, first, second);
          }
          const std::int32_t done = count / (2 * kChunk) * (2 * kChunk);
          input1 += done;
          input2 += done;
          count -= done;
        }
        Chunks chunks1(input1, stride1);
        Chunks chunks2(input2, stride2);
        for (std::int32_t i = 0; i < count; i += kChunk) {
          const std::int32_t n = count - i < kChunk ? count - i : kChunk;
          std::int8_t buffer[kChunk];
          vst1q_s8(buffer, narrow.Clamp(op(chunks1.At(i, n), chunks2.At(i, n))));
          std::memcpy(output + i, buffer, static_cast<std::size_t>(n));
        }
      });
}

// Sums of eight elements.
struct Sums {
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

  void PinAll() {
    Pin(zero_point_);
    Pin(first_);
    Pin(rest_);
  }

  // Of the lower eight of sixteen, or of the upper eight.
  template <bool kUpper>
  [[nodiscard]] Sums Scale(int8x16_t q) const {
    const int16x8_t x = First<kUpper>(q);
    return {{vmull_s16(vget_low_s16(x), vget_low_s16(rest_)), MultiplyHigh(x, rest_)}};
  }
  // sum + or - that.
  template <bool kUpper, bool kSubtract>
  [[nodiscard]] Sums AddTo(const Sums& sum, int8x16_t q) const {
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
// kShift: of an output shift r of at least 17 floor(h / 2^16) is shifted by the rest of it in 16
// bits, which is the same, as nested floors are one. Where the rest is a constant, the zero point
// is added before: what saturates is beyond the clamp, as 32767 / 2^rest is more than 255.
constexpr int kAnyShift = 0;
constexpr int kWideShift = -1;

template <bool kSubtract, bool kExact2, int kShift>
class SumOfTerms {
 public:
  SumOfTerms(const AddSubParams& p, const Term& term1, const Term& term2)
      : scale1_(term1.zero_point, term1.k),
        scale2_(term2.zero_point, kExact2 ? term2.k - 1 : term2.k),
        multiplier1_(vdupq_n_s32(term1.multiplier)),
        multiplier2_(vdupq_n_s32(term2.multiplier)),
        multiplier_(vdupq_n_s32(p.output_multiplier)),
        shift_(vdupq_n_s32(p.output_shift)),
        rest_(vdupq_n_s16(static_cast<std::int16_t>(p.output_shift + 16))),
        zero_point_(vdupq_n_s16(static_cast<std::int16_t>(
            kShift > 0 ? p.output_zero_point * (1 << kShift) : p.output_zero_point))) {}

  void PinAll() {
    scale1_.PinAll();
    scale2_.PinAll();
  }

  [[nodiscard]] int8x16_t operator()(int8x16_t q1, int8x16_t q2) const {
    const int16x8_t low = vqaddq_s16(Half<false>(q1, q2), zero_point_);
    const int16x8_t high = vqaddq_s16(Half<true>(q1, q2), zero_point_);
    if constexpr (kShift > 0) return RoundedShiftNarrow<kShift>(low, high);
    return Narrow16(low, high);
  }

 private:
  template <bool kUpper>
  [[nodiscard]] int16x8_t Half(int8x16_t q1, int8x16_t q2) const {
    Sums sum = scale1_.template Scale<kUpper>(q1);
    for (int32x4_t& v : sum.v) v = vqrdmulhq_s32(v, multiplier1_);
    if constexpr (kExact2) {
      sum = scale2_.template AddTo<kUpper, kSubtract>(sum, q2);
    } else {
      const Sums other = scale2_.template Scale<kUpper>(q2);
      for (int i = 0; i < 2; ++i) {
        const int32x4_t v = vqrdmulhq_s32(other.v[i], multiplier2_);
        sum.v[i] = kSubtract ? vsubq_s32(sum.v[i], v) : vaddq_s32(sum.v[i], v);
      }
    }
    for (int32x4_t& v : sum.v) v = vqdmulhq_s32(v, multiplier_);
    if constexpr (kShift > 0) return HighHalves(sum.v[0], sum.v[1]);
    if constexpr (kShift == kWideShift) return vrshlq_s16(HighHalves(sum.v[0], sum.v[1]), rest_);
    return Narrow32(vrshlq_s32(sum.v[0], shift_), vrshlq_s32(sum.v[1], shift_));
  }

  Scaler scale1_, scale2_;
  int32x4_t multiplier1_, multiplier2_, multiplier_, shift_;
  int16x8_t rest_, zero_point_;
};

template <int kValue>
using Constant = std::integral_constant<int, kValue>;

template <bool kSubtract, bool kExact2>
void RunTerms(const AddSubParams& p, const Work& work, const Term& term1, const Term& term2) {
  const auto run = [&](auto shift) {
    RunElementwise(p, work,
                   SumOfTerms<kSubtract, kExact2, decltype(shift)::value>(p, term1, term2));
  };
  // The shifts of residual blocks, whose output has about the scale of their inputs.
  if constexpr (kExact2 && !kSubtract) {
    if (p.output_shift == -17) return run(Constant<1>{});
    if (p.output_shift == -18) return run(Constant<2>{});
    if (p.output_shift == -19) return run(Constant<3>{});
  }
  if (p.output_shift <= -17) {
    run(Constant<kWideShift>{});
  } else {
    run(Constant<kAnyShift>{});
  }
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

class Product {
 public:
  explicit Product(const MulParams& p)
      : zero_point1_(vdupq_n_s8(static_cast<std::int8_t>(p.zero_point1))),
        zero_point2_(vdupq_n_s8(static_cast<std::int8_t>(p.zero_point2))),
        requantize_(vdupq_n_s32(p.output_multiplier), vdupq_n_s32(p.output_shift)),
        narrow_(p.output_zero_point, p.clamp_min, p.clamp_max) {}

  void PinAll() {
    Pin(zero_point1_);
    Pin(zero_point2_);
  }

  [[nodiscard]] int8x16_t operator()(int8x16_t a, int8x16_t b) const {
    return narrow_.Bytes(Half(vsubl_s8(vget_low_s8(a), vget_low_s8(zero_point1_)),
                              vsubl_s8(vget_low_s8(b), vget_low_s8(zero_point2_))),
                         Half(SubtractHigh(a, zero_point1_), SubtractHigh(b, zero_point2_)));
  }

 private:
  [[nodiscard]] int16x8_t Half(int16x8_t a, int16x8_t b) const {
    return Narrow32(requantize_(vmull_s16(vget_low_s16(a), vget_low_s16(b))),
                    requantize_(MultiplyHigh(a, b)));
  }

  int8x16_t zero_point1_, zero_point2_;
  Requantizer requantize_;
  Narrower narrow_;
};

}  // namespace

void AddNeon(const AddParams& params, const Work& work) { RunAddSub<false>(params, work); }

void SubNeon(const SubParams& params, const Work& work) { RunAddSub<true>(params, work); }

void MulNeon(const MulParams& params, const Work& work) {
  RunElementwise(params, work, Product(params));
}

}  // namespace quaver::kernels
