// Average and max pooling: on the quantized values as they are, so both sides share one scale.
#include "compiler/lower/operators.h"
#include "compiler/lower/quantization.h"

namespace quaver::compiler {

void Lower(const Pool2DOp& op, const Node& node, Program* program) {
  const Tensor& input = program->tensor(node.inputs[0]);
  const Tensor& output = program->tensor(node.outputs[0]);
  RequireSameQuantization(node, input, output);
  const ClampRange range = ActivationRange(op.activation, Int8AffineOf(node, output));
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
  program->Append(node,
                  op.kind == PoolKind::kAverage ? fb::OperatorParams::AveragePool2D
                                                : fb::OperatorParams::MaxPool2D,
                  params, {source}, {program->Place(node.outputs[0])});
}

}  // namespace quaver::compiler
