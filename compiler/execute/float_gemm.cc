#include "compiler/execute/float_gemm.h"

#include <algorithm>
#include <cstddef>

namespace quaver::compiler {
namespace {

constexpr std::int64_t kPanel = 8;  // columns of the tile: two SSE or NEON registers
constexpr std::int64_t kRows = 4;   // rows of the tile: with kPanel, eight accumulators

// acc[i][j] += sum over k of a[i][k] * panel[k][j]. Constant bounds let the compiler keep acc in
// registers and use vectors over j, which needs no reassociation.
template <std::int64_t kM>
void Tile(const float* a, std::int64_t depth, const float* panel, float (&acc)[kRows][kPanel]) {
  for (std::int64_t k = 0; k < depth; ++k) {
    for (std::int64_t i = 0; i < kM; ++i) {
      const float x = a[i * depth + k];
      for (std::int64_t j = 0; j < kPanel; ++j) acc[i][j] += x * panel[k * kPanel + j];
    }
  }
}

void RunTile(std::int64_t rows, const float* a, std::int64_t depth, const float* panel,
             float (&acc)[kRows][kPanel]) {
  static_assert(kRows == 4, "one case per number of rows");
  switch (rows) {
    case 1:
      return Tile<1>(a, depth, panel, acc);
    case 2:
      return Tile<2>(a, depth, panel, acc);
    case 3:
      return Tile<3>(a, depth, panel, acc);
    default:
      return Tile<4>(a, depth, panel, acc);
  }
}

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
  for (std::int64_t j = 0; j < n_; j += kPanel) {
    const std::int64_t columns = std::min(kPanel, n_ - j);
    const float* panel = panels_.data() + j * k_;
    for (std::int64_t i = 0; i < m; i += kRows) {
      const std::int64_t rows = std::min(kRows, m - i);
      float acc[kRows][kPanel] = {};
      RunTile(rows, a + i * k_, k_, panel, acc);
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
          const float start = bias != nullptr ? bias[j + c] : 0.0F;
          out[(i + r) * out_stride + j + c] = acc[r][c] + start;
        }
      }
    }
  }
}

}  // namespace quaver::compiler
