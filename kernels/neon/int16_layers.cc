#include "kernels/generic/int16_layers.h"

#include <arm_neon.h>

#include <cstring>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// RequantizeInt16 (kernels/requantize.h) of four channels.
class Int16Stage {
 public:
  /// Of channels c to c + 3.
  Int16Stage(const OutputStageInt16& stage, std::int32_t c)
      : minimum_(vdup_n_s16(static_cast<std::int16_t>(stage.clamp_min))),
        maximum_(vdup_n_s16(static_cast<std::int16_t>(stage.clamp_max))) {
    const int32x4x2_t bias = vzipq_s32(vld1q_s32(stage.bias + c), vld1q_s32(stage.bias_high + c));
    const int32x4_t multiplier = vld1q_s32(stage.multiplier + c);
    std::uint32_t bytes;
    std::memcpy(&bytes, stage.shift + c, sizeof(bytes));
    const int16x4_t shift = vget_low_s16(vmovl_s8(vcreate_s8(bytes)));
    const int32x4_t left = vsubq_s32(vmovl_s16(shift), vdupq_n_s32(15));
    halves_[0] = {vreinterpretq_s64_s32(bias.val[0]), vmovl_s32(vget_low_s32(left)),
                  vget_low_s32(multiplier)};
    halves_[1] = {vreinterpretq_s64_s32(bias.val[1]), vmovl_s32(vget_high_s32(left)),
                  vget_high_s32(multiplier)};
  }

  void Apply(const std::int64_t* sums, std::int16_t* output) const {
    Apply(vld1q_s64(sums), vld1q_s64(sums + 2), output);
  }
  void Apply(const std::int32_t* sums, std::int16_t* output) const {
    Apply(vmovl_s32(vld1_s32(sums)), vmovl_s32(vld1_s32(sums + 2)), output);
  }

 private:
  struct Half {
    int64x2_t bias, left;
    int32x2_t multiplier;

    // A negative shift to the left rounds as the formula does. Saturation keeps a value on its side
    // of the clamps.
    [[nodiscard]] int32x2_t Scaled(int64x2_t sums) const {
      const int64x2_t value = vaddq_s64(sums, bias);
      const uint32x2_t low = vreinterpret_u32_s32(vmovn_s64(value));
      const uint64x2_t product = vmull_u32(low, vreinterpret_u32_s32(multiplier));
      const int64x2_t upper = vmull_s32(vshrn_n_s64(value, 32), multiplier);
      const int64x2_t whole = vaddq_s64(vreinterpretq_s64_u64(product), vshlq_n_s64(upper, 32));
      return vqmovn_s64(vrshlq_s64(whole, left));
    }
  };

  void Apply(int64x2_t low, int64x2_t high, std::int16_t* output) const {
    const int16x4_t words =
        vqmovn_s32(vcombine_s32(halves_[0].Scaled(low), halves_[1].Scaled(high)));
    vst1_s16(output, vmin_s16(vmax_s16(words, minimum_), maximum_));
  }

  int16x4_t minimum_, maximum_;
  Half halves_[2];
};

struct Neon {
  static constexpr std::int32_t kStep = 8;
  static constexpr std::int32_t kLaneInputs = 2;
  static constexpr std::int32_t kTapChannels = 16;
  static constexpr int kRows = 2;

  static int32x4_t Zero() { return vdupq_n_s32(0); }
  static int16x8_t Load(const std::int16_t* inputs) { return vld1q_s16(inputs); }
  static int16x8_t LoadWeights(const std::int8_t* weights) { return vmovl_s8(vld1_s8(weights)); }
  static int32x4_t Add(int32x4_t sums, int16x8_t inputs, int16x8_t weights) {
    sums = vmlal_s16(sums, vget_low_s16(inputs), vget_low_s16(weights));
    return vmlal_s16(sums, vget_high_s16(inputs), vget_high_s16(weights));
  }
  static int16x8_t Last(int16x8_t weights, std::int32_t count) {
    static constexpr std::int16_t kMask[16] = {0,  0,  0,  0,  0,  0,  0,  0,
                                               -1, -1, -1, -1, -1, -1, -1, -1};
    return vandq_s16(weights, vld1q_s16(kMask + count));
  }
  static void AddLanes(const int32x4_t (&lanes)[kInt16Channels], std::int64_t* sums) {
    for (int i = 0; i < kInt16Channels; ++i) {
      const int64x2_t wide = vpaddlq_s32(lanes[i]);
      sums[i] += vgetq_lane_s64(wide, 0) + vgetq_lane_s64(wide, 1);
    }
  }
  using Stage = Int16Stage;

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t c, std::int32_t* sums) {
    int32x4_t lanes[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    for (std::int32_t t = 0; t < taps; ++t) {
      const int8x16_t w = vld1q_s8(weights[t] + c);
      const int16x8_t wide[2] = {vmovl_s8(vget_low_s8(w)), vmovl_s8(vget_high_s8(w))};
      for (int half = 0; half < 2; ++half) {
        const int16x8_t x = vld1q_s16(inputs[t] + c + 8 * half);
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
