#include "runtime/ops/convolution.h"

namespace quaver {
namespace {

kernels::WeightShape ShapeOf(const OpView& view) {
  const fb::Tensor& weights = view.input(1);
  const auto& p = view.params<fb::Conv2D>();
  return {Dim(weights, 0), Dim(weights, 1) * Dim(weights, 2) * Dim(weights, 3), p.groups(),
          kernels::ConvRun(Dim(weights, 3), Dim(weights, 2), p.dilation_w(), p.groups())};
}

bool VerifyGroups(OpVerifier* v) {
  const std::int32_t groups = v->params<fb::Conv2D>().groups();
  const std::int32_t channels = Dim(v->input(1), 0);
  return v->InRange("groups", 1, channels, groups) &&
         v->Equal("output channels modulo groups", 0, channels % groups) &&
         v->InputDim(0, 3, "input channels", std::int64_t{Dim(v->input(1), 3)} * groups);
}

bool Verify(OpVerifier* v) {
  return VerifyConvolutionOperands(v) && VerifyGroups(v) &&
         VerifyConvolutionShapes<fb::Conv2D>(v, Dim(v->input(1), 0)) &&
         VerifyConvolutionStage<fb::Conv2D>(v, ShapeOf(v->view()), kernels::LayoutKind::kGemm);
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Conv2D>();
  kernels::Conv2DParams params{};
  FillConvolutionParams<fb::Conv2D>(view, *preparer, &params);
  params.stage = MakeStage(*p.bias(), *p.output());
  params.groups = p.groups();
  preparer->CallWithWeights(&params, ShapeOf(view), p.packed(), params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kConv2DDefinition = {&Verify, &Prepare, nullptr, true, nullptr, true};

}  // namespace quaver
