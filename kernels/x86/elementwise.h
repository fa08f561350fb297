// Add, sub and mul: four vectors of elements at a time.
#ifndef QUAVER_KERNELS_X86_ELEMENTWISE_H_
#define QUAVER_KERNELS_X86_ELEMENTWISE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/generic/broadcast.h"
#include "kernels/params.h"
#include "kernels/x86/requantize.h"
#include "kernels/x86/sum_of_pairs.h"

namespace quaver::kernels {
namespace {

/// One input of a run as chunks of kBytes contiguous bytes: in place, or gathered into a buffer.
template <std::int32_t kBytes>
class Chunks {
 public:
  Chunks(const std::int8_t* source, std::ptrdiff_t stride) : source_(source), stride_(stride) {
    if (stride == 0) std::memset(buffer_, *source, sizeof buffer_);
  }

  /// Elements [first, first + count) and, where count < kBytes, anything after them.
  const std::int8_t* At(std::int32_t first, std::int32_t count) {
    if (stride_ == 0) return buffer_;
    if (stride_ == 1 && count == kBytes) return source_ + first;
    for (std::int32_t i = 0; i < count; ++i) buffer_[i] = source_[(first + i) * stride_];
    return buffer_;
  }

 private:
  const std::int8_t* source_;
  std::ptrdiff_t stride_;
  std::int8_t buffer_[kBytes] = {};
};

/// output = block(input1, input2), block on addresses of 4 * V::kLanes elements.
template <typename V, typename Block>
void RunElementwise(const BroadcastParams& p, const Work& work, Block block) {
  constexpr std::int32_t kBytes = 4 * V::kLanes;
  ForEachBroadcastRow(
      p, work,
      [&](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
          std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        Chunks<kBytes> chunks1(input1, stride1);
        Chunks<kBytes> chunks2(input2, stride2);
        for (std::int32_t i = 0; i < count; i += kBytes) {
          const std::int32_t n = count - i < kBytes ? count - i : kBytes;
          const typename V::Vec bytes = block(chunks1.At(i, n), chunks2.At(i, n));
          if (n == kBytes) {
            V::Store(output + i, bytes);
          } else {
            std::int8_t tail[kBytes];
            V::Store(tail, bytes);
            std::memcpy(output + i, tail, static_cast<std::size_t>(n));
          }
        }
      });
}

/// narrow(op(a, b)), op on vectors of int32.
template <typename V, typename Op>
[[gnu::always_inline]] inline typename V::Vec WidenAndNarrow(const std::int8_t* a,
                                                             const std::int8_t* b,
                                                             const Narrower<V>& narrow, Op op) {
  const auto at = [&](int v) {
    return op(V::Widen8(a + v * V::kLanes), V::Widen8(b + v * V::kLanes));
  };
  return narrow(at(0), at(1), at(2), at(3));
}

/// (q - zero_point) * 2^left_shift, requantized. With two bits more to the left the right shift is
/// at least 2, as Requantizer::Plain wants it. Preconditions: SupportsAddX86.
template <typename V>
class Rescaler {
 public:
  Rescaler(std::int32_t zero_point, std::int32_t left_shift, std::int32_t multiplier,
           std::int32_t shift)
      : zero_point_(V::Set32(zero_point)),
        left_shift_(V::Set32(left_shift + 2)),
        requantize_(V::Set32(multiplier), V::Set32(shift - 2)) {}

  typename V::Vec operator()(typename V::Vec q) const {
    return requantize_.Plain(V::ShiftLeft32(V::Sub32(q, zero_point_), left_shift_));
  }

 private:
  typename V::Vec zero_point_, left_shift_;
  Requantizer<V> requantize_;
};

/// The same where the multiplier is exactly a half: of the input whose scale is the larger one, as
/// TensorFlow Lite multiplies both by s / (2 max(s1, s2)).
template <typename V>
class Halver {
 public:
  static bool Fits(std::int32_t left_shift, std::int32_t multiplier, std::int32_t shift) {
    return left_shift > 0 && multiplier == 1 << 30 && shift == 0;
  }

