// What Conv2D and DepthwiseConv2D share: a window over an image, constant weights, an output stage.
// `Table` is the operator's table in the schema, whose fields have the same names in both.
#ifndef QUAVER_RUNTIME_OPS_CONVOLUTION_H_
#define QUAVER_RUNTIME_OPS_CONVOLUTION_H_

#include "runtime/limits.h"
#include "runtime/ops/op_definition.h"
#include "runtime/ops/stage.h"
#include "runtime/ops/window.h"

namespace quaver {

/// Types and ranks: image and output of `type`, constant int8 weights.
inline bool VerifyConvolutionOperands(OpVerifier* v, fb::TensorType type = fb::TensorType::Int8) {
  return v->Operands(2, 1) && v->InputType(0, type) && v->InputRank(0, 4) &&
         v->ConstantWeights(4) && v->OutputType(0, type) && v->OutputRank(0, 4);
}

/// The output's shape; its channels are `channels`. Precondition: VerifyConvolutionOperands.
template <typename Table>
bool VerifyConvolutionShapes(OpVerifier* v, std::int32_t channels) {
  const auto& p = v->params<Table>();
  const fb::Tensor& input = v->input(0);
  const fb::Tensor& weights = v->input(1);
  return v->OutputDim(0, 0, "batch", Dim(input, 0)) &&
         v->OutputDim(0, 3, "output channels", channels) &&
         VerifyWindow(v, 1,
                      {Dim(input, 1), Dim(weights, 1), p.stride_h(), p.dilation_h(), p.pad_top(),
                       p.pad_bottom()}) &&
         VerifyWindow(v, 2,
                      {Dim(input, 2), Dim(weights, 2), p.stride_w(), p.dilation_w(), p.pad_left(),
                       p.pad_right()});
}

/// The accumulator's range, the output stage, the packed weights.
template <typename Table>
bool VerifyConvolutionStage(OpVerifier* v, const kernels::WeightShape& shape,
                            kernels::LayoutKind kind) {
  const auto& p = v->params<Table>();
  return v->InRange("products per output", 1, kMaxAccumulationDepth - 1, shape.depth) &&
         v->Stage(*p.bias(), *p.output(), shape.channels) &&
         v->Packed(p.packed(), shape, kind, *p.output());
}

/// All that ConvolutionParamsOf has but the stage and the scratch.
template <typename Table, typename T, typename Stage>
void FillConvolutionParams(const OpView& view, const Preparer& preparer,
                           kernels::ConvolutionParamsOf<T, Stage>* convolution) {
  const auto& p = view.params<Table>();
  const fb::Tensor& input = view.input(0);
  const fb::Tensor& weights = view.input(1);
  const fb::Tensor& output = view.output(0);
  kernels::ConvolutionParamsOf<T, Stage>& params = *convolution;
  params.input = preparer.Input<T>(input);
  params.weights = preparer.Input(weights);
  params.output = preparer.Output<T>(output);
  params.batch = Dim(input, 0);
  params.input_h = Dim(input, 1);
  params.input_w = Dim(input, 2);
  params.input_c = Dim(input, 3);
  params.output_h = Dim(output, 1);
  params.output_w = Dim(output, 2);
  params.output_c = Dim(output, 3);
  params.kernel_h = Dim(weights, 1);
  params.kernel_w = Dim(weights, 2);
  params.stride_h = p.stride_h();
  params.stride_w = p.stride_w();
  params.dilation_h = p.dilation_h();
  params.dilation_w = p.dilation_w();
  params.pad_top = p.pad_top();
  params.pad_left = p.pad_left();
  params.pad_value = p.pad_value();
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_CONVOLUTION_H_
