// Conv2D, DepthwiseConv2D, FullyConnected. Multipliers as TFLite's kernel_util.cc
// (PopulateConvolutionQuantizationParams) and fully_connected.cc compute them.
#include <string>

#include "compiler/lower/dynamic.h"
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {
namespace {

/// s_in * s_w / s_out in double, one per weight scale.
std::vector<double> EffectiveScales(const Affine& input, const std::vector<float>& weight_scales,
                                    const Affine& output) {
  std::vector<double> scales;
  scales.reserve(weight_scales.size());
  for (float scale : weight_scales) {
    scales.push_back(double{input.scale} * double{scale} / double{output.scale});
  }
  return scales;
}

/// Of the two, the one for activations of this type.
fb::OperatorParams KindFor(DataType type, fb::OperatorParams int8, fb::OperatorParams int16) {
  return type == DataType::kInt16 ? int16 : int8;
}

/// Sums of weights [channels, depth], or [depth, channels] where `channels_last`.
std::vector<ChannelSums> SumWeights(const std::vector<std::int8_t>& weights, std::size_t channels,
                                    bool channels_last) {
  std::vector<ChannelSums> sums(channels);
  const std::size_t depth = weights.size() / channels;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ChannelSums& sum = sums[channels_last ? i % channels : i / depth];
    (weights[i] > 0 ? sum.positive : sum.negative) += weights[i];
  }
  return sums;
}

struct Operands {
  const Tensor* input;
  const Tensor* weights;
  const Tensor* output;
  DataType type;  // of input and output
  Affine input_affine;
  Affine output_affine;
  std::vector<std::int32_t> tensors;  // program tensors: activation, weights
};

Operands OperandsOf(const Node& node, Program* program) {
  Operands operands{};
  operands.input = &program->tensor(node.inputs[0]);
  operands.weights = &program->tensor(node.inputs[1]);
  operands.output = &program->tensor(node.outputs[0]);
  operands.type = operands.input->type;
  operands.input_affine = ActivationAffineOf(node, *operands.input, operands.type);
  operands.output_affine = ActivationAffineOf(node, *operands.output, operands.type);
  operands.tensors = {program->Place(node.inputs[0]), program->Place(node.inputs[1])};
  return operands;
}

template <typename ParamsT>
void SetWindow(const Window2D& window, const Affine& input, ParamsT* params) {
  params->stride_h = window.stride_h;
  params->stride_w = window.stride_w;
  params->dilation_h = window.dilation_h;
  params->dilation_w = window.dilation_w;
  params->pad_top = window.padding.top;
  params->pad_left = window.padding.left;
  params->pad_bottom = window.padding.bottom;
  params->pad_right = window.padding.right;
  params->pad_value = static_cast<std::int8_t>(input.zero_point);
}

template <typename ParamsT>
void SetOutputInt16(const Node& node, const Program& program, const Operands& operands,
                    const std::vector<double>& scales, Activation activation, ParamsT* params) {
  const std::vector<std::int64_t> bias =
      Bias64Of(node, program.graph(), operands.output->shape.back());
  params->output = MakeOutputStageInt16(node, operands.output_affine, activation, scales, bias);
  for (std::int64_t value : bias) {
    params->bias.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(value)));
    params->bias_high.push_back(static_cast<std::int32_t>(value >> 32));
  }
}

/// Bias and output stage, which the three have in common. `scales`: real multipliers.
template <typename ParamsT>
void SetOutput(const Node& node, const Program& program, const Operands& operands,
               const Weights& weights, const std::vector<double>& scales, bool channels_last,
               Activation activation, ParamsT* params) {
  const std::int32_t channels = operands.output->shape.back();
  RequireDepth(node, static_cast<std::int64_t>(weights.values.size()) / channels);
  if (operands.type == DataType::kInt16) {
    return SetOutputInt16(node, program, operands, scales, activation, params);
  }
  params->bias = BiasOf(node, program.graph(), channels);
  params->output = MakeOutputStage(
      node, operands.input_affine, operands.output_affine, activation, scales,
      SumWeights(weights.values, static_cast<std::size_t>(channels), channels_last), &params->bias);
}

}  // namespace

void Lower(const Conv2DOp& op, const Node& node, Program* program) {
  const Operands operands = OperandsOf(node, program);
  const Weights weights = WeightsOf(node, *operands.weights, operands.output->shape.back());
  fb::Conv2DT params;
  SetWindow(op.window, operands.input_affine, &params);
  params.groups = op.groups;
  SetOutput(node, *program, operands, weights,
            EffectiveScales(operands.input_affine, weights.scales, operands.output_affine), false,
            op.activation, &params);
  program->Append(
      node, KindFor(operands.type, fb::OperatorParams::Conv2D, fb::OperatorParams::Conv2DInt16),
      std::move(params), operands.tensors, {program->Place(node.outputs[0])});
}

void Lower(const DepthwiseConv2DOp& op, const Node& node, Program* program) {
  const Operands operands = OperandsOf(node, program);
  const Weights weights = WeightsOf(node, *operands.weights, operands.output->shape.back());
  fb::DepthwiseConv2DT params;
  SetWindow(op.window, operands.input_affine, &params);
  SetOutput(node, *program, operands, weights,
            EffectiveScales(operands.input_affine, weights.scales, operands.output_affine), true,
            op.activation, &params);
  program->Append(node,
                  KindFor(operands.type, fb::OperatorParams::DepthwiseConv2D,
                          fb::OperatorParams::DepthwiseConv2DInt16),
                  std::move(params), operands.tensors, {program->Place(node.outputs[0])});
}

void Lower(const FullyConnectedOp& op, const Node& node, Program* program) {
  if (program->tensor(node.inputs[0]).type == DataType::kFloat32 &&
      program->tensor(node.inputs[1]).type == DataType::kInt8) {
    return LowerDynamic(op, node, program);
  }
  const Operands operands = OperandsOf(node, program);
  const Weights weights = WeightsOf(node, *operands.weights, operands.output->shape.back());
  std::vector<double> scales =
      EffectiveScales(operands.input_affine, weights.scales, operands.output_affine);
  if (scales.size() == 1) {
    // Per tensor, TFLite rounds the product of the scales to float first
    // (kernel_util.cc, GetQuantizedConvolutionMultipler).
    const float product = operands.input_affine.scale * weights.scales[0];
    scales[0] = double{product} / double{operands.output_affine.scale};
  }
  fb::FullyConnectedT params;
  SetOutput(node, *program, operands, weights, scales, false, op.activation, &params);
  program->Append(node,
                  KindFor(operands.type, fb::OperatorParams::FullyConnected,
                          fb::OperatorParams::FullyConnectedInt16),
                  std::move(params), operands.tensors, {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
