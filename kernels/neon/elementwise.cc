// Add, sub and mul: sixteen elements at a time.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

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

struct Words {
  int32x4_t v[2];
};

// output = narrow(op(input1, input2)), op from eight int8 each to int32.
template <typename Op>
void RunElementwise(const BroadcastParams& p, const Work& work, const Narrower& narrow, Op op) {
  ForEachBroadcastRow(
      p, work,
      [&](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
          std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        Chunks chunks1(input1, stride1);
        Chunks chunks2(input2, stride2);
        for (std::int32_t i = 0; i < count; i += kChunk) {
          const std::int32_t n = count - i < kChunk ? count - i : kChunk;
          const int8x16_t a = chunks1.At(i, n);
          const int8x16_t b = chunks2.At(i, n);
          const Words low = op(vget_low_s8(a), vget_low_s8(b));
          const Words high = op(vget_high_s8(a), vget_high_s8(b));
          const int8x16_t bytes = narrow(low.v[0], low.v[1], high.v[0], high.v[1]);
          if (n == kChunk) {
            vst1q_s8(output + i, bytes);
          } else {
            std::int8_t tail[kChunk];
            vst1q_s8(tail, bytes);
            std::memcpy(output + i, tail, static_cast<std::size_t>(n));
          }
        }
      });
}

// requant((q - zero_point) * 2^left_shift, m, s). With k = left_shift + s in [0, 20] that is
// round((q - zero_point) * 2^k * m / 2^31), halves up: SQRDMULH. |q - zero_point| < 2^8, so 6 of
// the k bits fit into int16, and the rest is a product with at most 2^14.
class Rescaler {
 public:
  Rescaler(std::int32_t zero_point, std::int32_t left_shift, std::int32_t multiplier,
           std::int32_t shift)
      : zero_point_(vdup_n_s8(static_cast<std::int8_t>(zero_point))),
        multiplier_(vdupq_n_s32(multiplier)) {
    const std::int32_t k = left_shift + shift;
    const std::int32_t first = k < 6 ? k : 6;
    first_ = vdupq_n_s16(static_cast<std::int16_t>(first));
    rest_ = vdupq_n_s16(static_cast<std::int16_t>(1 << (k - first)));
  }

  [[nodiscard]] Words operator()(int8x8_t q) const {
    const int16x8_t scaled = vshlq_s16(vsubl_s8(q, zero_point_), first_);
    const int32x4_t low = vmull_s16(vget_low_s16(scaled), vget_low_s16(rest_));
    return {
        {vqrdmulhq_s32(low, multiplier_), vqrdmulhq_s32(MultiplyHigh(scaled, rest_), multiplier_)}};
  }

 private:
  int8x8_t zero_point_;
  int32x4_t multiplier_;
  int16x8_t first_, rest_;
};

template <bool kSubtract>
void RunAddSub(const AddSubParams& p, const Work& work) {
  const Rescaler rescale1(p.zero_point1, p.left_shift, p.multiplier1, p.shift1);
  const Rescaler rescale2(p.zero_point2, p.left_shift, p.multiplier2, p.shift2);
  const Requantizer requantize(vdupq_n_s32(p.output_multiplier), vdupq_n_s32(p.output_shift));
  const Narrower narrow(p.output_zero_point, p.clamp_min, p.clamp_max);
  RunElementwise(p, work, narrow, [&](int8x8_t q1, int8x8_t q2) {
    const Words a = rescale1(q1);
    const Words b = rescale2(q2);
    const auto sum = [&](int i) {
      return requantize(kSubtract ? vsubq_s32(a.v[i], b.v[i]) : vaddq_s32(a.v[i], b.v[i]));
    };
    return Words{{sum(0), sum(1)}};
  });
}

}  // namespace

void AddNeon(const AddParams& params, const Work& work) { RunAddSub<false>(params, work); }

void SubNeon(const SubParams& params, const Work& work) { RunAddSub<true>(params, work); }

void MulNeon(const MulParams& p, const Work& work) {
  const int8x8_t zero_point1 = vdup_n_s8(static_cast<std::int8_t>(p.zero_point1));
  const int8x8_t zero_point2 = vdup_n_s8(static_cast<std::int8_t>(p.zero_point2));
  const Requantizer requantize(vdupq_n_s32(p.output_multiplier), vdupq_n_s32(p.output_shift));
  const Narrower narrow(p.output_zero_point, p.clamp_min, p.clamp_max);
  RunElementwise(p, work, narrow, [&](int8x8_t q1, int8x8_t q2) {
    const int16x8_t a = vsubl_s8(q1, zero_point1);
    const int16x8_t b = vsubl_s8(q2, zero_point2);
    return Words{
        {requantize(vmull_s16(vget_low_s16(a), vget_low_s16(b))), requantize(MultiplyHigh(a, b))}};
  });
}

}  // namespace quaver::kernels
