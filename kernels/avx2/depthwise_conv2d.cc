#include <immintrin.h>

#include "kernels/avx2/output_stage.h"
#include "kernels/generic/depthwise.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

// Eight channels. The inputs of two taps are interleaved, as the weights are, for PMADDWD.
struct DepthwiseTileAvx2 {
  static constexpr WeightLayout kLayout = kDepthwise8x2;

  template <typename Load>
  static void Run(const std::int8_t* const* taps, std::int32_t count, Load load,
                  const std::uint8_t* panel, const TileOutput& output) {
    __m256i sum = LoadHeader(panel, 0);
    const auto* weights = reinterpret_cast<const __m128i*>(panel + 3 * sizeof(__m256i));
    for (std::int32_t t = 0; t < count; t += 2) {
      // Of an odd count the last tap meets weights of zero: any input will do.
      const __m128i first = Inputs(load(taps[t]));
      const __m128i second = t + 1 < count ? Inputs(load(taps[t + 1])) : first;
      const __m256i x = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(first, second));
      const __m256i w = _mm256_cvtepi8_epi16(_mm_load_si128(weights++));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
    }
    const OutputStageAvx2 stage(panel, output);
    StoreChannels(stage.Requantize(sum), output, output.target);
  }

 private:
  static __m128i Inputs(std::uint64_t bytes) {
    return _mm_cvtsi64_si128(static_cast<long long>(bytes));
  }
};

}  // namespace

void DepthwiseConv2DAvx2(const DepthwiseConv2DParams& params, const Work& work) {
  RunDepthwiseConv2D<DepthwiseTileAvx2>(params, work);
}

}  // namespace quaver::kernels
