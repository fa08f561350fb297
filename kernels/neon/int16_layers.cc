#include "kernels/generic/int16_layers.h"

#include <arm_neon.h>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// The sum of four int32 in 64 bits.
std::int64_t Sum(int32x4_t lanes) {
  const int64x2_t wide = vpaddlq_s32(lanes);
  return vgetq_lane_s64(wide, 0) + vgetq_lane_s64(wide, 1);
}

struct Neon {
  /// Each of four lanes adds a quarter of so many products, 510, of at most 2^22: below 2^31.
  static constexpr std::int32_t kBlock = 2040;

  template <int kRows>
  static void Dot(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                  std::int32_t depth, std::int64_t (*sums)[kInt16Channels]) {
    for (int r = 0; r < kRows; ++r) {
      for (std::int64_t& sum : sums[r]) sum = 0;
    }
    std::int32_t k = 0;
    while (depth - k >= 8) {
      const std::int32_t whole = (depth - k) / 8 * 8;
      const std::int32_t end = k + (whole < kBlock ? whole : kBlock);
      int32x4_t lanes[kRows][kInt16Channels];
      for (int r = 0; r < kRows; ++r) {
        for (int32x4_t& lane : lanes[r]) lane = vdupq_n_s32(0);
      }
      for (; k < end; k += 8) {
        int16x8_t x[kRows];
        for (int r = 0; r < kRows; ++r) x[r] = vld1q_s16(inputs[r] + k);
        for (int c = 0; c < kInt16Channels; ++c) {
          const int16x8_t w = vmovl_s8(vld1_s8(weights[c] + k));
          for (int r = 0; r < kRows; ++r) {
            lanes[r][c] = vmlal_s16(lanes[r][c], vget_low_s16(x[r]), vget_low_s16(w));
            lanes[r][c] = vmlal_s16(lanes[r][c], vget_high_s16(x[r]), vget_high_s16(w));
          }
        }
      }
      for (int r = 0; r < kRows; ++r) {
        for (int c = 0; c < kInt16Channels; ++c) sums[r][c] += Sum(lanes[r][c]);
      }
    }
    for (; k < depth; ++k) {
      for (int r = 0; r < kRows; ++r) {
        for (int c = 0; c < kInt16Channels; ++c) sums[r][c] += inputs[r][k] * weights[c][k];
      }
    }
  }

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t* sums) {
    int32x4_t lanes[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    for (std::int32_t t = 0; t < taps; ++t) {
      const int8x16_t w = vld1q_s8(weights[t]);
      const int16x8_t wide[2] = {vmovl_s8(vget_low_s8(w)), vmovl_s8(vget_high_s8(w))};
      for (int half = 0; half < 2; ++half) {
        const int16x8_t x = vld1q_s16(inputs[t] + 8 * half);
        int32x4_t* const pair = lanes + 2 * half;
        pair[0] = vmlal_s16(pair[0], vget_low_s16(x), vget_low_s16(wide[half]));
        pair[1] = vmlal_s16(pair[1], vget_high_s16(x), vget_high_s16(wide[half]));
      }
    }
    for (int i = 0; i < 4; ++i) vst1q_s32(sums + 4 * i, lanes[i]);
  }
};

}  // namespace

void Conv2DInt16Neon(const Conv2DInt16Params& params, const Work& work) {
  Conv2DInt16<Neon>(params, work);
}

void DepthwiseConv2DInt16Neon(const DepthwiseConv2DInt16Params& params, const Work& work) {
  DepthwiseConv2DInt16<Neon>(params, work);
}

void FullyConnectedInt16Neon(const FullyConnectedInt16Params& params, const Work& work) {
  FullyConnectedInt16<Neon>(params, work);
}

}  // namespace quaver::kernels
