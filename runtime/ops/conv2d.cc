#include "runtime/limits.h"
#include "runtime/ops/op_definition.h"
#include "runtime/ops/stage.h"
#include "runtime/ops/window.h"

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

bool VerifyShapes(OpVerifier* v) {
  const auto& p = v->params<fb::Conv2D>();
  const fb::Tensor& input = v->input(0);
  const fb::Tensor& weights = v->input(1);
  return VerifyGroups(v) && v->OutputDim(0, 0, "batch", Dim(input, 0)) &&
         v->OutputDim(0, 3, "output channels", Dim(weights, 0)) &&
         VerifyWindow(v, 1,
                      {Dim(input, 1), Dim(weights, 1), p.stride_h(), p.dilation_h(), p.pad_top(),
                       p.pad_bottom()}) &&
         VerifyWindow(v, 2,
                      {Dim(input, 2), Dim(weights, 2), p.stride_w(), p.dilation_w(), p.pad_left(),
                       p.pad_right()});
}

bool Verify(OpVerifier* v) {
  if (!(v->Operands(2, 1) && v->InputType(0, fb::TensorType::Int8) && v->InputRank(0, 4) &&
        v->ConstantWeights(4) && v->OutputType(0, fb::TensorType::Int8) && v->OutputRank(0, 4) &&
        VerifyShapes(v))) {
    return false;
  }
  const auto& p = v->params<fb::Conv2D>();
  const kernels::WeightShape shape = ShapeOf(v->view());
  return v->InRange("products per output", 1, kMaxAccumulationDepth - 1, shape.depth) &&
         v->Stage(*p.bias(), *p.output(), shape.channels) &&
         v->Packed(p.packed(), shape, kernels::LayoutKind::kGemm, *p.output());
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Conv2D>();
  const fb::Tensor& input = view.input(0);
  const fb::Tensor& weights = view.input(1);
  const fb::Tensor& output = view.output(0);
  kernels::Conv2DParams params{};
  params.input = preparer->Input(input);
  params.weights = preparer->Input(weights);
  params.output = preparer->Output(output);
  params.stage = MakeStage(*p.bias(), *p.output());
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
  params.groups = p.groups();
  params.pad_value = p.pad_value();
  preparer->CallWithWeights(params, ShapeOf(view), p.packed(), params.batch * params.output_h);
}

}  // namespace

extern const OpDefinition kConv2DDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
