// Add, Sub and Mul: four values at a time.
#include "kernels/generic/broadcast.h"
#include "kernels/inventory.h"
#include "kernels/mve/requantize.h"

namespace quaver::kernels {
namespace {

/// Four values of an input that is contiguous (stride 1) or has one value for all.
inline int32x4_t LoadFour(const std::int8_t* input, std::ptrdiff_t stride, mve_pred16_t lanes) {
  return stride == 0 ? vdupq_n_s32(*input) : vldrbq_z_s32(input, lanes);
}

/// A single multiplier for all lanes.
inline int32x4_t ScaleRightBy(int32x4_t x, std::int32_t multiplier, std::int32_t shift) {
  return vrshlq_n_s32(vqdmulhq_n_s32(x, multiplier), shift);
}

struct Output {
  std::int32_t multiplier, shift, zero_point;
  int32x4_t low, high;

  [[nodiscard]] int32x4_t operator()(int32x4_t sum) const {
    const int32x4_t value = vaddq_n_s32(ScaleRightBy(sum, multiplier, shift), zero_point);
    return vminq_s32(vmaxq_s32(value, low), high);
  }
};

template <typename Params>
Output OutputOf(const Params& p) {
  return {p.output_multiplier, p.output_shift, p.output_zero_point, vdupq_n_s32(p.clamp_min),
          vdupq_n_s32(p.clamp_max)};
}

/// output = op(x1, x2) over all elements. Strides of the last dimension are 0 or 1.
template <typename Op>
void Elementwise(const BroadcastParams& params, const Work& work, Op op) {
  ForEachBroadcastRow(
      params, work,
      [op](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
           std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        for (; count > 0; count -= 4) {
          const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(count));
          vstrbq_p_s32(output,
                       op(LoadFour(input1, stride1, lanes), LoadFour(input2, stride2, lanes)),
                       lanes);
          input1 += 4 * stride1;
          input2 += 4 * stride2;
          output += 4;
        }
      });
}

/// Terms are below 2^30 in magnitude. Their shifts may be 0: one more to the left is made up for
/// by one more to the right.
template <int kSign>
void AddSub(const AddSubParams& p, const Work& work) {
  const Output output = OutputOf(p);
  const std::int32_t left = p.left_shift + 1;
  Elementwise(p, work, [&p, &output, left](int32x4_t x1, int32x4_t x2) {
    const int32x4_t term1 = ScaleRightBy(vshlq_r_s32(vsubq_n_s32(x1, p.zero_point1), left),
                                         p.multiplier1, p.shift1 - 1);
    const int32x4_t term2 = ScaleRightBy(vshlq_r_s32(vsubq_n_s32(x2, p.zero_point2), left),
                                         p.multiplier2, p.shift2 - 1);
    return output(kSign > 0 ? vaddq_s32(term1, term2) : vsubq_s32(term1, term2));
  });
}

}  // namespace

void AddMve(const AddParams& params, const Work& work) { AddSub<1>(params, work); }

void SubMve(const SubParams& params, const Work& work) { AddSub<-1>(params, work); }

void MulMve(const MulParams& p, const Work& work) {
  const Output output = OutputOf(p);
  Elementwise(p, work, [&p, &output](int32x4_t x1, int32x4_t x2) {
    return output(vmulq_s32(vsubq_n_s32(x1, p.zero_point1), vsubq_n_s32(x2, p.zero_point2)));
  });
}

}  // namespace quaver::kernels
