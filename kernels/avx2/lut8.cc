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

}  // namespace

void Lut8Avx2(const Lut8Params& p, const Work& work) {
  Table table;
  for (int r = 0; r < kRows; ++r) {
    table.rows[r] = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(p.table + 16 * r)));
  }
  std::ptrdiff_t i = work.begin;
  for (; i + kBytes <= work.end; i += kBytes) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p.input + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p.output + i), table.Look(x));
  }
  for (; i < work.end; ++i) p.output[i] = p.table[p.input[i]];
}

}  // namespace quaver::kernels
