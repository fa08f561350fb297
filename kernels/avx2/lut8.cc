#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr int kRows = 16;
constexpr std::ptrdiff_t kBytes = 32;

// The table as 16 rows of 16 bytes. VPSHUFB looks a byte up in one row by its low four bits and
// gives 0 where its highest bit is set: for row r, x xor 16 r is below 16 where x is of that row,
// and adding 112 with saturation sets the highest bit where it is not, and keeps the low four.
struct Table {
  __m256i rows[kRows];

  [[nodiscard]] __m256i Look(__m256i x) const {
    __m256i result = _mm256_setzero_si256();
    for (int r = 0; r < kRows; ++r) {
      const __m256i low = _mm256_xor_si256(x, _mm256_set1_epi8(static_cast<char>(16 * r)));
      const __m256i index = _mm256_adds_epu8(low, _mm256_set1_epi8(112));
      result = _mm256_or_si256(result, _mm256_shuffle_epi8(rows[r], index));
    }
    return result;
  }
};

__m256i Load(const std::uint8_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

// Whether every entry is its number xor the first one: between uint8 and int8, with 0x80, at the
// border of many models.
bool IsXor(const std::uint8_t* table, __m256i first) {
  __m256i numbers = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
                                     18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  __m256i differences = _mm256_setzero_si256();
  for (int i = 0; i < 256; i += kBytes) {
    const __m256i expected = _mm256_xor_si256(numbers, first);
    differences = _mm256_or_si256(differences, _mm256_xor_si256(Load(table + i), expected));
    numbers = _mm256_add_epi8(numbers, _mm256_set1_epi8(kBytes));
  }
  return _mm256_testz_si256(differences, differences) != 0;
}

template <typename Look>
void RunLook(const Lut8Params& p, const Work& work, Look look) {
  std::ptrdiff_t i = work.begin;
  for (; i + kBytes <= work.end; i += kBytes) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p.output + i), look(Load(p.input + i)));
  }
  for (; i < work.end; ++i) p.output[i] = p.table[p.input[i]];
}

}  // namespace

void Lut8Avx2(const Lut8Params& p, const Work& work) {
  constexpr std::int32_t kMany = 256;  // bytes from which on it pays to ask
  const __m256i first = _mm256_set1_epi8(static_cast<char>(p.table[0]));
  if (work.end - work.begin >= kMany && IsXor(p.table, first)) {
    RunLook(p, work, [first](__m256i x) { return _mm256_xor_si256(x, first); });
    return;
  }
  Table table;
  for (int r = 0; r < kRows; ++r) {
    table.rows[r] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(p.table + 16 * r)));
  }
  RunLook(p, work, [&table](__m256i x) { return table.Look(x); });
}

}  // namespace quaver::kernels
