#include "kernels/generic/int16_layers.h"

#include <immintrin.h>

#include "kernels/inventory.h"
#include "kernels/x86/int16_stage.h"

namespace quaver::kernels {
namespace {

struct Avx512Vnni {
  static constexpr std::int32_t kStep = 32;
  static constexpr std::int32_t kLaneInputs = 2;
  static constexpr std::int32_t kTapChannels = 16;
  static constexpr int kRows = 2;

  static __m512i Zero() { return _mm512_setzero_si512(); }
  static __m512i Load(const std::int16_t* inputs) { return _mm512_loadu_si512(inputs); }
  static __m512i LoadWeights(const std::int8_t* weights) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights)));
  }
  static __m512i Load(const std::int16_t* inputs, std::int32_t count) {
    return _mm512_maskz_loadu_epi16(First(count), inputs);
  }
  static __m512i LoadWeights(const std::int8_t* weights, std::int32_t count) {
    return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(First(count), weights));
  }
  static __m512i Add(__m512i sums, __m512i inputs, __m512i weights) {
    return _mm512_dpwssd_epi32(sums, inputs, weights);
  }
  static void AddLanes(const __m512i (&lanes)[kInt16Channels], std::int64_t* sums) {
    const auto widened = [](__m512i x) {
      const __m256i low = _mm512_castsi512_si256(x);
      const __m256i high = _mm512_extracti64x4_epi64(x, 1);
      const __m512i wide =
          _mm512_add_epi64(_mm512_cvtepi32_epi64(low), _mm512_cvtepi32_epi64(high));
      return _mm256_add_epi64(_mm512_castsi512_si256(wide), _mm512_extracti64x4_epi64(wide, 1));
    };
    auto* target = reinterpret_cast<__m256i*>(sums);
    const __m256i added =
        SumsOfFour(widened(lanes[0]), widened(lanes[1]), widened(lanes[2]), widened(lanes[3]));
    _mm256_storeu_si256(target, _mm256_add_epi64(_mm256_loadu_si256(target), added));
  }
  using Stage = Int16Stage;

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t c, std::int32_t* sums) {
    __m512i lanes = Zero();
    for (std::int32_t t = 0; t < taps; ++t) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(inputs[t] + c));
      const __m128i w = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights[t] + c));
      // Of the pair that it adds up, the second is zero.
      lanes = _mm512_dpwssd_epi32(lanes, _mm512_cvtepu16_epi32(x), _mm512_cvtepi8_epi32(w));
    }
    _mm512_storeu_si512(sums, lanes);
  }

 private:
  /// A mask of the first `count` of 32.
  static __mmask32 First(std::int32_t count) { return (std::uint32_t{1} << count) - 1; }
};

}  // namespace

void Conv2DInt16Avx512Vnni(const Conv2DInt16Params& params, const Work& work) {
  Conv2DInt16<Avx512Vnni>(params, work);
}

void DepthwiseConv2DInt16Avx512Vnni(const DepthwiseConv2DInt16Params& params, const Work& work) {
  DepthwiseConv2DInt16<Avx512Vnni>(params, work);
}

void FullyConnectedInt16Avx512Vnni(const FullyConnectedInt16Params& params, const Work& work) {
  FullyConnectedInt16<Avx512Vnni>(params, work);
}

}  // namespace quaver::kernels
