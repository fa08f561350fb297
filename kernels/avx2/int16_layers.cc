#include "kernels/generic/int16_layers.h"

#include <immintrin.h>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

__m256i Widened(const std::int8_t* weights) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights)));
}

__m256i Load(const std::int16_t* inputs) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(inputs));
}

/// The sum of eight int32 in 64 bits.
std::int64_t Sum(__m256i lanes) {
  const __m256i wide = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(lanes)),
                                        _mm256_cvtepi32_epi64(_mm256_extracti128_si256(lanes, 1)));
  const __m128i half =
      _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
  return _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
}

struct Avx2 {
  /// Each of eight lanes adds an eighth of so many products, 510, of at most 2^22: below 2^31.
  static constexpr std::int32_t kBlock = 4080;

  template <int kRows>
  static void Dot(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                  std::int32_t depth, std::int64_t (*sums)[kInt16Channels]) {
    for (int r = 0; r < kRows; ++r) {
      for (std::int64_t& sum : sums[r]) sum = 0;
    }
    std::int32_t k = 0;
    while (depth - k >= 16) {
      const std::int32_t whole = (depth - k) / 16 * 16;
      const std::int32_t end = k + (whole < kBlock ? whole : kBlock);
      __m256i lanes[kRows][kInt16Channels];
      for (int r = 0; r < kRows; ++r) {
        for (__m256i& lane : lanes[r]) lane = _mm256_setzero_si256();
      }
      for (; k < end; k += 16) {
        __m256i x[kRows];
        for (int r = 0; r < kRows; ++r) x[r] = Load(inputs[r] + k);
        for (int c = 0; c < kInt16Channels; ++c) {
          const __m256i w = Widened(weights[c] + k);
          for (int r = 0; r < kRows; ++r) {
            lanes[r][c] = _mm256_add_epi32(lanes[r][c], _mm256_madd_epi16(x[r], w));
          }
        }
      }
      for (int r = 0; r < kRows; ++r) {
        for (int c = 0; c < kInt16Channels; ++c) sums[r][c] += Sum(lanes[r][c]);
      }
    }
    for (; k < depth; ++k) {
      for (int r = 0; r < kRows; ++r) {
        for (int c = 0; c < kInt16Channels; ++c) sums[r][c] += inputs[r][k] * weights[c][k];
      }
    }
  }

  static void Taps(const std::int16_t* const* inputs, const std::int8_t* const* weights,
                   std::int32_t taps, std::int32_t* sums) {
    // Of channels 0 to 3 and 8 to 11, and of the others: as unpacking within 128 bits leaves them.
    __m256i even = _mm256_setzero_si256();
    __m256i odd = _mm256_setzero_si256();
    for (std::int32_t t = 0; t < taps; ++t) {
      const __m256i x = Load(inputs[t]);
      const __m256i w = Widened(weights[t]);
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
