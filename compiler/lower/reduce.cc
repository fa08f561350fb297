// Mean, sum, max, min over dimensions, and arg max.
#include <algorithm>
#include <string>

#include "compiler/lower/movement.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

/// floor(log2(n)). Precondition: n >= 1.
int FloorLog2(std::int64_t n) {
  int result = 0;
  while ((n >>= 1) != 0) ++result;
  return result;
}

/// TFLite's multiplier of a mean (reference/reduce.h): (m << k) / count, truncated, with the shift
/// less k; k as large as the result allows.
Multiplier DivideBy(Multiplier multiplier, std::int64_t count) {
  const int k = std::min({FloorLog2(count), 32, 31 + multiplier.shift});
  const std::int64_t value = (std::int64_t{multiplier.value} << k) / count;
  return {static_cast<std::int32_t>(value), multiplier.shift - k};
}

/// Dimensions of the input that stay, or go: merged, with their strides.
std::vector<CopyDim> SelectDims(const std::vector<std::int32_t>& shape,
                                const std::vector<std::int32_t>& axes, bool reduced) {
  const std::vector<std::int64_t> strides = Strides(shape);
  std::vector<CopyDim> dims;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool on_axis =
        std::find(axes.begin(), axes.end(), static_cast<std::int32_t>(i)) != axes.end();
    if (on_axis == reduced) dims.push_back({shape[i], strides[i], strides[i]});
  }
  return MergeDims(dims);
}

void SetDims(const std::vector<CopyDim>& dims, std::vector<std::int32_t>* sizes,
             std::vector<std::int32_t>* strides) {
  for (const CopyDim& dim : dims) {
    sizes->push_back(static_cast<std::int32_t>(dim.count));
    strides->push_back(static_cast<std::int32_t>(dim.source_stride));
  }
}

void SetScaling(const ReduceOp& op, const Node& node, const Tensor& input, const Tensor& output,
                fb::ReduceT* params) {
  const Affine input_affine = ActivationAffineOf(node, input, input.type);
  const Affine output_affine = ActivationAffineOf(node, output, input.type);
  const std::int64_t count = input.elements() / output.elements();
  // Sums of count values of at most 255, or 2^15, fit int32.
  const int bits = input.type == DataType::kInt16 ? 16 : 23;
  if (count >= std::int64_t{1} << bits) {
    Refuse(node, "each output sums " + std::to_string(count) + " values; expected fewer than 2^" +
                     std::to_string(bits) + ", or 32 bits can overflow");
  }
  Multiplier multiplier =
      QuantizeMultiplier(double{input_affine.scale} / double{output_affine.scale});
  if (op.kind == ReduceKind::kMean) multiplier = DivideBy(multiplier, count);
  params->input_zero_point = input_affine.zero_point;
  params->output_multiplier = multiplier.value;
  params->output_shift = multiplier.shift;
  params->output_zero_point = output_affine.zero_point;
  const ClampRange range = TypeRange(output.type);
  params->clamp_min = range.min;
  params->clamp_max = range.max;
}

fb::ReduceKind ToFile(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kMean:
      return fb::ReduceKind::Mean;
    case ReduceKind::kSum:
      return fb::ReduceKind::Sum;
    case ReduceKind::kMax:
      return fb::ReduceKind::Max;
    case ReduceKind::kMin:
      return fb::ReduceKind::Min;
  }
  return fb::ReduceKind::Mean;
}

}  // namespace

void Lower(const ReduceOp& op, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  fb::ReduceT params;
  params.kind = ToFile(op.kind);
  SetDims(SelectDims(input.shape, op.axes, false), &params.kept_dims, &params.kept_strides);
  SetDims(SelectDims(input.shape, op.axes, true), &params.reduced_dims, &params.reduced_strides);
  if (op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin) {
    Int8AffineOf(node, input);
    RequireSameQuantization(node, input, output);
  } else {
    SetScaling(op, node, input, output, &params);
  }
  const std::int32_t source = program->Place(node.inputs[0]);
  const fb::OperatorParams kind =
      input.type == DataType::kInt16 ? fb::OperatorParams::ReduceInt16 : fb::OperatorParams::Reduce;
  program->Append(node, kind, std::move(params), {source}, {program->Place(node.outputs[0])});
}

void Lower(const ArgMaxOp& op, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  Int8AffineOf(node, input);
  if (output.type != DataType::kInt32 && output.type != DataType::kInt64) {
    Refuse(node, output,
           std::string("expected int32 or int64, found ") + DataTypeName(output.type));
  }
  fb::ArgMaxT params;
  const auto axis = static_cast<std::size_t>(op.axis);
  params.outer = 1;
  params.axis = input.shape[axis];
  params.inner = 1;
  for (std::size_t i = 0; i < axis; ++i) params.outer *= input.shape[i];
  for (std::size_t i = axis + 1; i < input.shape.size(); ++i) params.inner *= input.shape[i];
  params.smallest = op.smallest;
  const std::int32_t source = program->Place(node.inputs[0]);
  program->Append(node, fb::OperatorParams::ArgMax, params, {source},
                  {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
