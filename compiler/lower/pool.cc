// Average and max pooling: on the quantized values as they are, so both sides share one scale.
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {

void Lower(const Pool2DOp& op, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  RequireSameQuantization(node, input, output);
  const ClampRange range =
      ActivationRange(op.activation, ActivationAffineOf(node, output, output.type), output.type);
  if (op.window.dilation_h != 1 || op.window.dilation_w != 1) {
    Refuse(node, "pooling with a dilation is not supported; expected dilation 1");
  }
  fb::Pool2DT params;
  params.filter_h = op.filter_h;
  params.filter_w = op.filter_w;
  params.stride_h = op.window.stride_h;
  params.stride_w = op.window.stride_w;
  params.pad_top = op.window.padding.top;
  params.pad_left = op.window.padding.left;
  params.pad_bottom = op.window.padding.bottom;
  params.pad_right = op.window.padding.right;
  params.clamp_min = range.min;
  params.clamp_max = range.max;
  const std::int32_t source = program->Place(node.inputs[0]);
  const bool is_int16 = output.type == DataType::kInt16;
  if (is_int16 && std::int64_t{op.filter_h} * op.filter_w >= 1 << 15) {
    Refuse(node, "a window of 2^15 elements or more is not supported for int16");
  }
  const fb::OperatorParams average =
      is_int16 ? fb::OperatorParams::AveragePool2DInt16 : fb::OperatorParams::AveragePool2D;
  const fb::OperatorParams max =
      is_int16 ? fb::OperatorParams::MaxPool2DInt16 : fb::OperatorParams::MaxPool2D;
  program->Append(node, op.kind == PoolKind::kAverage ? average : max, params, {source},
                  {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
