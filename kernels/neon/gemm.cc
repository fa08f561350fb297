#include "kernels/arm/gemm.h"

#include "kernels/arm/compat.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SMULL and SMLAL of two times eight products to int16, then SADALP to four int32 sums a channel.
//
// Two products fit int16 together if they are not both (-128) * (-128) = 2^14: the next largest,
// 127 * 128, gives 2 * 16256 = 32512. So where a panel has no weight of -128 (its last byte says
// so: kernels/packing.h), two products are added before they are widened, and elsewhere one.
struct GemmTileNeon {
  static constexpr WeightLayout kLayout = kGemm8x16;
  static constexpr bool kInterleaved = false;
  static constexpr int kPanels = 1;
  // Eight registers of sums a pixel, of 32 or 16 registers.
  static constexpr int kRows[kPanels] = {kVectorRegisters == 32 ? 3 : 1};

  template <int kRows, int kPanels>
  [[gnu::noinline]] static void Run(const GemmTile& tile, const Narrower& narrow) {
    const bool two = tile.panels[tile.panel_bytes - 1] == 0;
    if (__builtin_expect(two, 1)) {
      RunTile<kRows, true>(tile, narrow);
    } else {
      RunTile<kRows, false>(tile, narrow);
    }
  }

 private:
  template <int kRows, bool kTwoProducts>
  [[gnu::always_inline]] static void RunTile(const GemmTile& tile, const Narrower& narrow) {
    int32x4_t sums[kRows][kPanelChannels];
#pragma GCC unroll 8
    for (int c = 0; c < kPanelChannels; ++c) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) sums[r][c] = vdupq_n_s32(0);
    }
    const auto* weights = reinterpret_cast<const std::int8_t*>(tile.panels + kWeightsOffset);
    for (std::int32_t s = 0; s < tile.runs; ++s) {
      const std::int8_t* input[kRows];
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        input[r] = reinterpret_cast<const std::int8_t*>(tile.inputs[s * tile.input_stride + r]);
      }
      std::int32_t left = tile.run_bytes;
      for (; left >= 16; left -= 16) {
        int8x16_t x[kRows];
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
          x[r] = vld1q_s8(input[r]);
          input[r] += 16;
        }
#pragma GCC unroll 8
        for (int c = 0; c < kPanelChannels; ++c) {
          const int8x16_t w = vld1q_s8(weights + 16 * c);
#pragma GCC unroll 4
          for (int r = 0; r < kRows; ++r) {
            sums[r][c] = AddProducts<kTwoProducts>(sums[r][c], x[r], w);
          }
        }
        weights += 16 * kPanelChannels;
      }
      if (left > 0) {
        int8x8_t x[kRows];
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) x[r] = vld1_s8(input[r]);
#pragma GCC unroll 8
        for (int c = 0; c < kPanelChannels; ++c) {
          const int8x8_t w = vld1_s8(weights + 16 * c);
#pragma GCC unroll 4
          for (int r = 0; r < kRows; ++r) {
            sums[r][c] = vpadalq_s16(sums[r][c], vmull_s8(x[r], w));
          }
        }
        weights += 16 * kPanelChannels;
      }
    }
    int32x4_t acc[kRows][2];
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v) {
      const int32x4_t bias = LoadWords(tile.panels + 16 * v);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        const int32x4_t* four = sums[r] + 4 * v;
        acc[r][v] =
            vaddq_s32(bias, AddPairs(AddPairs(four[0], four[1]), AddPairs(four[2], four[3])));
      }
    }
    FinishTile(tile, narrow, acc);
  }

  template <bool kTwoProducts>
  [[gnu::always_inline]] static int32x4_t AddProducts(int32x4_t sum, int8x16_t x, int8x16_t w) {
    const int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(w));
    if constexpr (kTwoProducts) {
      return vpadalq_s16(sum, MultiplyAddHigh(low, x, w));
    } else {
      return vpadalq_s16(vpadalq_s16(sum, low), MultiplyHigh(x, w));
    }
  }
};

}  // namespace

void Conv2DNeon(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileNeon>(params, work);
}

void FullyConnectedNeon(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<GemmTileNeon>(params, work);
}

}  // namespace quaver::kernels
