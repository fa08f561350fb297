#include "kernels/arm/depthwise.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SDOT of four rows of four channels.
struct ColumnDot {
  static constexpr WeightLayout kLayout = kDepthwise8x4Signed;
  static constexpr int kGroup = 4;
  static constexpr std::ptrdiff_t kColumnBytes = 32;
  static constexpr std::ptrdiff_t kWeightBytes = 32;
  struct Column {
    int8x16_t v[2];
  };
  using Weights = Column;

  // Byte r of channel c is rows[r][c].
  static void StoreColumn(const std::int8_t* const (&rows)[kGroup], std::uint8_t* target) {
    const auto zip = [](int8x8_t a, int8x8_t b) {
      const int8x8x2_t both = vzip_s8(a, b);
      return vreinterpretq_s16_s8(vcombine_s8(both.val[0], both.val[1]));
    };
    const int16x8_t first = zip(vld1_s8(rows[0]), vld1_s8(rows[1]));
    const int16x8_t second = zip(vld1_s8(rows[2]), vld1_s8(rows[3]));
    vst1q_s16(reinterpret_cast<std::int16_t*>(target), vzip1q_s16(first, second));
    vst1q_s16(reinterpret_cast<std::int16_t*>(target + 16), vzip2q_s16(first, second));
  }
  static void MoveDown(const std::uint8_t* above, const std::uint8_t* weights,
                       std::uint8_t* target) {
    for (int i = 0; i < kWeightBytes; i += 16) {
      uint32x4_t down = vshlq_n_u32(vreinterpretq_u32_u8(vld1q_u8(weights + i)), 8);
      if (above != nullptr) {
        down = vsriq_n_u32(down, vreinterpretq_u32_u8(vld1q_u8(above + i)), 24);
      }
      vst1q_u8(target + i, vreinterpretq_u8_u32(down));
    }
  }
  static Column LoadColumn(const std::uint8_t* p) {
    return {{vreinterpretq_s8_u8(vld1q_u8(p)), vreinterpretq_s8_u8(vld1q_u8(p + 16))}};
  }
  static Weights LoadWeights(const std::uint8_t* p) { return LoadColumn(p); }
  static void Add(int32x4_t (&sums)[2], const Column& x, const Weights& w) {
    sums[0] = vdotq_s32(sums[0], x.v[0], w.v[0]);
    sums[1] = vdotq_s32(sums[1], x.v[1], w.v[1]);
  }
};

}  // namespace

void DepthwiseConv2DNeonDot(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseRows<ColumnDot>(params, work);
}

}  // namespace quaver::kernels
