#include "kernels/generic/int16_layers.h"

#include <immintrin.h>

#include "kernels/inventory.h"
#include "kernels/x86/int16_stage.h"

namespace quaver::kernels {
namespace {

struct Avx2 {
  static constexpr std::int32_t kStep = 16;
  static constexpr std::int32_t kLaneInputs = 2;
  static constexpr std::int32_t kTapChannels = 16;
  static constexpr int kRows = 2;

  static __m256i Zero() { return _mm256_setzero_si256(); }
  static __m256i Load(const std::int16_t* inputs) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(inputs));
  }
  static __m256i LoadWeights(const std::int8_t* weights) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights)));
  }
  static __m256i Add(__m256i sums, __m256i inputs, __m256i weights) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(inputs, weights));
  }
  static __m256i Last(__m256i weights, std::int32_t count) {
    alignas(32) static constexpr std::int16_t kMask[32] = {
        0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_and_si256(weights, Load(kMask + count));
  }
  static void AddLanes(const __m256i (&lanes)[kInt16Channels], std::int64_t* sums) {
    auto* target = reinterpret_cast<__m256i*>(sums);
    const __m256i added = SumsOfFour(WidenedSums(lanes[0]), WidenedSums(lanes[1]),
                                     WidenedSums(lanes[2]), WidenedSums(lanes[3]));
    _mm256_storeu_si256(target, _mm256_add_epi64(_mm256_loadu_si256(target), added));
  }
  using Stage = Int16Stage;

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t c, std::int32_t* sums) {
    // Of channels 0 to 3 and 8 to 11, and of the others: as unpacking within 128 bits leaves them.
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (std::int32_t t = 0; t < taps; ++t) {
      const __m256i x = Load(inputs[t] + c);
      const __m256i w = LoadWeights(weights[t] + c);
      const __m256i low = _mm256_mullo_epi16(x, w);
      const __m256i high = _mm256_mulhi_epi16(x, w);
      even = _mm256_add_epi32(even, _mm256_unpacklo_epi16(low, high));
      odd = _mm256_add_epi32(odd, _mm256_unpackhi_epi16(low, high));
    }
    auto* target = reinterpret_cast<__m256i*>(sums);
    _mm256_storeu_si256(target, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(target + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
};

}  // namespace

void Conv2DInt16Avx2(const Conv2DInt16Params& params, const Work& work) {
  Conv2DInt16<Avx2>(params, work);
}

void DepthwiseConv2DInt16Avx2(const DepthwiseConv2DInt16Params& params, const Work& work) {
  DepthwiseConv2DInt16<Avx2>(params, work);
}

void FullyConnectedInt16Avx2(const FullyConnectedInt16Params& params, const Work& work) {
  FullyConnectedInt16<Avx2>(params, work);
}

}  // namespace quaver::kernels
