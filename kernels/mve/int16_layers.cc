// Layers on int16 activations with Helium: loads widen weights to 16 bits, VMLALDAVA adds eight
// products to a sum of 64 bits.
#include "kernels/generic/int16_layers.h"

#include <arm_mve.h>

#include "kernels/generic/int16_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

struct Helium {
  static constexpr std::int32_t kStep = 8;
  static constexpr std::int32_t kLaneInputs = 0;
  static constexpr std::int32_t kTapChannels = 8;
  static constexpr int kRows = 1;

  static std::int64_t Zero() { return 0; }
  static int16x8_t Load(const std::int16_t* inputs) { return vldrhq_s16(inputs); }
  static int16x8_t LoadWeights(const std::int8_t* weights) { return vldrbq_s16(weights); }
  static int16x8_t Load(const std::int16_t* inputs, std::int32_t count) {
    return vldrhq_z_s16(inputs, vctp16q(static_cast<std::uint32_t>(count)));
  }
  static int16x8_t LoadWeights(const std::int8_t* weights, std::int32_t count) {
    return vldrbq_z_s16(weights, vctp16q(static_cast<std::uint32_t>(count)));
  }
  static std::int64_t Add(std::int64_t sum, int16x8_t inputs, int16x8_t weights) {
    return vmlaldavaq_s16(sum, inputs, weights);
  }
  static void AddLanes(const std::int64_t (&lanes)[kInt16Channels], std::int64_t* sums) {
    for (int i = 0; i < kInt16Channels; ++i) sums[i] += lanes[i];
  }
  using Stage = PlainInt16Stage;

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t c, std::int32_t* sums) {
    int32x4x2_t lanes = {{vdupq_n_s32(0), vdupq_n_s32(0)}};  // of even channels, of odd ones
    for (std::int32_t t = 0; t < taps; ++t) {
      const int16x8_t x = Load(inputs[t] + c);
      const int16x8_t w = LoadWeights(weights[t] + c);
      lanes.val[0] = vaddq_s32(lanes.val[0], vmullbq_int_s16(x, w));
      lanes.val[1] = vaddq_s32(lanes.val[1], vmulltq_int_s16(x, w));
    }
    vst2q_s32(sums, lanes);
  }
};

}  // namespace

void Conv2DInt16Mve(const Conv2DInt16Params& params, const Work& work) {
  Conv2DInt16<Helium>(params, work);
}

void DepthwiseConv2DInt16Mve(const DepthwiseConv2DInt16Params& params, const Work& work) {
  DepthwiseConv2DInt16<Helium>(params, work);
}

void FullyConnectedInt16Mve(const FullyConnectedInt16Params& params, const Work& work) {
  FullyConnectedInt16<Helium>(params, work);
}

}  // namespace quaver::kernels
