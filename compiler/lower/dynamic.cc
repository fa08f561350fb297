#include "compiler/lower/dynamic.h"

#include <utility>
#include <vector>

namespace quaver::compiler {
namespace {

fb::FusedActivation ToFile(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return fb::FusedActivation::None;
    case Activation::kRelu:
      return fb::FusedActivation::Relu;
    case Activation::kRelu6:
      return fb::FusedActivation::Relu6;
    case Activation::kReluN1To1:
      return fb::FusedActivation::ReluN1To1;
  }
  return fb::FusedActivation::None;
}

std::int32_t AddTensor(const std::string& name, DataType type, std::vector<std::int32_t> shape,
                       Program* program) {
  Tensor tensor;
  tensor.name = name;
  tensor.type = type;
  tensor.shape = std::move(shape);
  return program->AddTemporary(tensor);
}

// The input as int8, its rows' scales and their zero points.
std::vector<std::int32_t> AppendQuantize(const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const std::string name = input.name;
  const std::vector<std::int32_t> shape = input.shape;
  const auto rows = static_cast<std::int32_t>(input.elements() / shape.back());
  const std::int32_t source = program->Place(node.inputs[0]);
  std::vector<std::int32_t> outputs = {
      AddTensor(name + "/int8", DataType::kInt8, shape, program),
      AddTensor(name + "/scales", DataType::kFloat32, {rows}, program),
      AddTensor(name + "/zero_points", DataType::kInt32, {rows}, program)};
  program->Append(node, fb::OperatorParams::DynamicQuantize, fb::DynamicQuantizeT(), {source},
                  outputs);
  return outputs;
}

}  // namespace

void LowerDynamic(const FullyConnectedOp& op, const Node& node, Program* program) {
  const Tensor& weights = program->tensor(node.inputs[1]);
  const auto channels = static_cast<std::size_t>(weights.shape[0]);
  fb::DynamicFullyConnectedT params;
  params.weight_scales = weights.quantization.scale;
  params.weight_scales.resize(channels, weights.quantization.scale[0]);
  const std::vector<std::int8_t> values = weights.As<std::int8_t>();
  params.weight_sums.assign(channels, 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    params.weight_sums[i / static_cast<std::size_t>(weights.shape[1])] += values[i];
  }
  params.bias.assign(channels, 0.0F);
  if (node.inputs.size() > 2 && node.inputs[2] != kNoTensor) {
    params.bias = program->tensor(node.inputs[2]).As<float>();
  }
  params.activation = ToFile(op.activation);
  std::vector<std::int32_t> inputs = AppendQuantize(node, program);
  inputs.push_back(program->Place(node.inputs[1]));
  program->Append(node, fb::OperatorParams::DynamicFullyConnected, std::move(params),
                  std::move(inputs), {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
