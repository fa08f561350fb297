#include "kernels/generic/gemm.h"

#include <immintrin.h>

#include "kernels/avx2/output_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// Four rows by eight channels. Pairs of inputs and weights, sign-extended to int16, go through
// PMADDWD, which is exact: a sum of two products is at most 2^15. (PMADDUBSW would saturate.)
struct GemmTileAvx2 {
  static constexpr WeightLayout kLayout = kGemm8x2;
  static constexpr int kRows = 4;
  static constexpr std::int32_t kStep = 16;  // inputs that are sign-extended at once

  template <int count>
  static void Run(const std::int8_t* const* rows, std::int32_t depth, const std::uint8_t* panel,
                  const TileOutput& output) {
    __m256i sums[count];
    for (__m256i& sum : sums) sum = LoadHeader(panel, 0);
    const std::uint8_t* weights = panel + 3 * sizeof(__m256i);
    std::int32_t k = 0;
    for (; k + kStep <= depth; k += kStep) {
      const std::int8_t* inputs[count];
      for (int r = 0; r < count; ++r) inputs[r] = rows[r] + k;
      MultiplyStep<count>(inputs, kStep, weights, sums);
      weights += kStep * kLayout.nr;
    }
    if (k < depth) {
      std::int8_t tails[count][kStep] = {};
      const std::int8_t* inputs[count];
      for (int r = 0; r < count; ++r) {
        std::memcpy(tails[r], rows[r] + k, static_cast<std::size_t>(depth - k));
        inputs[r] = tails[r];
      }
      MultiplyStep<count>(inputs, depth - k, weights, sums);
    }
    const OutputStageAvx2 stage(panel, output);
    for (int r = 0; r < count; ++r) {
      StoreChannels(stage.Requantize(sums[r]), output, output.target + r * output.row_stride);
    }
  }

 private:
  // `inputs` of kStep bytes each, of which the first `used` have weights.
  template <int count>
  static void MultiplyStep(const std::int8_t* const* inputs, std::int32_t used,
                           const std::uint8_t* weights, __m256i* sums) {
    // Through memory, because a broadcast from memory is one load.
    alignas(32) std::int32_t pairs[count][kStep / 2];
    for (int r = 0; r < count; ++r) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(inputs[r]));
      _mm256_store_si256(reinterpret_cast<__m256i*>(pairs[r]), _mm256_cvtepi8_epi16(bytes));
    }
    for (std::int32_t pair = 0; 2 * pair < used; ++pair) {
      const __m256i w =
          _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(weights) + pair));
      for (int r = 0; r < count; ++r) {
        const __m256i x = _mm256_set1_epi32(pairs[r][pair]);
        sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(x, w));
      }
    }
  }
};

}  // namespace

void Conv2DAvx2(const Conv2DParams& params, const Work& work) {
  RunConv2D<GemmTileAvx2>(params, work);
}

void FullyConnectedAvx2(const FullyConnectedParams& params, const Work& work) {
  RunFullyConnected<GemmTileAvx2>(params, work);
}

}  // namespace quaver::kernels
