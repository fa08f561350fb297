// Element-wise operators of two inputs: Add, Sub, Mul with broadcasting; with a constant number as
// the second input, also Div, Maximum and Minimum, as tables.
#include <algorithm>
#include <cmath>
#include <string>

#include "compiler/lower/lut.h"
#include "compiler/lower/movement.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

/// TFLite: add.cc, sub.cc; bits of headroom below the int8 values, or int16 ones.
int LeftShift(DataType type) { return type == DataType::kInt16 ? 15 : 20; }

/// Strides of `shape` over the output's dimensions: 0 where it is broadcast.
std::vector<std::int64_t> BroadcastStrides(const Node& node, const Tensor& input,
                                           const Tensor& output) {
  const std::size_t rank = output.shape.size();
  if (input.shape.size() > rank) {
    Refuse(node, input,
           "has more dimensions than the output; expected at most " + std::to_string(rank));
  }
  const std::size_t missing = rank - input.shape.size();
  const std::vector<std::int64_t> own = Strides(input.shape);
  std::vector<std::int64_t> strides(rank, 0);
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::int32_t size = input.shape[i];
    const std::int32_t expected = output.shape[missing + i];
    if (size != expected && size != 1) {
      Refuse(node, input,
             "dimension " + std::to_string(i) + " is " + std::to_string(size) +
                 ", expected 1 or the output's " + std::to_string(expected));
    }
    if (size == expected && size != 1) strides[missing + i] = own[i];
  }
  return strides;
}

std::unique_ptr<fb::BroadcastT> MakeBroadcast(const Node& node, const Tensor& a, const Tensor& b,
                                              const Tensor& output) {
  const std::vector<std::int64_t> strides1 = BroadcastStrides(node, a, output);
  const std::vector<std::int64_t> strides2 = BroadcastStrides(node, b, output);
  std::vector<CopyDim> dims;
  for (std::size_t i = 0; i < output.shape.size(); ++i) {
    dims.push_back({output.shape[i], strides1[i], strides2[i]});
  }
  dims = MergeDims(dims);
  if (dims.empty()) dims.push_back({1, 1, 1});
  auto broadcast = std::make_unique<fb::BroadcastT>();
  for (const CopyDim& dim : dims) {
    broadcast->dims.push_back(static_cast<std::int32_t>(dim.count));
    broadcast->strides1.push_back(static_cast<std::int32_t>(dim.source_stride));
    broadcast->strides2.push_back(static_cast<std::int32_t>(dim.target_stride));
  }
  return broadcast;
}

struct BinaryOperands {
  DataType type;  // of all three
  Affine a, b, output;
  ClampRange range;
};

Multiplier BelowOne(const Node& node, double real) {
  if (real > 0 && real < 1) return QuantizeMultiplier(real);
  Refuse(node, "the scales of inputs and output are out of proportion (multiplier " +
                   std::to_string(real) + ", expected below 1); quantize the model again");
}

fb::AddSubT MakeAddSub(const Node& node, const BinaryOperands& operands) {
  const double twice_max = 2 * double{std::max(operands.a.scale, operands.b.scale)};
  const Multiplier first = BelowOne(node, double{operands.a.scale} / twice_max);
  const Multiplier second = BelowOne(node, double{operands.b.scale} / twice_max);
  const int left_shift = LeftShift(operands.type);
  const Multiplier result =
      BelowOne(node, twice_max / ((1 << left_shift) * double{operands.output.scale}));
  fb::AddSubT params;
  params.left_shift = left_shift;
  params.zero_point1 = operands.a.zero_point;
  params.zero_point2 = operands.b.zero_point;
  params.multiplier1 = first.value;
  params.shift1 = first.shift;
  params.multiplier2 = second.value;
  params.shift2 = second.shift;
  params.output_multiplier = result.value;
  params.output_shift = result.shift;
  params.output_zero_point = operands.output.zero_point;
  params.clamp_min = operands.range.min;
  params.clamp_max = operands.range.max;
  return params;
}

fb::MulT MakeMul(const BinaryOperands& operands) {
  const Multiplier result = QuantizeMultiplier(double{operands.a.scale} * double{operands.b.scale} /
                                               double{operands.output.scale});
  fb::MulT params;
  params.zero_point1 = operands.a.zero_point;
  params.zero_point2 = operands.b.zero_point;
  params.output_multiplier = result.value;
  params.output_shift = result.shift;
  params.output_zero_point = operands.output.zero_point;
  params.clamp_min = operands.range.min;
  params.clamp_max = operands.range.max;
  return params;
}

std::int64_t Evaluate(const fb::AddSubT& p, std::int32_t a, std::int32_t b, bool subtract) {
  const std::int64_t first =
      Multiply((a - p.zero_point1) * (1 << p.left_shift), {p.multiplier1, p.shift1});
  const std::int64_t second =
      Multiply((b - p.zero_point2) * (1 << p.left_shift), {p.multiplier2, p.shift2});
  const std::int64_t sum = subtract ? first - second : first + second;
  return Multiply(static_cast<std::int32_t>(sum), {p.output_multiplier, p.output_shift}) +
         p.output_zero_point;
}