  Halver(std::int32_t zero_point, std::int32_t left_shift)
      : zero_point_(V::Set32(zero_point)), left_shift_(V::Set32(left_shift - 1)) {}

  typename V::Vec operator()(typename V::Vec q) const {
    return V::ShiftLeft32(V::Sub32(q, zero_point_), left_shift_);
  }

 private:
  typename V::Vec zero_point_, left_shift_;
};

/// By the definition.
template <typename V, bool kSubtract, typename Rescale1, typename Rescale2>
class RescaledSum {
 public:
  RescaledSum(const AddSubParams& p, Rescale1 rescale1, Rescale2 rescale2)
      : rescale1_(rescale1),
        rescale2_(rescale2),
        requantize_(V::Set32(p.output_multiplier), V::Set32(p.output_shift)),
        narrow_(p.output_zero_point, p.clamp_min, p.clamp_max) {}

  /// 4 * V::kLanes results.
  typename V::Vec operator()(const std::int8_t* a, const std::int8_t* b) const {
    using Vec = typename V::Vec;
    return WidenAndNarrow<V>(a, b, narrow_, [this](Vec q1, Vec q2) {
      const Vec term1 = rescale1_(q1);
      const Vec term2 = rescale2_(q2);
      return requantize_.Plain(kSubtract ? V::Sub32(term1, term2) : V::Add32(term1, term2));
    });
  }
  [[gnu::noinline]] typename V::Vec OutOfLine(const std::int8_t* a, const std::int8_t* b) const {
    return (*this)(a, b);
  }

 private:
  Rescale1 rescale1_;
  Rescale2 rescale2_;
  Requantizer<V> requantize_;
  Narrower<V> narrow_;
};

template <typename V, bool kSubtract, typename Rescale1, typename Rescale2>
void RunRescaled(const AddSubParams& p, const Work& work, Rescale1 rescale1, Rescale2 rescale2) {
  const RescaledSum<V, kSubtract, Rescale1, Rescale2> exact(p, rescale1, rescale2);
  const SumOfPairs<V> quick(p, kSubtract);
  if (quick.useful()) {
    RunElementwise<V>(p, work, [&](const std::int8_t* a, const std::int8_t* b) {
      typename V::Vec bytes;
      return quick(a, b, &bytes) ? bytes : exact.OutOfLine(a, b);
    });
  } else {
    RunElementwise<V>(p, work, exact);
  }
}

template <typename V, bool kSubtract>
void RunAddSub(const AddSubParams& p, const Work& work) {
  const Rescaler<V> rescale1(p.zero_point1, p.left_shift, p.multiplier1, p.shift1);
  const Rescaler<V> rescale2(p.zero_point2, p.left_shift, p.multiplier2, p.shift2);
  if (Halver<V>::Fits(p.left_shift, p.multiplier1, p.shift1)) {
    RunRescaled<V, kSubtract>(p, work, Halver<V>(p.zero_point1, p.left_shift), rescale2);
  } else if (Halver<V>::Fits(p.left_shift, p.multiplier2, p.shift2)) {
    RunRescaled<V, kSubtract>(p, work, rescale1, Halver<V>(p.zero_point2, p.left_shift));
  } else {
    RunRescaled<V, kSubtract>(p, work, rescale1, rescale2);
  }
}

template <typename V>
void RunMul(const MulParams& p, const Work& work) {
  using Vec = typename V::Vec;
  const Vec zero_point1 = V::Set32(p.zero_point1);
  const Vec zero_point2 = V::Set32(p.zero_point2);
  const Requantizer<V> requantize(V::Set32(p.output_multiplier), V::Set32(p.output_shift));
  const Narrower<V> narrow(p.output_zero_point, p.clamp_min, p.clamp_max);
  RunElementwise<V>(p, work, [&](const std::int8_t* a, const std::int8_t* b) {
    return WidenAndNarrow<V>(a, b, narrow, [&](Vec q1, Vec q2) {
      return requantize.Plain(V::Mul32(V::Sub32(q1, zero_point1), V::Sub32(q2, zero_point2)));
    });
  });
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_ELEMENTWISE_H_
