#include "kernels/arm/gemm.h"

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// SDOT by element: each of four lanes of a register of inputs, four inputs each, times the weights
// of four channels.
struct GemmTileDot {
  static constexpr WeightLayout kLayout = kGemm8x4Signed;
  static constexpr bool kInterleaved = false;
  static constexpr int kPanels = 2;
  // Accumulators, a register of inputs for each row and the weights fill 32 registers.
  static constexpr int kRows[kPanels] = {8, 6};

  template <int kRows, int kPanels>
  [[gnu::noinline]] static void Run(const GemmTile& tile, const Narrower& narrow) {
    int32x4_t acc[kRows][2 * kPanels];
#pragma GCC unroll 4
    for (int v = 0; v < 2 * kPanels; ++v) {
      const int32x4_t bias = LoadWords(tile.panels + v / 2 * tile.panel_bytes + v % 2 * 16);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) acc[r][v] = bias;
    }
    const auto* weights = reinterpret_cast<const std::int8_t*>(tile.panels + kWeightsOffset);
    for (std::int32_t s = 0; s < tile.runs; ++s) {
      const std::int8_t* input[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        input[r] = reinterpret_cast<const std::int8_t*>(tile.inputs[s * tile.input_stride + r]);
      }
      std::int32_t left = tile.run_bytes;
      for (; left >= 16; left -= 16) {
        int8x16_t x[kRows];
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          x[r] = vld1q_s8(input[r]);
          input[r] += 16;
        }
        Step<0>(x, weights, tile.panel_bytes, acc);
        Step<1>(x, weights + kStepBytes, tile.panel_bytes, acc);
        Step<2>(x, weights + 2 * kStepBytes, tile.panel_bytes, acc);
        Step<3>(x, weights + 3 * kStepBytes, tile.panel_bytes, acc);
        weights += 4 * kStepBytes;
      }
      for (; left > 0; left -= 4) {
        int8x16_t x[kRows];
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          std::int32_t four;
          std::memcpy(&four, input[r], 4);
          x[r] = vreinterpretq_s8_s32(vdupq_n_s32(four));
          input[r] += 4;
        }
        Step<0>(x, weights, tile.panel_bytes, acc);
        weights += kStepBytes;
      }
    }
    FinishTile(tile, narrow, acc);
  }

 private:
  static constexpr std::ptrdiff_t kStepBytes = 4 * kPanelChannels;

  // Four inputs of each row: lane `lane` of x.
  template <int lane, int kRows, int kVectors>
  [[gnu::always_inline]] static void Step(const int8x16_t (&x)[kRows], const std::int8_t* weights,
                                          std::ptrdiff_t panel_bytes,
                                          int32x4_t (&acc)[kRows][kVectors]) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; v += 2) {
      // Two at once, for LDP.
      const int8x16_t w0 = vld1q_s8(weights + v / 2 * panel_bytes);
      const int8x16_t w1 = vld1q_s8(weights + v / 2 * panel_bytes + 16);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        acc[r][v] = vdotq_laneq_s32(acc[r][v], w0, x[r], lane);
        acc[r][v + 1] = vdotq_laneq_s32(acc[r][v + 1], w1, x[r], lane);
      }
    }
  }
};

}  // namespace

void Conv2DNeonDot(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileDot>(params, work);
}

void FullyConnectedNeonDot(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<GemmTileDot>(params, work);
}

}  // namespace quaver::kernels
