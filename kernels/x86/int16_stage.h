// The output stage of layers on int16 activations, four channels at a time: RequantizeInt16
// (kernels/requantize.h) in vectors of 64 bits, which AVX2 must be told how to shift and compare.
#ifndef QUAVER_KERNELS_X86_INT16_STAGE_H_
#define QUAVER_KERNELS_X86_INT16_STAGE_H_

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// The sum of the lanes in four int64, in an order that is the same for all.
inline __m256i WidenedSums(__m256i lanes) {
  return _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(lanes)),
                          _mm256_cvtepi32_epi64(_mm256_extracti128_si256(lanes, 1)));
}

/// The sums of all lanes of a, of b, of c and of d.
inline __m256i SumsOfFour(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
  const __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
  return _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20),
                          _mm256_permute2x128_si256(ab, cd, 0x31));
}

class Int16Stage {
 public:
  /// Of channels c to c + 3.
  Int16Stage(const OutputStageInt16& stage, std::int32_t c)
      : minimum_(_mm_set1_epi16(static_cast<std::int16_t>(stage.clamp_min))),
        maximum_(_mm_set1_epi16(static_cast<std::int16_t>(stage.clamp_max))) {
    const __m128i low = Load(stage.bias + c);
    const __m128i high = Load(stage.bias_high + c);
    bias_ = Join(_mm_unpacklo_epi32(low, high), _mm_unpackhi_epi32(low, high));
    multiplier_ = _mm256_cvtepi32_epi64(Load(stage.multiplier + c));
    std::int32_t shifts;
    std::memcpy(&shifts, stage.shift + c, sizeof(shifts));
    const __m256i shift = _mm256_cvtepi8_epi64(_mm_cvtsi32_si128(shifts));
    right_ = _mm256_sub_epi64(_mm256_set1_epi64x(15), shift);
    rounding_ =
        _mm256_sllv_epi64(_mm256_set1_epi64x(1), _mm256_sub_epi64(right_, _mm256_set1_epi64x(1)));
  }

  void Apply(const std::int64_t* sums, std::int16_t* output) const {
    Apply(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(sums)), output);
  }
  void Apply(const std::int32_t* sums, std::int16_t* output) const {
    Apply(_mm256_cvtepi32_epi64(Load(sums)), output);
  }

 private:
  void Apply(__m256i sums, std::int16_t* output) const {
    const __m256i value = _mm256_add_epi64(sums, bias_);
    const __m256i low = _mm256_mul_epu32(value, multiplier_);
    const __m256i high = _mm256_mul_epi32(_mm256_srli_epi64(value, 32), multiplier_);
    const __m256i product = _mm256_add_epi64(low, _mm256_slli_epi64(high, 32));
    // In 32 bits from here on: what does not fit int16 must only stay on its side.
    const __m256i shifted = ShiftRight(_mm256_add_epi64(product, rounding_));
    const __m256i even =
        _mm256_permutevar8x32_epi32(shifted, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(even), _mm256_castsi256_si128(even));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(output),
                     _mm_min_epi16(_mm_max_epi16(words, minimum_), maximum_));
  }

  static __m128i Load(const std::int32_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  }
  static __m256i Join(__m128i low, __m128i high) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
  }

  /// x >> right, limited to what int32 holds.
  [[nodiscard]] __m256i ShiftRight(__m256i x) const {
#ifdef __AVX512VL__
    const __m256i y = _mm256_srav_epi64(x, right_);
    return _mm256_max_epi64(_mm256_min_epi64(y, _mm256_set1_epi64x(kMost)),
                            _mm256_set1_epi64x(-kMost));
#else
    // |x| < 2^62: as unsigned numbers, which are what AVX2 shifts, and back.
    const __m256i offset = _mm256_set1_epi64x(std::int64_t{1} << 62);
    const __m256i y = _mm256_sub_epi64(_mm256_srlv_epi64(_mm256_add_epi64(x, offset), right_),
                                       _mm256_srlv_epi64(offset, right_));
    const __m256i most = _mm256_set1_epi64x(kMost);
    const __m256i least = _mm256_set1_epi64x(-kMost);
    const __m256i below = _mm256_blendv_epi8(y, most, _mm256_cmpgt_epi64(y, most));
    return _mm256_blendv_epi8(below, least, _mm256_cmpgt_epi64(least, below));
#endif
  }

  static constexpr std::int64_t kMost = std::int64_t{1} << 30;

  __m128i minimum_, maximum_;
  __m256i bias_, multiplier_, right_, rounding_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_INT16_STAGE_H_
