#include "runtime/ops/convolution.h"

namespace quaver {
namespace {

kernels::WeightShape ShapeOf(const OpView& view) {
  const fb::Tensor& weights = view.input(1);
  return {Dim(weights, 3), Dim(weights, 1) * Dim(weights, 2), 1, Dim(weights, 1)};
}

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::DepthwiseConv2D>();
  return VerifyConvolutionOperands(v) && VerifyDepthwiseChannels(v) &&
         VerifyConvolutionShapes(v, Dim(v->input(1), 3)) &&
         v->Weights(ShapeOf(v->view()), kernels::LayoutKind::kDepthwise, *p.bias(), *p.output(),
                    p.packed());
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::DepthwiseConv2D>();
  kernels::DepthwiseConv2DParams params{};
  FillConvolutionParams(view, *preparer, &params);
  params.stage = MakeStage(*p.bias(), *p.output());
  preparer->CallWithWeights(&params, ShapeOf(view), p.packed(), params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kDepthwiseConv2DDefinition = {&Verify, &Prepare, nullptr,
                                                        true,    nullptr,  true};

}  // namespace quaver
