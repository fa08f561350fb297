// Where types meet: float32 and uint8 at the model's inputs and outputs, int8 inside.
#include <string>

#include "compiler/lower/lut.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"
#include "compiler/lower/requantize.h"

namespace quaver::compiler {
namespace {

/// The signed tensor of the same reals: the zero point moves by 128 with a uint8's values.
Tensor AsSigned(const Node& node, const Tensor& tensor) {
  Tensor result = tensor;
  const Affine affine = AffineOf(node, tensor);
  if (tensor.type == DataType::kUInt8) {
    result.type = DataType::kInt8;
    result.quantization.zero_point = {affine.zero_point - 128};
    result.name = tensor.name + " as int8";
  } else if (tensor.type != DataType::kInt8 && tensor.type != DataType::kInt16) {
    Refuse(node, tensor,
           std::string("expected int8, uint8 or int16 at a float border, found ") +
               DataTypeName(tensor.type) + "; convert the model with int8 quantization");
  }
  return result;
}

void LowerFloatToInteger(const Node& node, Program* program) {
  const Tensor& output = program->tensor(node.outputs[0]);
  const Tensor inner = AsSigned(node, output);
  const Affine affine = AffineOf(node, inner);
  fb::QuantizeFloatT params;
  params.scale = affine.scale;
  params.zero_point = affine.zero_point;
  const ClampRange range = TypeRange(inner.type);
  params.clamp_min = range.min;
  params.clamp_max = range.max;
  const std::int32_t source = program->Place(node.inputs[0]);
  const std::int32_t target = program->Place(node.outputs[0]);
  const bool direct = output.type != DataType::kUInt8;
  const std::int32_t quantized = direct ? target : program->AddTemporary(inner);
  program->Append(node, fb::OperatorParams::QuantizeFloat, params, {source}, {quantized});
  if (!direct) {
    AppendTable(node, RequantizeTable(inner.type, affine, output.type, AffineOf(node, output)),
                quantized, target, program);
  }
}

bool IsWide(const Tensor& tensor, bool is_input) {
  return tensor.type == DataType::kInt16 || (is_input && tensor.type == DataType::kInt32);
}

/// From or to more than 8 bits.
void LowerWide(const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  const bool from_known = IsWide(input, true) || input.type == DataType::kInt8;
  const bool to_known = IsWide(output, false) || output.type == DataType::kInt8;
  if (!from_known || !to_known) {
    Refuse(node, from_known ? output : input,
           std::string("expected int8 or int16 beside a wider type, found ") +
               DataTypeName((from_known ? output : input).type) + "; go through int8");
  }
  const Requantization requantization = MakeRequantization(node, input, output);
  const std::int32_t source = program->Place(node.inputs[0]);
  AppendRequantization(node, requantization, source, program->Place(node.outputs[0]), program);
}

}  // namespace

void Lower(const QuantizeOp&, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  if (input.type == DataType::kFloat32) return LowerFloatToInteger(node, program);
  if (IsWide(input, true) || IsWide(output, false)) return LowerWide(node, program);
  for (const Tensor* tensor : {&input, &output}) {
    if (tensor->type == DataType::kInt8 || tensor->type == DataType::kUInt8) continue;
    Refuse(node, *tensor,
           std::string("expected int8, uint8, int16 or (as the input) int32 or float32, found ") +
               DataTypeName(tensor->type) + "; convert the model with int8 quantization");
  }
  const Table table =
      RequantizeTable(input.type, AffineOf(node, input), output.type, AffineOf(node, output));
  const std::int32_t source = program->Place(node.inputs[0]);
  AppendTable(node, table, source, program->Place(node.outputs[0]), program);
}

void Lower(const DequantizeOp&, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  if (output.type != DataType::kFloat32) {
    Refuse(node, output, std::string("expected float32, found ") + DataTypeName(output.type));
  }
  const Tensor inner = AsSigned(node, input);
  const std::int32_t source = input.type != DataType::kUInt8
                                  ? program->Place(node.inputs[0])
                                  : AppendRequantize(node, node.inputs[0], inner, program);
  const Affine affine = AffineOf(node, inner);
  fb::DequantizeFloatT params;
  params.scale = affine.scale;
  params.zero_point = affine.zero_point;
  program->Append(node, fb::OperatorParams::DequantizeFloat, params, {source},
                  {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
