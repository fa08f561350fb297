#include "compiler/execute/float_gemm.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace quaver::compiler {
namespace {

constexpr std::int64_t kPanel = 16;  // columns that are packed together
constexpr std::int64_t kRows = 4;    // rows of the tile

struct Product {
  const float* a;  ///< [m, depth]
  std::int64_t m, n, depth;
  const float* panels;
  const float* bias;  ///< Or null.
  std::int64_t out_stride;
  float* out = nullptr;
};

// Vectors as GCC and Clang have them, on every CPU: operators work element by element.
using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));

// kM rows times two vectors of columns of one panel, written where they belong. The sums of a
// column are in one lane: vectors need no reassociation.
template <typename Vector, std::int64_t kM>
[[gnu::always_inline]] inline void Tile(const Product& p, std::int64_t i, std::int64_t j) {
  constexpr std::int64_t kLanes = sizeof(Vector) / sizeof(float);
  const float* a = p.a + i * p.depth;
  const float* panel = p.panels + j / kPanel * kPanel * p.depth + j % kPanel;
  Vector low[kM] = {};
  Vector high[kM] = {};
  for (std::int64_t k = 0; k < p.depth; ++k) {
    Vector first, second;
    std::memcpy(&first, panel + k * kPanel, sizeof first);
    std::memcpy(&second, panel + k * kPanel + kLanes, sizeof second);
    for (std::int64_t r = 0; r < kM; ++r) {
      low[r] += a[r * p.depth + k] * first;
      high[r] += a[r * p.depth + k] * second;
    }
  }
  const std::int64_t columns = std::min(2 * kLanes, p.n - j);
  for (std::int64_t r = 0; r < kM; ++r) {
    float sums[2 * kLanes];
    std::memcpy(sums, &low[r], sizeof low[r]);
    std::memcpy(sums + kLanes, &high[r], sizeof high[r]);
    float* out = p.out + (i + r) * p.out_stride + j;
    for (std::int64_t c = 0; c < columns; ++c) {
      out[c] = sums[c] + (p.bias != nullptr ? p.bias[j + c] : 0.0F);
    }
  }
}

template <typename Vector>
[[gnu::always_inline]] inline void MultiplyTiles(const Product& p) {
  static_assert(kRows == 4, "one case per number of rows");
  constexpr std::int64_t kColumns = 2 * sizeof(Vector) / sizeof(float);
  for (std::int64_t j = 0; j < p.n; j += kColumns) {
    std::int64_t i = 0;
    for (; i + kRows <= p.m; i += kRows) Tile<Vector, kRows>(p, i, j);
    if (p.m - i == 3) Tile<Vector, 3>(p, i, j);
    if (p.m - i == 2) Tile<Vector, 2>(p, i, j);
    if (p.m - i == 1) Tile<Vector, 1>(p, i, j);
  }
}

#if defined(__x86_64__)
// Wider registers, the same sums: AVX2 alone has no fused multiply-add, which would round once.
[[gnu::target("avx2")]] void MultiplyAvx2(const Product& p) { MultiplyTiles<Float8>(p); }
#endif

}  // namespace

PackedMatrix::PackedMatrix(const float* rows, std::int64_t n, std::int64_t k)
    : n_(n), k_(k), panels_(static_cast<std::size_t>((n + kPanel - 1) / kPanel * kPanel * k)) {
  for (std::int64_t j = 0; j < n; ++j) {
    float* panel = panels_.data() + j / kPanel * kPanel * k + j % kPanel;
    for (std::int64_t i = 0; i < k; ++i) panel[i * kPanel] = rows[j * k + i];
  }
}

void PackedMatrix::Multiply(const float* a, std::int64_t m, const float* bias, float* out,
                            std::int64_t out_stride) const {
  Product product{a, m, n_, k_, panels_.data(), bias, out_stride};
  product.out = out;
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return MultiplyAvx2(product);
#endif
  MultiplyTiles<Float4>(product);
}

}  // namespace quaver::compiler
