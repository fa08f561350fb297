#include "runtime/ops/convolution.h"

#include "runtime/ops/window.h"

namespace quaver {
namespace {

/// The table of either operator, of which only the window is read: the fields that both begin with.
const fb::DepthwiseConv2D& WindowOf(const OpView& view) {
  using A = fb::Conv2D;
  using B = fb::DepthwiseConv2D;
  static_assert(int{A::VT_STRIDE_H} == B::VT_STRIDE_H && int{A::VT_STRIDE_W} == B::VT_STRIDE_W &&
                int{A::VT_DILATION_H} == B::VT_DILATION_H &&
                int{A::VT_DILATION_W} == B::VT_DILATION_W && int{A::VT_PAD_TOP} == B::VT_PAD_TOP &&
                int{A::VT_PAD_LEFT} == B::VT_PAD_LEFT &&
                int{A::VT_PAD_BOTTOM} == B::VT_PAD_BOTTOM &&
                int{A::VT_PAD_RIGHT} == B::VT_PAD_RIGHT && int{A::VT_PAD_VALUE} == B::VT_PAD_VALUE);
  return view.params<fb::DepthwiseConv2D>();
}

}  // namespace

bool VerifyConvolutionOperands(OpVerifier* v, fb::TensorType type) {
  return v->Operands(2, 1) && v->InputType(0, type) && v->InputRank(0, 4) &&
         v->ConstantWeights(4) && v->OutputType(0, type) && v->OutputRank(0, 4);
}

bool VerifyGroups(OpVerifier* v) {
  const std::int32_t groups = v->params<fb::Conv2D>().groups();
  const std::int32_t channels = Dim(v->input(1), 0);
  return v->InRange("groups", 1, channels, groups) &&
         v->Equal("output channels modulo groups", 0, channels % groups) &&
         v->InputDim(0, 3, "input channels", std::int64_t{Dim(v->input(1), 3)} * groups);
}

bool VerifyDepthwiseChannels(OpVerifier* v) {
  const std::int32_t channels = Dim(v->input(1), 3);
  return v->InputDim(1, 0, "first dimension of the weights", 1) &&
         v->Equal("output channels modulo input channels", 0, channels % Dim(v->input(0), 3));
}

bool VerifyConvolutionShapes(OpVerifier* v, std::int32_t channels) {
  const fb::DepthwiseConv2D& p = WindowOf(v->view());
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

template <typename T, typename Stage>
void FillConvolutionParams(const OpView& view, const Preparer& preparer,
                           kernels::ConvolutionParamsOf<T, Stage>* convolution) {
  const fb::DepthwiseConv2D& p = WindowOf(view);
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

template void FillConvolutionParams(
    const OpView&, const Preparer&,
    kernels::ConvolutionParamsOf<std::int8_t, kernels::OutputStage>*);
template void FillConvolutionParams(
    const OpView&, const Preparer&,
    kernels::ConvolutionParamsOf<std::int16_t, kernels::OutputStageInt16>*);

}  // namespace quaver
