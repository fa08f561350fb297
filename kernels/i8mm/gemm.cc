#include "kernels/arm/gemm.h"

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SMMLA: two pixels of eight inputs by two channels of eight weights each.
struct GemmTileI8mm {
  static constexpr WeightLayout kLayout = kGemm8x8;
  static constexpr bool kInterleaved = true;
  static constexpr int kPanels = 1;
  static constexpr int kRows[kPanels] = {8};

  template <int kRows, int kPanels>
  [[gnu::noinline]] static void Run(const GemmTile& tile, const Narrower& narrow) {
    constexpr int kPairs = (kRows + 1) / 2;
    // Of pair p and channels 2 c, 2 c + 1: both channels of the first pixel, then of the second.
    int32x4_t acc[kPairs][4];
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) {
      const int32x2_t bias = vreinterpret_s32_u8(vld1_u8(tile.panels + 8 * c));
#pragma GCC unroll 4
      for (int p = 0; p < kPairs; ++p) acc[p][c] = vcombine_s32(bias, bias);
    }
    const auto* weights = reinterpret_cast<const std::int8_t*>(tile.panels + kWeightsOffset);
    const auto* input = reinterpret_cast<const std::int8_t*>(tile.interleaved);
#pragma GCC unroll 2
    for (std::int32_t groups = tile.runs * tile.run_bytes / 8; groups > 0; --groups) {
      int8x16_t x[kPairs];
      LoadPairs(input, x);
      input += 16 * kPairs;
      const int8x16x4_t w = vld1q_s8_x4(weights);
      weights += 8 * kPanelChannels;
#pragma GCC unroll 4
      for (int p = 0; p < kPairs; ++p) {
#pragma GCC unroll 4
        for (int c = 0; c < 4; ++c) acc[p][c] = vmmlaq_s32(acc[p][c], x[p], w.val[c]);
      }
    }
    int32x4_t rows[kRows][2];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const auto half = [&acc, r](int c) {
        const int32x4_t both = acc[r / 2][c];
        return r % 2 == 0 ? vget_low_s32(both) : vget_high_s32(both);
      };
      rows[r][0] = vcombine_s32(half(0), half(1));
      rows[r][1] = vcombine_s32(half(2), half(3));
    }
    FinishTile(tile, narrow, rows);
  }

 private:
  template <int kPairs>
  [[gnu::always_inline]] static void LoadPairs(const std::int8_t* input, int8x16_t (&x)[kPairs]) {
    if constexpr (kPairs == 4) {
      const int8x16x4_t all = vld1q_s8_x4(input);
#pragma GCC unroll 4
      for (int p = 0; p < kPairs; ++p) x[p] = all.val[p];
    } else {
#pragma GCC unroll 4
      for (int p = 0; p < kPairs; ++p) x[p] = vld1q_s8(input + 16 * p);
    }
  }
};

}  // namespace

void Conv2DI8mm(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileI8mm>(params, work);
}

}  // namespace quaver::kernels
