#include "runtime/ops/op_definition.h"
#include "runtime/ops/stage.h"

namespace quaver {
namespace {

kernels::WeightShape ShapeOf(const OpView& view) {
  const std::int32_t depth = Dim(view.input(1), 1);
  return {Dim(view.input(1), 0), depth, 1, depth};
}

bool Verify(OpVerifier* v) {
  if (!(v->Operands(2, 1) && v->InputType(0, fb::TensorType::Int8) && v->ConstantWeights(2) &&
        v->OutputType(0, fb::TensorType::Int8))) {
    return false;
  }
  const auto& p = v->params<fb::FullyConnected>();
  const kernels::WeightShape shape = ShapeOf(v->view());
  const std::int32_t rows = ElementCount(v->input(0)) / shape.depth;
  return v->InputElements(0, std::int64_t{rows} * shape.depth) &&
         v->OutputElements(0, std::int64_t{rows} * shape.channels) &&
         v->Weights(shape, kernels::LayoutKind::kGemm, *p.bias(), *p.output(), p.packed());
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::FullyConnected>();
  const kernels::WeightShape shape = ShapeOf(view);
  kernels::FullyConnectedParams params{};
  params.input = preparer->Input(view.input(0));
  params.weights = preparer->Input(view.input(1));
  params.output = preparer->Output(view.output(0));
  params.stage = MakeStage(*p.bias(), *p.output());
  params.rows = ElementCount(view.input(0)) / shape.depth;
  params.depth = shape.depth;
  params.output_c = shape.channels;
  preparer->CallWithWeights(&params, shape, p.packed(), params.output_c);
}

}  // namespace

extern const OpDefinition kFullyConnectedDefinition = {&Verify, &Prepare, nullptr,
                                                       false,   nullptr,  true};

}  // namespace quaver