std::int64_t Evaluate(const fb::MulT& p, std::int32_t a, std::int32_t b) {
  return Multiply((a - p.zero_point1) * (b - p.zero_point2),
                  {p.output_multiplier, p.output_shift}) +
         p.output_zero_point;
}

/// The operator as a function of the input that is not constant: the same bytes from a table.
Table ConstantTable(const BinaryOp& op, const Node& node, const BinaryOperands& operands,
                    bool first_is_constant, std::int32_t constant) {
  const auto table = [&](const auto& function) {
    return MakeTable(DataType::kInt8, DataType::kInt8, [&](std::int32_t q) {
      const std::int64_t value = first_is_constant ? function(constant, q) : function(q, constant);
      return std::clamp<std::int64_t>(value, operands.range.min, operands.range.max);
    });
  };
  switch (op.kind) {
    case BinaryKind::kAdd:
    case BinaryKind::kSub: {
      const fb::AddSubT params = MakeAddSub(node, operands);
      return table([&](std::int32_t a, std::int32_t b) {
        return Evaluate(params, a, b, op.kind == BinaryKind::kSub);
      });
    }
    case BinaryKind::kMul: {
      const fb::MulT params = MakeMul(operands);
      return table([&](std::int32_t a, std::int32_t b) { return Evaluate(params, a, b); });
    }
    default:
      break;
  }
  return table([&](std::int32_t a, std::int32_t b) -> std::int64_t {
    const double x = double{operands.a.scale} * (a - operands.a.zero_point);
    const double y = double{operands.b.scale} * (b - operands.b.zero_point);
    const double result = op.kind == BinaryKind::kDiv       ? x / y
                          : op.kind == BinaryKind::kMaximum ? std::max(x, y)
                                                            : std::min(x, y);
    if (std::isnan(result)) return operands.output.zero_point;
    const double quotient = std::round(result / double{operands.output.scale});
    return static_cast<std::int64_t>(std::clamp(quotient, -1e6, 1e6)) + operands.output.zero_point;
  });
}

bool IsNumber(const Tensor& tensor) { return tensor.constant() && tensor.elements() == 1; }

void AppendConstant(const BinaryOp& op, const Node& node, const BinaryOperands& operands,
                    bool first, Program* program) {
  const Tensor& constant = program->tensor(node.inputs[first ? 0 : 1]);
  const TensorId other = node.inputs[first ? 1 : 0];
  const Table table = ConstantTable(op, node, operands, first, constant.As<std::int8_t>()[0]);
  const std::int32_t source = program->Place(other);
  AppendTable(node, table, source, program->Place(node.outputs[0]), program);
}

}  // namespace

void Lower(const BinaryOp& op, const Node& node, Program* program) {
  const Tensor& a = program->tensor(node.inputs[0]);
  const Tensor& b = program->tensor(node.inputs[1]);
  const Tensor& output = program->tensor(node.outputs[0]);
  BinaryOperands operands{};
  operands.type = a.type;
  operands.a = ActivationAffineOf(node, a, a.type);
  operands.b = ActivationAffineOf(node, b, a.type);
  operands.output = ActivationAffineOf(node, output, a.type);
  operands.range = ActivationRange(op.activation, operands.output, a.type);
  const bool is_int16 = a.type == DataType::kInt16;
  for (const bool first : {false, true}) {
    if (is_int16) break;  // No table has 2^16 entries.
    const Tensor& number = first ? a : b;
    const Tensor& other = first ? b : a;
    if (IsNumber(number) && other.elements() == output.elements()) {
      return AppendConstant(op, node, operands, first, program);
    }
  }
  const std::vector<std::int32_t> inputs = {program->Place(node.inputs[0]),
                                            program->Place(node.inputs[1])};
  const std::vector<std::int32_t> outputs = {program->Place(node.outputs[0])};
  if (op.kind == BinaryKind::kAdd || op.kind == BinaryKind::kSub) {
    fb::AddSubT params = MakeAddSub(node, operands);
    params.broadcast = MakeBroadcast(node, a, b, output);
    const fb::OperatorParams add =
        is_int16 ? fb::OperatorParams::AddInt16 : fb::OperatorParams::Add;
    const fb::OperatorParams subtract =
        is_int16 ? fb::OperatorParams::SubInt16 : fb::OperatorParams::Sub;
    program->Append(node, op.kind == BinaryKind::kAdd ? add : subtract, std::move(params), inputs,
                    outputs);
  } else if (op.kind == BinaryKind::kMul) {
    fb::MulT params = MakeMul(operands);
    params.broadcast = MakeBroadcast(node, a, b, output);
    program->Append(node, is_int16 ? fb::OperatorParams::MulInt16 : fb::OperatorParams::Mul,
                    std::move(params), inputs, outputs);
  } else {
    Refuse(node,
           KindName(node) +
               " of two computed tensors, or of int16, is not supported; expected a constant "
               "number as one of two int8 tensors. Express it by Add, Sub, Mul, ReLU or pooling");
  }
}

}  // namespace quaver::compiler
