// Functions that exporters write as several operators: as one, they are one table in int8, and no
// intermediate is rounded. What nobody else reads of the parts is removed later.
#include <algorithm>
#include <cmath>
#include <vector>

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

// x, where `id` is relu6(x + 3), also written as a ReLU and a ReLU6; or kNoTensor.
TensorId InputOfHardGate(NodeImporter& node, TensorId id) {
  TensorId shifted = InputOfUnary(node, id, UnaryKind::kRelu6);
  const TensorId inner = InputOfUnary(node, shifted, UnaryKind::kRelu);
  if (inner != kNoTensor) shifted = inner;
  return shifted == kNoTensor ? kNoTensor : OperandBesideNumber(node, shifted, BinaryKind::kAdd, 3);
}

// A product of up to three factors: a number, and tensors that are computed.
struct Product {
  float number = 1;
  std::vector<TensorId> tensors;
};

bool Multiply(NodeImporter& node, TensorId id, bool split, Product* product) {
  const Tensor& tensor = node.graph().tensor(id);
  if (tensor.constant()) {
    if (tensor.type != DataType::kFloat32 || tensor.elements() != 1) return false;
    product->number *= tensor.As<float>()[0];
    return true;
  }
  const Node* producer = split ? Producer(node, id) : nullptr;
  const auto* binary = producer == nullptr ? nullptr : producer->As<BinaryOp>();
  if (binary == nullptr || binary->kind != BinaryKind::kMul) {
    product->tensors.push_back(id);
    return product->tensors.size() <= 2;
  }
  const std::vector<TensorId> factors = producer->inputs;
  return Multiply(node, factors[0], false, product) && Multiply(node, factors[1], false, product);
}

bool Multiply(NodeImporter& node, const Value& value, Product* product) {
  if (value.constant == nullptr) return Multiply(node, value.tensor, true, product);
  if (value.constant->integer || value.constant->size() != 1) return false;
  product->number *= value.constant->floats[0];
  return true;
}

}  // namespace

std::optional<Gated> MatchProduct(NodeImporter& node, const Value& a, const Value& b) {
  const Value& like = a.constant == nullptr ? a : b;
  const std::size_t rank = std::max(a.rank(), b.rank());
  Product product;
  if (like.constant != nullptr || like.rank() != rank || !Multiply(node, a, &product) ||
      !Multiply(node, b, &product)) {
    return {};
  }
  const auto near = [&](float value) { return std::abs(product.number - value) < 1e-5F; };
  const auto gated = [&](UnaryKind kind, float alpha, float beta, TensorId x) {
    Value input = like;  // x lies as its product with the gate does
    input.tensor = x;
    return Gated{UnaryOp{kind, alpha, beta}, input};
  };
  if (product.tensors.size() == 1 && near(1.0F / 6)) {
    const TensorId x = InputOfHardGate(node, product.tensors[0]);
    if (x == kNoTensor) return {};
    return gated(UnaryKind::kHardSigmoid, 1.0F / 6, 0.5F, x);
  }
  if (product.tensors.size() != 2) return {};
  for (std::size_t i = 0; i < 2; ++i) {
    const TensorId x = product.tensors[i];
    const TensorId gate = product.tensors[1 - i];
    if (node.graph().tensor(x).shape != node.graph().tensor(gate).shape) return {};
    if (near(0.5F) && IsGeluGate(node, gate, x)) return gated(UnaryKind::kGelu, 0, 0, x);
    const bool swish = near(1.0F / 6) && InputOfHardGate(node, gate) == x;
    if (swish) return gated(UnaryKind::kHardSwish, 0, 0, x);
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
