// Float matrix multiplication for the executor.
#ifndef QUAVER_COMPILER_EXECUTE_FLOAT_GEMM_H_
#define QUAVER_COMPILER_EXECUTE_FLOAT_GEMM_H_

#include <cstdint>
#include <vector>

namespace quaver::compiler {

/// A [n, k] matrix (weights, one row per output) packed in panels of kPanel rows, k-major, so that
/// the inner loop reads it in order.
///
/// Every product sums over k in ascending order whatever the machine, so calibration gives the
/// same ranges everywhere: the reason why this is not left to a BLAS, whose blocking follows the
/// caches.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// `rows` is row-major [n, k].
  PackedMatrix(const float* rows, std::int64_t n, std::int64_t k);

  /// out[i * out_stride + j] = bias[j] + sum over k of a[i * k_ + k] * rows[j * k_ + k], for
  /// i < m, j < n. `bias` may be null.
  void Multiply(const float* a, std::int64_t m, const float* bias, float* out,
                std::int64_t out_stride) const;

  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] std::int64_t k() const { return k_; }

 private:
  std::int64_t n_ = 0;
  std::int64_t k_ = 0;
  std::vector<float> panels_;
};

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_FLOAT_GEMM_H_
