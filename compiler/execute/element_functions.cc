#include "compiler/execute/element_functions.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quaver::compiler {
namespace {

double Clamp(double x, double low, double high) { return std::min(std::max(x, low), high); }

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Gaussian error linear unit (Hendrycks and Gimpel, 2016): x times the normal distribution's Phi.
double Gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

double GeluTanh(double x) {
  const double sqrt_2_over_pi = std::sqrt(2 / std::acos(-1.0));
  return 0.5 * x * (1 + std::tanh(sqrt_2_over_pi * (x + 0.044715 * x * x * x)));
}

// log(1 + e^x) without overflow for large x.
double Softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

void ClampAll(float* data, std::int64_t count, float low, float high) {
  for (std::int64_t i = 0; i < count; ++i) data[i] = std::min(std::max(data[i], low), high);
}

}  // namespace

double EvaluateUnary(const UnaryOp& op, double x) {
  const double alpha = static_cast<double>(op.alpha);
  const double beta = static_cast<double>(op.beta);
  switch (op.kind) {
    case UnaryKind::kRelu:
      return std::max(x, 0.0);
    case UnaryKind::kRelu6:
      return Clamp(x, 0, 6);
    case UnaryKind::kReluN1To1:
      return Clamp(x, -1, 1);
    case UnaryKind::kLeakyRelu:
      return x >= 0 ? x : alpha * x;
    case UnaryKind::kElu:
      return x >= 0 ? x : alpha * std::expm1(x);
    case UnaryKind::kGelu:
      return Gelu(x);
    case UnaryKind::kGeluTanh:
      return GeluTanh(x);
    case UnaryKind::kSigmoid:
      return Sigmoid(x);
    case UnaryKind::kTanh:
      return std::tanh(x);
    case UnaryKind::kHardSigmoid:
      return Clamp(alpha * x + beta, 0, 1);
    case UnaryKind::kHardSwish:
      return x * Clamp(x + 3, 0, 6) / 6;
    case UnaryKind::kAbs:
      return std::abs(x);
    case UnaryKind::kNegate:
      return -x;
    case UnaryKind::kExp:
      return std::exp(x);
    case UnaryKind::kLog:
      return std::log(x);
    case UnaryKind::kSqrt:
      return std::sqrt(x);
    case UnaryKind::kRsqrt:
      return 1 / std::sqrt(x);
    case UnaryKind::kSquare:
      return x * x;
    case UnaryKind::kSin:
      return std::sin(x);
    case UnaryKind::kCos:
      return std::cos(x);
    case UnaryKind::kFloor:
      return std::floor(x);
    case UnaryKind::kCeil:
      return std::ceil(x);
    case UnaryKind::kRound:
      return std::nearbyint(x);  // ties to even, as ONNX and TensorFlow
    case UnaryKind::kErf:
      return std::erf(x);
    case UnaryKind::kSoftplus:
      return Softplus(x);
    case UnaryKind::kSilu:
      return x * Sigmoid(x);
    case UnaryKind::kClip:
      return Clamp(x, alpha, beta);
  }
  return x;
}

void ApplyActivation(Activation activation, float* data, std::int64_t count) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return ClampAll(data, count, 0, std::numeric_limits<float>::infinity());
    case Activation::kRelu6:
      return ClampAll(data, count, 0, 6);
    case Activation::kReluN1To1:
      return ClampAll(data, count, -1, 1);
  }
}

}  // namespace quaver::compiler
