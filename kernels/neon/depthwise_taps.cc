#include <arm_neon.h>

#include "kernels/arm/compat.h"
#include "kernels/generic/depthwise.h"
#include "kernels/inventory.h"
#include "kernels/neon/output_stage.h"

namespace quaver::kernels {
namespace {

// Eight channels, one tap at a time.
struct DepthwiseTileNeon {
  static constexpr WeightLayout kLayout = kDepthwise8x1;

  template <typename Load>
  static void Run(const std::int8_t* const* taps, std::int32_t count, Load load,
                  const std::uint8_t* panel, const TileOutput& output) {
    int32x4x2_t sum = LoadHeader(panel, 0);
    const auto* weights = reinterpret_cast<const std::int8_t*>(panel + 3 * 32);
    for (std::int32_t t = 0; t < count; ++t) {
      const int8x8_t x = vreinterpret_s8_u64(vcreate_u64(load(taps[t])));
      // A product is at most 2^14: exact in int16.
      const int16x8_t product = vmull_s8(x, vld1_s8(weights));
      sum.val[0] = vaddw_s16(sum.val[0], vget_low_s16(product));
      sum.val[1] = AddHigh(sum.val[1], product);
      weights += kLayout.nr;
    }
    const OutputStageNeon stage(panel, output);
    StoreChannels(stage.Requantize(sum), output, output.target);
  }
};

}  // namespace

void DepthwiseConv2DNeonTaps(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DepthwiseTileNeon>(params, work);
}

}  // namespace quaver::kernels
