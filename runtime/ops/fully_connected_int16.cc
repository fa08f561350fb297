#include "runtime/limits.h"
#include "runtime/ops/int16.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  if (!(v->Operands(2, 1) && v->InputType(0, fb::TensorType::Int16) && v->ConstantWeights(2) &&
        v->OutputType(0, fb::TensorType::Int16))) {
    return false;
  }
  const std::int32_t channels = Dim(v->input(1), 0);
  const std::int32_t depth = Dim(v->input(1), 1);
  const std::int32_t rows = ElementCount(v->input(0)) / depth;
  return v->InRange("products per output", 1, kMaxAccumulationDepth - 1, depth) &&
         v->InputElements(0, std::int64_t{rows} * depth) &&
         v->OutputElements(0, std::int64_t{rows} * channels) &&
         VerifyStageInt16(v, v->params<fb::FullyConnected>(), channels);
}

void Prepare(const OpView& view, Preparer* preparer) {
  kernels::FullyConnectedInt16Params params{};
  params.input = preparer->Input<std::int16_t>(view.input(0));
  params.weights = preparer->Input(view.input(1));
  params.output = preparer->Output<std::int16_t>(view.output(0));
  params.stage = MakeStageInt16(view.params<fb::FullyConnected>());
  params.output_c = Dim(view.input(1), 0);
  params.depth = Dim(view.input(1), 1);
  params.rows = ElementCount(view.input(0)) / params.depth;
  preparer->CallWithPlainWeights(&params, params.output_c);
}

}  // namespace

extern const OpDefinition kFullyConnectedInt16Definition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
