#include "kernels/arm/compat.h"
#include "kernels/arm/depthwise.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SMLAL of eight channels, sign-extended to 16 bits once for all the taps that read them.
struct ColumnNeon {
  static constexpr WeightLayout kLayout = kDepthwise8x1;
  static constexpr int kGroup = 1;
  static constexpr std::ptrdiff_t kColumnBytes = 16;
  static constexpr std::ptrdiff_t kWeightBytes = 8;
  using Column = int16x8_t;
  using Weights = int16x8_t;

  static void StoreColumn(const std::int8_t* const (&rows)[kGroup], std::uint8_t* target) {
    vst1q_s16(reinterpret_cast<std::int16_t*>(target), vmovl_s8(vld1_s8(rows[0])));
  }
  // Columns of one row never serve two output rows.
  static void MoveDown(const std::uint8_t* /*above*/, const std::uint8_t* /*weights*/,
                       std::uint8_t* /*target*/) {}
  static Column LoadColumn(const std::uint8_t* p) { return vreinterpretq_s16_u8(vld1q_u8(p)); }
  static Weights LoadWeights(const std::uint8_t* p) {
    return vmovl_s8(vreinterpret_s8_u8(vld1_u8(p)));
  }
  static void Add(int32x4_t (&sums)[2], Column x, Weights w) {
    sums[0] = vmlal_s16(sums[0], vget_low_s16(x), vget_low_s16(w));
    sums[1] = MultiplyAddHigh(sums[1], x, w);
  }
};

}  // namespace

void DepthwiseConv2DNeon(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseRows<ColumnNeon>(params, work);
}

}  // namespace quaver::kernels
