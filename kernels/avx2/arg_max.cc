#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/inventory.h"
#include "kernels/x86/vec256.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBytes = 32;

/// The largest byte, unsigned. VPHMINPOSUW finds the least of eight words: of the bytes'
/// complements, once each word holds the least of its two.
std::uint32_t LargestByte(__m256i bytes) {
  const __m128i half =
      _mm_max_epu8(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
  const __m128i complement = _mm_xor_si128(half, _mm_set1_epi8(-1));
  const __m128i least = _mm_min_epu8(complement, _mm_srli_epi16(complement, 8));
  const __m128i words = _mm_and_si128(least, _mm_set1_epi16(0xFF));
  return 0xFF - static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(words)) & 0xFF);
}

/// The first `count` of 32 bytes, at most 32; the others are 0.
__m256i FirstBytes(__m256i bytes, std::int32_t count) {
  const __m256i numbers =
      _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                       22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  const __m256i is_first =
      _mm256_cmpgt_epi8(Vec256::Set8(static_cast<std::int8_t>(count)), numbers);
  return _mm256_and_si256(bytes, is_first);
}

/// `count` neighbours, 32 at a time, so that the best one is the largest unsigned byte: `flip` is
/// 0x80, or its complement where the smallest is wanted. `end` is behind the last byte of all.
class Pieces {
 public:
  Pieces(const std::int8_t* values, std::int32_t count, std::int8_t flip, const std::int8_t* end)
      : values_(values), count_(count), end_(end), flip_(Vec256::Set8(flip)) {}

  /// Those from i on; beyond the end the last ones again, or, where there are fewer than 32 in all,
  /// zeros.
  [[nodiscard]] __m256i At(std::int32_t i) const {
    if (count_ >= kBytes) return Vec256::Xor(Vec256::Load(values_ + Start(i)), flip_);
    if (end_ - values_ >= kBytes) {
      return FirstBytes(Vec256::Xor(Vec256::Load(values_), flip_), count_);
    }
    std::int8_t bytes[kBytes];
    Vec256::Store(bytes, flip_);
    std::memcpy(bytes, values_, static_cast<std::size_t>(count_));
    return Vec256::Xor(Vec256::Load(bytes), flip_);
  }

  /// The number of the first value that At(i) holds.
  [[nodiscard]] std::int32_t Start(std::int32_t i) const {
    return count_ - i < kBytes && count_ >= kBytes ? count_ - kBytes : i;
  }

 private:
  const std::int8_t* values_;
  std::int32_t count_;
  const std::int8_t* end_;
  __m256i flip_;
};

std::int32_t IndexOfFirstLargest(const Pieces& pieces, std::int32_t count) {
  __m256i largest = pieces.At(0);
  for (std::int32_t i = kBytes; i < count; i += kBytes) {
    largest = _mm256_max_epu8(largest, pieces.At(i));
  }
  const __m256i wanted = Vec256::Set8(static_cast<std::int8_t>(LargestByte(largest)));
  for (std::int32_t i = 0; i < count; i += kBytes) {
    const auto equal =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(pieces.At(i), wanted)));
    if (equal != 0) return pieces.Start(i) + __builtin_ctz(equal);
  }
  return 0;
}

}  // namespace

// Precondition: inner is 1.
void ArgMaxAvx2(const ArgMaxParams& p, const Work& work) {
  const auto element_bytes = static_cast<std::size_t>(p.output_element_bytes);
  const auto flip = static_cast<std::int8_t>(p.smallest ? INT8_MAX : INT8_MIN);
  auto* output = static_cast<std::uint8_t*>(p.output);
  const std::int8_t* end = p.input + std::ptrdiff_t{p.outer} * p.axis;
  for (std::int32_t outer = work.begin; outer < work.end; ++outer) {
    const Pieces pieces(p.input + std::ptrdiff_t{outer} * p.axis, p.axis, flip, end);
    // Little-endian: the first four bytes of an int64 are its int32.
    const std::int64_t index = IndexOfFirstLargest(pieces, p.axis);
    std::memcpy(output + std::ptrdiff_t{outer} * p.output_element_bytes, &index, element_bytes);
  }
}

}  // namespace quaver::kernels
