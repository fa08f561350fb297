// int32 accumulators to int8 for eight channels, exactly as kernels/requantize.h.
// Included only by files compiled for AVX2; everything has internal linkage.
#ifndef QUAVER_KERNELS_AVX2_OUTPUT_STAGE_H_
#define QUAVER_KERNELS_AVX2_OUTPUT_STAGE_H_

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/generic/gemm.h"

namespace quaver::kernels {
namespace {

inline __m256i LoadHeader(const std::uint8_t* panel, int row) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(panel) + row);
}

// The multipliers and shifts of one panel, ready for Requantize. Even and odd lanes apart: the
// multiplication gives 64-bit products of every second lane.
class OutputStageAvx2 {
 public:
  OutputStageAvx2(const std::uint8_t* panel, const TileOutput& output)
      : multiplier_even_(LoadHeader(panel, 1)),
        multiplier_odd_(_mm256_srli_epi64(multiplier_even_, 32)),
        zero_point_(_mm256_set1_epi32(output.zero_point)),
        low_(_mm256_set1_epi32(output.clamp_min - output.zero_point)),
        high_(_mm256_set1_epi32(output.clamp_max - output.zero_point)) {
    const __m256i shift = LoadHeader(panel, 2);
    const __m256i zero = _mm256_setzero_si256();
    left_ = _mm256_max_epi32(shift, zero);
    const __m256i right = _mm256_sub_epi32(_mm256_set1_epi32(31), _mm256_min_epi32(shift, zero));
    right_even_ = _mm256_blend_epi32(right, zero, 0xAA);
    right_odd_ = _mm256_srli_epi64(right, 32);
  }

  // Eight int8 in the low half of the result.
  [[nodiscard]] __m128i Requantize(__m256i accumulator) const {
    const __m256i shifted = SaturatingShiftLeft(accumulator);
    const __m256i even = MultiplyShift(shifted, multiplier_even_, right_even_);
    const __m256i odd = MultiplyShift(_mm256_srli_epi64(shifted, 32), multiplier_odd_, right_odd_);
    // Results fit int32, as the shift that remains is to the right; clamping first keeps the
    // addition of the zero point in range too.
    __m256i q = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    q = _mm256_min_epi32(_mm256_max_epi32(q, low_), high_);
    q = _mm256_add_epi32(q, zero_point_);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
    return _mm_packs_epi16(words, words);
  }

 private:
  // x * 2^left. Where that overflows, the exact result is beyond every clamp, and so is that of
  // the saturated value: |x| * multiplier / 2^31 >= 2^29. (A multiplier of 0 gives 0 for both.)
  [[nodiscard]] __m256i SaturatingShiftLeft(__m256i x) const {
    const __m256i shifted = _mm256_sllv_epi32(x, left_);
    const __m256i fits = _mm256_cmpeq_epi32(_mm256_srav_epi32(shifted, left_), x);
    const __m256i limit = _mm256_xor_si256(_mm256_srai_epi32(x, 31), _mm256_set1_epi32(INT32_MAX));
    return _mm256_blendv_epi8(limit, shifted, fits);
  }

  // (x * multiplier + 2^(right-1)) >> right in the even lanes, 31 <= right <= 62. AVX2 has no
  // arithmetic 64-bit shift: with 2^63 added the value is unsigned and shifts logically; 2^63
  // becomes 2^(63-right), which is taken off again. Only the low halves are right and used.
  static __m256i MultiplyShift(__m256i x, __m256i multiplier, __m256i right) {
    const __m256i top = _mm256_set1_epi64x(INT64_MIN);
    const __m256i one = _mm256_set1_epi64x(1);
    const __m256i rounding = _mm256_sllv_epi64(one, _mm256_sub_epi64(right, one));
    const __m256i product = _mm256_add_epi64(_mm256_mul_epi32(x, multiplier), rounding);
    return _mm256_sub_epi64(_mm256_srlv_epi64(_mm256_xor_si256(product, top), right),
                            _mm256_srlv_epi64(top, right));
  }

  __m256i multiplier_even_, multiplier_odd_;
  __m256i zero_point_, low_, high_;
  __m256i left_, right_even_, right_odd_;
};

inline void StoreChannels(__m128i bytes, const TileOutput& output, std::int8_t* target) {
  if (output.end - output.begin == 8) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(target), bytes);
    return;
  }
  std::int8_t channels[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(channels), bytes);
  std::memcpy(target + output.begin, channels + output.begin,
              static_cast<std::size_t>(output.end - output.begin));
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_AVX2_OUTPUT_STAGE_H_
