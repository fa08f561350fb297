#include "runtime/limits.h"
#include "runtime/ops/convolution.h"
#include "runtime/ops/int16.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::DepthwiseConv2D>();
  if (!(VerifyConvolutionOperands(v, fb::TensorType::Int16) && VerifyDepthwiseChannels(v))) {
    return false;
  }
  const std::int32_t channels = Dim(v->input(1), 3);
  return VerifyConvolutionShapes(v, channels) && v->Equal("pad_value of int16", 0, p.pad_value()) &&
         v->InRange("products per output", 1, kMaxAccumulationDepth - 1,
                    ElementCount(v->input(1)) / channels) &&
         VerifyStageInt16(v, p, channels);
}

void Prepare(const OpView& view, Preparer* preparer) {
  kernels::DepthwiseConv2DInt16Params params{};
  FillConvolutionParams(view, *preparer, &params);
  params.stage = MakeStageInt16(view.params<fb::DepthwiseConv2D>());
  preparer->CallWithPlainWeights(&params, params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kDepthwiseConv2DInt16Definition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
