// Where types meet: float32 and uint8 at the model's inputs and outputs, int8 inside.
#include <string>

#include "compiler/lower/lut.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

/// The int8 tensor of the same reals as an 8-bit `tensor`: the zero point moves by 128 with a
/// uint8's values.
Tensor AsInt8(const Node& node, const Tensor& tensor) {
  Tensor result = tensor;
  const Affine affine = AffineOf(node, tensor);
  if (tensor.type == DataType::kUInt8) {
    result.type = DataType::kInt8;
    result.quantization.zero_point = {affine.zero_point - 128};
    result.name = tensor.name + " as int8";
  } else if (tensor.type != DataType::kInt8) {
    Refuse(node, tensor,
           std::string("expected int8 or uint8 at a float border, found ") +
               DataTypeName(tensor.type) + "; convert the model with int8 quantization");
  }
  return result;
}

void LowerFloatToInteger(const Node& node, Program* program) {
  const Tensor& output = program->tensor(node.outputs[0]);
  const Tensor inner = AsInt8(node, output);
  const Affine affine = AffineOf(node, inner);
  fb::QuantizeFloatT params;
  params.scale = affine.scale;
  params.zero_point = affine.zero_point;
  const std::int32_t source = program->Place(node.inputs[0]);
  const std::int32_t target = program->Place(node.outputs[0]);
  const bool direct = output.type == DataType::kInt8;
  const std::int32_t quantized = direct ? target : program->AddTemporary(inner);
  program->Append(node, fb::OperatorParams::QuantizeFloat, params, {source}, {quantized});
  if (!direct) {
    AppendTable(node, RequantizeTable(inner.type, affine, output.type, AffineOf(node, output)),
                quantized, target, program);
  }
}

}  // namespace

void Lower(const QuantizeOp&, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  if (input.type == DataType::kFloat32) return LowerFloatToInteger(node, program);
  for (const Tensor* tensor : {&input, &output}) {
    if (tensor->type == DataType::kInt8 || tensor->type == DataType::kUInt8) continue;
    Refuse(node, *tensor,
           std::string("expected int8, uint8 or (as the input) float32, found ") +
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
  const Tensor inner = AsInt8(node, input);
  const std::int32_t source = input.type == DataType::kInt8
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
