#include <algorithm>
#include <cmath>

#include "compiler/execute/element_functions.h"
#include "compiler/execute/float_ops.h"

namespace quaver::compiler {
namespace {

// Strides of an operand along the output's dimensions: zero where it is broadcast, aligned at the
// last dimension as NumPy does.
std::vector<std::int64_t> BroadcastStrides(const Shape& shape, const Shape& out) {
  const std::vector<std::int64_t> own = Strides(shape);
  const std::size_t missing = out.size() - shape.size();
  std::vector<std::int64_t> strides(out.size(), 0);
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] != 1) strides[missing + d] = own[d];
  }
  return strides;
}

struct Operand {
  const float* data;
  std::int64_t stride;  ///< 0 where one element is for the whole row.
};

// A loop for each operator, which the compiler can use vectors for.
template <BinaryKind kKind>
void CombineRow(const Operand& a, const Operand& b, std::int64_t count, float* out) {
  if (a.stride == 1 && b.stride == 1) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = EvaluateBinary(kKind, a.data[i], b.data[i]);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = EvaluateBinary(kKind, a.data[i * a.stride], b.data[i * b.stride]);
  }
}

void CombineRow(BinaryKind kind, const Operand& a, const Operand& b, std::int64_t count,
                float* out) {
  switch (kind) {
    case BinaryKind::kAdd:
      return CombineRow<BinaryKind::kAdd>(a, b, count, out);
    case BinaryKind::kSub:
      return CombineRow<BinaryKind::kSub>(a, b, count, out);
    case BinaryKind::kMul:
      return CombineRow<BinaryKind::kMul>(a, b, count, out);
    case BinaryKind::kDiv:
      return CombineRow<BinaryKind::kDiv>(a, b, count, out);
    case BinaryKind::kMaximum:
      return CombineRow<BinaryKind::kMaximum>(a, b, count, out);
    case BinaryKind::kMinimum:
      return CombineRow<BinaryKind::kMinimum>(a, b, count, out);
  }
}

}  // namespace

void FloatUnary(const UnaryOp& op, const FloatInput& input, const FloatOutput& output) {
  const std::int64_t count = ElementCount(*input.shape);
  for (std::int64_t i = 0; i < count; ++i) {
    output.data[i] = static_cast<float>(EvaluateUnary(op, static_cast<double>(input.data[i])));
  }
}

void FloatBinary(const BinaryOp& op, const FloatInput& a, const FloatInput& b,
                 const FloatOutput& output) {
  const Shape& out = *output.shape;
  const std::int64_t count = ElementCount(out);
  if (*a.shape == out && *b.shape == out) {
    CombineRow(op.kind, {a.data, 1}, {b.data, 1}, count, output.data);
  } else {
    const std::vector<std::int64_t> a_strides = BroadcastStrides(*a.shape, out);
    const std::vector<std::int64_t> b_strides = BroadcastStrides(*b.shape, out);
    const std::vector<std::int64_t> strides = Strides(out);
    const std::int64_t row = out.empty() ? 1 : out.back();
    for (std::int64_t i = 0; i < count; i += row) {
      Operand from_a{a.data, out.empty() ? 0 : a_strides.back()};
      Operand from_b{b.data, out.empty() ? 0 : b_strides.back()};
      for (std::size_t d = 0; d + 1 < out.size(); ++d) {
        const std::int64_t index = i / strides[d] % out[d];
        from_a.data += index * a_strides[d];
        from_b.data += index * b_strides[d];
      }
      CombineRow(op.kind, from_a, from_b, row, output.data + i);
    }
  }
  ApplyActivation(op.activation, output.data, count);
}

void FloatBatchNorm(const BatchNormOp& op, const std::vector<FloatInput>& inputs,
                    const FloatOutput& output) {
  const FloatInput& x = inputs[0];
  const std::int64_t channels = x.shape->back();
  std::vector<float> scale(static_cast<std::size_t>(channels));
  for (std::int64_t c = 0; c < channels; ++c) {
    scale[static_cast<std::size_t>(c)] =
        inputs[1].data[c] / std::sqrt(inputs[4].data[c] + op.epsilon);
  }
  const std::int64_t count = ElementCount(*x.shape);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t c = i % channels;
    output.data[i] =
        (x.data[i] - inputs[3].data[c]) * scale[static_cast<std::size_t>(c)] + inputs[2].data[c];
  }
}

}  // namespace quaver::compiler
