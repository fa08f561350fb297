#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::ptrdiff_t kBytes = 64;

// The table as 128 pairs of neighbouring bytes. VPERMI2W looks 64 pairs up by six bits of an
// index; bit 7 of a byte says in which half of the table its pair is, and bit 0 which of the pair
// it is. VPERMI2B, which looks bytes up, is not in every CPU that has AVX-512-VNNI.
class Table {
 public:
  explicit Table(const std::uint8_t* table) {
    for (int i = 0; i < 4; ++i) quarters_[i] = _mm512_loadu_si512(table + i * kBytes);
  }

  [[nodiscard]] __m512i Look(__m512i x) const {
    // Bytes 0, 2, ...: the low ones of each 16 bits, where their results belong too.
    const __m512i even = Pair(_mm512_srli_epi16(x, 1), Test(x, 0x0080));
    const __m512i low = _mm512_mask_srli_epi16(even, Test(x, 0x0001), even, 8);
    const __m512i odd = Pair(_mm512_srli_epi16(x, 9), Test(x, 0x8000));
    const __m512i high = _mm512_mask_slli_epi16(odd, ~Test(x, 0x0100), odd, 8);
    return _mm512_mask_blend_epi8(0xAAAAAAAAAAAAAAAA, low, high);
  }

 private:
  static __mmask32 Test(__m512i x, int bit) {
    return _mm512_test_epi16_mask(x, _mm512_set1_epi16(static_cast<std::int16_t>(bit)));
  }

  // Of the first or the second half of the table, by the low six bits of each 16.
  [[nodiscard]] __m512i Pair(__m512i index, __mmask32 second) const {
    return _mm512_mask_blend_epi16(second,
                                   _mm512_permutex2var_epi16(quarters_[0], index, quarters_[1]),
                                   _mm512_permutex2var_epi16(quarters_[2], index, quarters_[3]));
  }

  __m512i quarters_[4];
};

}  // namespace

void Lut8Avx512Vnni(const Lut8Params& p, const Work& work) {
  const Table table(p.table);
  std::ptrdiff_t i = work.begin;
  for (; i + kBytes <= work.end; i += kBytes) {
    _mm512_storeu_si512(p.output + i, table.Look(_mm512_loadu_si512(p.input + i)));
  }
  if (i < work.end) {
    const __mmask64 rest = ~__mmask64{0} >> (i + kBytes - work.end);
    _mm512_mask_storeu_epi8(p.output + i, rest,
                            table.Look(_mm512_maskz_loadu_epi8(rest, p.input + i)));
  }
}

}  // namespace quaver::kernels
