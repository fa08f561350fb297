#include <arm_neon.h>

#include "kernels/arm/compat.h"
#include "kernels/generic/gemm.h"
#include "kernels/inventory.h"
#include "kernels/neon/output_stage.h"

namespace quaver::kernels {
namespace {

// Four rows by eight channels: SMLAL of eight sign-extended weights by one input of each row.
struct GemmTileNeon {
  static constexpr WeightLayout kLayout = kGemm8x1;
  static constexpr int kRows = 4;
  static constexpr std::int32_t kStep = 8;  // inputs that are sign-extended at once

  template <int count>
  static void Run(const std::int8_t* const* rows, std::int32_t depth, const std::uint8_t* panel,
                  const TileOutput& output) {
    int32x4x2_t sums[count];
    for (int32x4x2_t& sum : sums) sum = LoadHeader(panel, 0);
    const auto* weights = reinterpret_cast<const std::int8_t*>(panel + 3 * 32);
    std::int32_t k = 0;
    for (; k + kStep <= depth; k += kStep) {
      int16x8_t x[count];
      for (int r = 0; r < count; ++r) x[r] = vmovl_s8(vld1_s8(rows[r] + k));
      MultiplyStep<count>(x, weights, sums);
      weights += kStep * kLayout.nr;
    }
    for (; k < depth; ++k) {
      const int16x8_t w = vmovl_s8(vld1_s8(weights));
      for (int r = 0; r < count; ++r) {
        sums[r].val[0] = vmlal_n_s16(sums[r].val[0], vget_low_s16(w), rows[r][k]);
        sums[r].val[1] = vmlal_n_s16(sums[r].val[1], vget_high_s16(w), rows[r][k]);
      }
      weights += kLayout.nr;
    }
    const OutputStageNeon stage(panel, output);
    for (int r = 0; r < count; ++r) {
      StoreChannels(stage.Requantize(sums[r]), output, output.target + r * output.row_stride);
    }
  }

 private:
  template <int count>
  static void MultiplyStep(const int16x8_t* x, const std::int8_t* weights, int32x4x2_t* sums) {
    MultiplyLane<count, 0>(x, weights, sums);
    MultiplyLane<count, 1>(x, weights, sums);
    MultiplyLane<count, 2>(x, weights, sums);
    MultiplyLane<count, 3>(x, weights, sums);
    MultiplyLane<count, 4>(x, weights, sums);
    MultiplyLane<count, 5>(x, weights, sums);
    MultiplyLane<count, 6>(x, weights, sums);
    MultiplyLane<count, 7>(x, weights, sums);
  }

  template <int count, int lane>
  static void MultiplyLane(const int16x8_t* x, const std::int8_t* weights, int32x4x2_t* sums) {
    const int16x8_t w = vmovl_s8(vld1_s8(weights + lane * kLayout.nr));
    for (int r = 0; r < count; ++r) {
      sums[r].val[0] = MultiplyAddLaneLow<lane>(sums[r].val[0], w, x[r]);
      sums[r].val[1] = MultiplyAddLaneHigh<lane>(sums[r].val[1], w, x[r]);
    }
  }
};

}  // namespace

void Conv2DNeonGathered(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileNeon>(params, work);
}

}  // namespace quaver::kernels
