#include "kernels/generic/strided_copy.h"

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

struct TransposerAvx2 {
  static void Transpose8x8(const std::uint8_t* source, std::ptrdiff_t source_stride,
                           std::uint8_t* target, std::ptrdiff_t target_stride) {
    const auto load = [=](int j) {
      return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(source + j * source_stride));
    };
    // Each step doubles the source rows whose bytes lie together.
    const __m128i rows01 = _mm_unpacklo_epi8(load(0), load(1));
    const __m128i rows23 = _mm_unpacklo_epi8(load(2), load(3));
    const __m128i rows45 = _mm_unpacklo_epi8(load(4), load(5));
    const __m128i rows67 = _mm_unpacklo_epi8(load(6), load(7));
    const __m128i low0123 = _mm_unpacklo_epi16(rows01, rows23);
    const __m128i high0123 = _mm_unpackhi_epi16(rows01, rows23);
    const __m128i low4567 = _mm_unpacklo_epi16(rows45, rows67);
    const __m128i high4567 = _mm_unpackhi_epi16(rows45, rows67);
    const auto store = [=](int i, __m128i two) {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(target + i * target_stride), two);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(target + (i + 1) * target_stride),
                       _mm_unpackhi_epi64(two, two));
    };
    store(0, _mm_unpacklo_epi32(low0123, low4567));
    store(2, _mm_unpackhi_epi32(low0123, low4567));
    store(4, _mm_unpacklo_epi32(high0123, high4567));
    store(6, _mm_unpackhi_epi32(high0123, high4567));
  }
};

}  // namespace

void StridedCopyAvx2(const StridedCopyParams& params, const Work& work) {
  RunStridedCopy<TransposerAvx2>(params, work);
}

}  // namespace quaver::kernels
