#include "runtime/ops/convolution.h"

namespace quaver {
namespace {

kernels::WeightShape ShapeOf(const OpView& view) {
  const fb::Tensor& weights = view.input(1);
  return {Dim(weights, 3), Dim(weights, 1) * Dim(weights, 2), 1, Dim(weights, 1)};
}

bool VerifyChannels(OpVerifier* v) {
  const std::int32_t channels = Dim(v->input(1), 3);
  return v->InputDim(1, 0, "first dimension of the weights", 1) &&
         v->Equal("output channels modulo input channels", 0, channels % Dim(v->input(0), 3));
}

bool Verify(OpVerifier* v) {
  return VerifyConvolutionOperands(v) && VerifyChannels(v) &&
         VerifyConvolutionShapes<fb::DepthwiseConv2D>(v, Dim(v->input(1), 3)) &&
         VerifyConvolutionStage<fb::DepthwiseConv2D>(v, ShapeOf(v->view()),
                                                     kernels::LayoutKind::kDepthwise);
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::DepthwiseConv2D>();
  kernels::DepthwiseConv2DParams params{};
  FillConvolutionParams<fb::DepthwiseConv2D>(view, *preparer, &params);
  params.stage = MakeStage(*p.bias(), *p.output());
  preparer->CallWithWeights(&params, ShapeOf(view), p.packed(), params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kDepthwiseConv2DDefinition = {&Verify, &Prepare, nullptr,
                                                        true,    nullptr,  true};

}  // namespace quaver
