// Add, Sub and Mul: four values at a time.
#include "kernels/generic/broadcast.h"
#include "kernels/inventory.h"
#include "kernels/mve/requantize.h"

namespace quaver::kernels {
namespace {

/// A single factor for all lanes. The multiplier is a vector since there are more factors than
/// general registers.
struct Scaling {
  Scaling(std::int32_t multiplier, std::int32_t shift_right)
      : multiplier(vdupq_n_s32(multiplier)), shift(shift_right) {}

  [[nodiscard]] int32x4_t operator()(int32x4_t x) const {
    return vrshlq_n_s32(vqdmulhq_s32(x, multiplier), shift);
  }

  int32x4_t multiplier;
  std::int32_t shift;
};

struct Output {
  Scaling scale;
  std::int32_t zero_point;
  int32x4_t low, high;

  [[nodiscard]] int32x4_t operator()(int32x4_t sum) const {
    const int32x4_t value = vaddq_n_s32(scale(sum), zero_point);
    return vminq_s32(vmaxq_s32(value, low), high);
  }
};

template <typename Params>
Output OutputOf(const Params& p) {
  return {{p.output_multiplier, p.output_shift},
          p.output_zero_point,
          vdupq_n_s32(p.clamp_min),
          vdupq_n_s32(p.clamp_max)};
}

/// Where four neighbouring values of an input lie, and the way to the next: one that is the same
/// for all (stride 0) is copied to `fours`.
struct Input {
  Input(const std::int8_t* input, std::ptrdiff_t stride, std::int8_t* fours)
      : next(input), step(4) {
    if (stride == 1) return;
    for (int i = 0; i < 4; ++i) fours[i] = *input;
    next = fours;
    step = 0;
  }

  const std::int8_t* next;
  std::ptrdiff_t step;
};

/// output = op(x1, x2) over all elements. Strides of the last dimension are 0 or 1.
template <typename Op>
void Elementwise(const BroadcastParams& params, const Work& work, Op op) {
  ForEachBroadcastRow(
      params, work,
      [op](const std::int8_t* input1, std::ptrdiff_t stride1, const std::int8_t* input2,
           std::ptrdiff_t stride2, std::int8_t* output, std::int32_t count) {
        const Op local = op;  // which what is written cannot change
        std::int8_t fours1[4], fours2[4];
        Input x1(input1, stride1, fours1);
        Input x2(input2, stride2, fours2);
        for (; count >= 4; count -= 4) {
          vstrbq_s32(output, local(vldrbq_s32(x1.next), vldrbq_s32(x2.next)));
          x1.next += x1.step;
          x2.next += x2.step;
          output += 4;
        }
        if (count == 0) return;
        const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(count));
        vstrbq_p_s32(output, local(vldrbq_z_s32(x1.next, lanes), vldrbq_z_s32(x2.next, lanes)),
                     lanes);
      });
}

/// An input at the common scale of both. Terms are below 2^30 in magnitude. Their shifts may be 0:
/// one more to the left is made up for by one more to the right.
struct Term {
  std::int32_t zero_point, left;
  Scaling scale;

  [[nodiscard]] int32x4_t operator()(int32x4_t x) const {
    return scale(vshlq_r_s32(vsubq_n_s32(x, zero_point), left));
  }
};

template <int kSign>
void AddSub(const AddSubParams& p, const Work& work) {
  const Output output = OutputOf(p);
  const Term term1{p.zero_point1, p.left_shift + 1, {p.multiplier1, p.shift1 - 1}};
  const Term term2{p.zero_point2, p.left_shift + 1, {p.multiplier2, p.shift2 - 1}};
  Elementwise(p, work, [output, term1, term2](int32x4_t x1, int32x4_t x2) {
    return output(kSign > 0 ? vaddq_s32(term1(x1), term2(x2)) : vsubq_s32(term1(x1), term2(x2)));
  });
}

}  // namespace

void AddMve(const AddParams& params, const Work& work) { AddSub<1>(params, work); }

void SubMve(const SubParams& params, const Work& work) { AddSub<-1>(params, work); }

void MulMve(const MulParams& p, const Work& work) {
  const Output output = OutputOf(p);
  const std::int32_t zero_point1 = p.zero_point1;
  const std::int32_t zero_point2 = p.zero_point2;
  Elementwise(p, work, [output, zero_point1, zero_point2](int32x4_t x1, int32x4_t x2) {
    return output(vmulq_s32(vsubq_n_s32(x1, zero_point1), vsubq_n_s32(x2, zero_point2)));
  });
}

}  // namespace quaver::kernels
