// Functions that exporters write as several operators: as one, they are one table in int8, and no
// intermediate is rounded. What nobody else reads of the parts is removed later.
#include <cmath>

#include "compiler/import/onnx/operators.h"

namespace quaver::compiler::onnx_import {
namespace {

constexpr float kSqrtHalf = 0.70710678F;

const Node* Producer(NodeImporter& node, TensorId id) {
  const std::int32_t producer = node.graph().Producer(id);
  return producer < 0 ? nullptr : &node.graph().nodes[static_cast<std::size_t>(producer)];
}

// Whether a constant tensor is the number `value`, as exporters round it.
bool IsNumber(NodeImporter& node, TensorId id, float value) {
  const Tensor& tensor = node.graph().tensor(id);
  return tensor.constant() && tensor.type == DataType::kFloat32 && tensor.elements() == 1 &&
         std::abs(tensor.As<float>()[0] - value) < 1e-5F;
}

// The other operand, if `id` is written by the binary operator `kind` with the number `value`.
TensorId OperandBesideNumber(NodeImporter& node, TensorId id, BinaryKind kind, float value) {
  const Node* producer = Producer(node, id);
  if (producer == nullptr) return kNoTensor;
  const auto* binary = producer->As<BinaryOp>();
  if (binary == nullptr || binary->kind != kind) return kNoTensor;
  for (std::size_t i = 0; i < 2; ++i) {
    if (IsNumber(node, producer->inputs[i], value)) return producer->inputs[1 - i];
  }
  return kNoTensor;
}

TensorId InputOfUnary(NodeImporter& node, TensorId id, UnaryKind kind) {
  const Node* producer = id == kNoTensor ? nullptr : Producer(node, id);
  if (producer == nullptr) return kNoTensor;
  const auto* unary = producer->As<UnaryOp>();
  return unary != nullptr && unary->kind == kind ? producer->inputs[0] : kNoTensor;
}

// Whether `id` is erf(x / sqrt(2)) + 1; a division by a constant has become a product.
bool IsGeluGate(NodeImporter& node, TensorId id, TensorId x) {
  const TensorId erf = OperandBesideNumber(node, id, BinaryKind::kAdd, 1);
  const TensorId scaled = InputOfUnary(node, erf, UnaryKind::kErf);
  return scaled != kNoTensor && OperandBesideNumber(node, scaled, BinaryKind::kMul, kSqrtHalf) == x;
}

bool IsHalf(const Value& value) {
  return value.constant != nullptr && !value.constant->integer && value.constant->size() == 1 &&
         value.constant->floats[0] == 0.5F;
}

}  // namespace

std::optional<Value> MatchGelu(NodeImporter& node, const Value& a, const Value& b) {
  if (a.constant != nullptr || !IsHalf(b) || b.rank() > a.rank()) return {};
  const Node* product = Producer(node, a.tensor);
  if (product == nullptr || product->As<BinaryOp>() == nullptr ||
      product->As<BinaryOp>()->kind != BinaryKind::kMul) {
    return {};
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const TensorId x = product->inputs[i];
    const bool same_shape = node.graph().tensor(x).shape == node.graph().tensor(a.tensor).shape;
    if (!same_shape || !IsGeluGate(node, product->inputs[1 - i], x)) continue;
    Value result = a;  // x lies as its product with the gate does
    result.tensor = x;
    return result;
  }
  return {};
}

std::optional<UnaryOp> MatchGate(NodeImporter& node, const Value& x, const Value& gate) {
  if (x.constant != nullptr || gate.constant != nullptr) return {};
  const Node* producer = Producer(node, gate.tensor);
  const auto* unary = producer == nullptr ? nullptr : producer->As<UnaryOp>();
  if (unary == nullptr || producer->inputs[0] != x.tensor || x.order != gate.order) return {};
  if (unary->kind == UnaryKind::kSigmoid) return UnaryOp{UnaryKind::kSilu, 0, 0};
  const bool swish = unary->kind == UnaryKind::kHardSigmoid && unary->beta == 0.5F &&
                     std::abs(unary->alpha - 1.0F / 6) < 1e-6F;  // 1/6 as exporters round it
  if (swish) return UnaryOp{UnaryKind::kHardSwish, 0, 0};
  return {};
}

}  // namespace quaver::compiler::onnx_import
