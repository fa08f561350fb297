// Long rows: an output depends on its input's distance from the largest only, so it is computed
// once for each of the 256 distances and looked up.
#include "kernels/generic/softmax.h"

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kDistances = 256;
// Rows of fewer elements than that are faster one by one.
constexpr std::int32_t kLeastDepth = 48;

std::int32_t Largest(const std::int8_t* row, std::int32_t depth) {
  std::int8_t largest = INT8_MIN;
  for (std::int32_t c = 0; c < depth; ++c) largest = row[c] > largest ? row[c] : largest;
  return largest;
}

// By distance, in Q0.31 and rounded to Q12.19; both 0 beyond the table.
struct Exps {
  alignas(32) std::int32_t exact[kDistances];
  std::uint32_t rounded[kDistances];

  explicit Exps(const SoftmaxParams& p) {
    constexpr std::uint32_t kHalf = 1U << (kSumIntegerBits - 1);
    for (std::int32_t d = 0; d < kDistances; ++d) {
      exact[d] = d < p.table_size ? p.exp_table[d] : 0;
      rounded[d] = (static_cast<std::uint32_t>(exact[d]) + kHalf) >> kSumIntegerBits;
    }
  }
};

// The outputs of eight exponentials, as int32. Nothing is negative, so both roundings add a half
// and shift: quotient = (reciprocal * exp + 2^30) >> 31, steps = (quotient + 2^(s - 1)) >> s.
__m256i Outputs(__m256i exps, const SoftmaxScale& scale) {
  const __m256i reciprocal = _mm256_set1_epi32(scale.reciprocal);
  const __m256i half = _mm256_set1_epi64x(std::int64_t{1} << 30);
  const auto multiply = [=](__m256i even) {
    return _mm256_add_epi64(_mm256_mul_epu32(even, reciprocal), half);
  };
  const __m256i even = _mm256_srli_epi64(multiply(exps), 31);
  // Bits 31 to 61 of the odd products, into the high half.
  const __m256i odd = _mm256_slli_epi64(multiply(_mm256_srli_epi64(exps, 32)), 1);
  const __m256i quotient = _mm256_blend_epi32(even, odd, 0xAA);
  const __m256i rounded =
      _mm256_add_epi32(quotient, _mm256_set1_epi32(std::int32_t{1} << (scale.shift - 1)));
  const __m256i steps = _mm256_srl_epi32(rounded, _mm_cvtsi32_si128(scale.shift));
  return _mm256_sub_epi32(_mm256_min_epi32(steps, _mm256_set1_epi32(255)), _mm256_set1_epi32(128));
}

void SoftmaxRow(const Exps& exps, const std::int8_t* input, std::int32_t depth,
                std::int8_t* output) {
  const std::int32_t largest = Largest(input, depth);
  std::uint64_t sum = 0;
  for (std::int32_t c = 0; c < depth; ++c) sum += exps.rounded[largest - input[c]];
  const SoftmaxScale scale = ScaleOfSum(sum);
  std::int8_t outputs[kDistances];
  for (std::int32_t d = 0; d < kDistances; d += 8) {
    const __m256i values =
        Outputs(_mm256_load_si256(reinterpret_cast<const __m256i*>(exps.exact + d)), scale);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(outputs + d), _mm_packs_epi16(words, words));
  }
  for (std::int32_t c = 0; c < depth; ++c) output[c] = outputs[largest - input[c]];
}

}  // namespace

void SoftmaxAvx2(const SoftmaxParams& p, const Work& work) {
  if (p.depth < kLeastDepth) {
    SoftmaxScalar(p, work);
    return;
  }
  const Exps exps(p);
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::ptrdiff_t offset = std::ptrdiff_t{row} * p.depth;
    SoftmaxRow(exps, p.input + offset, p.depth, p.output + offset);
  }
}

}  // namespace quaver::kernels
