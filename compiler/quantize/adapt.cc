#include "compiler/quantize/adapt.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace quaver::compiler {
namespace {

using Matrix = Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Added to the diagonal, relative to its mean: inputs that never vary, or always together, leave
// H without an inverse.
constexpr double kDamping = 0.01;
constexpr double kMostBias = 1073741824.0;  // 2^30

Matrix Covariance(const PatchMoments& patches) {
  const auto depth = static_cast<Eigen::Index>(patches.sum.size());
  const Eigen::Map<const RowMatrix> products(patches.products.data(), depth, depth);
  Eigen::VectorXd mean(depth);
  for (Eigen::Index k = 0; k < depth; ++k) mean(k) = patches.Mean(static_cast<std::size_t>(k));
  Matrix covariance = products.selfadjointView<Eigen::Lower>();
  covariance /= std::max(1.0, patches.count);
  covariance -= mean * mean.transpose();
  return covariance;
}

// The upper Cholesky factor of the inverse of the damped matrix. False where there is none.
bool InverseFactor(Matrix matrix, Matrix* upper) {
  const double mean = matrix.diagonal().mean();
  if (!(mean > 0)) return false;
  matrix.diagonal().array() += kDamping * mean;
  const Eigen::LLT<Matrix> factor(matrix);
  if (factor.info() != Eigen::Success) return false;
  const Eigen::LLT<Matrix> inverse(factor.solve(Matrix::Identity(matrix.rows(), matrix.cols())));
  if (inverse.info() != Eigen::Success) return false;
  *upper = inverse.matrixU();
  return true;
}

double Rounded(const FloatLayer& original, const QuantizedLayer& layer, std::size_t c,
               std::size_t k, double value) {
  const WeightGrid& grid = layer.grid;
  if (grid.IsPruned(original.Index(c, k))) return 0;
  return grid.Round(value, grid.Multiplier(c, k, original.depth()));
}

double SquaredError(const Eigen::VectorXd& error, const Matrix& covariance) {
  return error.dot(covariance * error);
}

}  // namespace

void AdaptRounding(const FloatLayer& original, const std::vector<PatchMoments>& patches,
                   QuantizedLayer* layer) {
  if (layer->grid.vectors) return;
  const auto depth = static_cast<Eigen::Index>(original.depth());
  std::vector<Matrix> covariances(patches.size());
  std::vector<Matrix> factors(patches.size());
  for (std::size_t b = 0; b < patches.size(); ++b) {
    covariances[b] = Covariance(patches[b]);
    if (!InverseFactor(covariances[b], &factors[b])) factors[b].resize(0, 0);
  }
  for (std::size_t c = 0; c < original.channels; ++c) {
    const std::size_t block = BlockOf(c, original.channels, patches.size());
    const Matrix& upper = factors[block];
    if (upper.size() == 0) continue;
    const auto scale = static_cast<double>(layer->weights_quantization.scale[c]);
    Eigen::VectorXd free(depth);
    Eigen::VectorXd nearest_error(depth);
    for (Eigen::Index k = 0; k < depth; ++k) {
      const std::size_t i = original.Index(c, static_cast<std::size_t>(k));
      free(k) = static_cast<double>(original.weights[i]);
      nearest_error(k) = free(k) - scale * static_cast<double>(layer->weights[i]);
    }
    const Eigen::VectorXd weights = free;
    Eigen::VectorXd rounded(depth);
    for (Eigen::Index k = 0; k < depth; ++k) {
      rounded(k) = Rounded(original, *layer, c, static_cast<std::size_t>(k), free(k) / scale);
      const double error = (free(k) - scale * rounded(k)) / upper(k, k);
      free.tail(depth - k - 1) -= error * upper.row(k).tail(depth - k - 1).transpose();
    }
    const Eigen::VectorXd error = weights - scale * rounded;
    if (SquaredError(error, covariances[block]) >=
        SquaredError(nearest_error, covariances[block])) {
      continue;
    }
    for (Eigen::Index k = 0; k < depth; ++k) {
      layer->weights[original.Index(c, static_cast<std::size_t>(k))] =
          static_cast<std::int8_t>(rounded(k));
    }
  }
}

void CorrectBias(const FloatLayer& original, const std::vector<PatchMoments>& expected,
                 const std::vector<PatchMoments>& found, float input_scale, QuantizedLayer* layer) {
  const std::vector<float>& scales = layer->weights_quantization.scale;
  if (layer->bias.empty()) {
    layer->bias.assign(original.channels, 0);
    for (float scale : scales) {
      layer->bias_quantization.scale.push_back(
          static_cast<float>(static_cast<double>(input_scale) * static_cast<double>(scale)));
      layer->bias_quantization.zero_point.push_back(0);
    }
  }
  for (std::size_t c = 0; c < original.channels; ++c) {
    const std::size_t block = BlockOf(c, original.channels, expected.size());
    const auto bias_scale = static_cast<double>(layer->bias_quantization.scale[c]);
    double missing = original.bias.empty() ? 0 : static_cast<double>(original.bias[c]);
    missing -= bias_scale * static_cast<double>(layer->bias[c]);
    for (std::size_t k = 0; k < original.depth(); ++k) {
      const std::size_t i = original.Index(c, k);
      missing += static_cast<double>(original.weights[i]) * expected[block].Mean(k) -
                 static_cast<double>(scales[c]) * static_cast<double>(layer->weights[i]) *
                     found[block].Mean(k);
    }
    const double bias = static_cast<double>(layer->bias[c]) + std::round(missing / bias_scale);
    layer->bias[c] = static_cast<std::int32_t>(std::clamp(bias, -kMostBias, kMostBias));
  }
}

}  // namespace quaver::compiler
