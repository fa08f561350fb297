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
    for (std::int64_t i = 0; i < count; ++i) {
      output.data[i] =
          ApplyActivation(op.activation, EvaluateBinary(op.kind, a.data[i], b.data[i]));
    }
    return;
  }
  const std::vector<std::int64_t> a_strides = BroadcastStrides(*a.shape, out);
  const std::vector<std::int64_t> b_strides = BroadcastStrides(*b.shape, out);
  const std::vector<std::int64_t> strides = Strides(out);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t ai = 0;
    std::int64_t bi = 0;
    for (std::size_t d = 0; d < out.size(); ++d) {
      const std::int64_t index = i / strides[d] % out[d];
      ai += index * a_strides[d];
      bi += index * b_strides[d];
    }
    output.data[i] =
        ApplyActivation(op.activation, EvaluateBinary(op.kind, a.data[ai], b.data[bi]));
  }
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
