#include "runtime/ops/convolution.h"

namespace quaver {
namespace {

kernels::WeightShape ShapeOf(const OpView& view) {
  const fb::Tensor& weights = view.input(1);
  const auto& p = view.params<fb::Conv2D>();
  return {Dim(weights, 0), Dim(weights, 1) * Dim(weights, 2) * Dim(weights, 3), p.groups(),
          kernels::ConvRun(Dim(weights, 3), Dim(weights, 2), p.dilation_w(), p.groups())};
}

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::Conv2D>();
  return VerifyConvolutionOperands(v) && VerifyGroups(v) &&
         VerifyConvolutionShapes(v, Dim(v->input(1), 0)) &&
         v->Weights(ShapeOf(v->view()), kernels::LayoutKind::kGemm, *p.bias(), *p.output(),
                    p.packed());
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Conv2D>();
  kernels::Conv2DParams params{};
  FillConvolutionParams(view, *preparer, &params);
  params.stage = MakeStage(*p.bias(), *p.output());
  params.groups = p.groups();
  preparer->CallWithWeights(&params, ShapeOf(view), p.packed(), params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kConv2DDefinition = {&Verify, &Prepare, nullptr, true, nullptr, true};

}  // namespace quaver
