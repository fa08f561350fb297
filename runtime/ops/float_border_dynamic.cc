// Dynamic quantization of linear layers. Built with QUAVER_FLOAT_BORDER only.
#include "kernels/float_border_dynamic.h"

#include "runtime/ops/float_border_scale.h"
#include "runtime/ops/op_definition.h"

namespace quaver {

QUAVER_RECORD_BYTES(CallRecord<kernels::DynamicQuantizeParams>, 40, 72);
QUAVER_RECORD_BYTES(CallRecord<kernels::DynamicFullyConnectedParams>, 68, 112);

namespace {

constexpr kernels::Kernel<kernels::DynamicQuantizeParams> kQuantize = {
    "DynamicQuantizeScalar", Isa::kScalar, &kernels::DynamicQuantizeScalar, {}, nullptr, nullptr};
constexpr kernels::Kernel<kernels::DynamicFullyConnectedParams> kFullyConnected = {
    "DynamicFullyConnectedScalar",
    Isa::kScalar,
    &kernels::DynamicFullyConnectedScalar,
    {},
    nullptr,
    nullptr};

std::int32_t LastDim(const fb::Tensor& tensor) { return Dim(tensor, Rank(tensor) - 1); }

bool VerifyQuantize(OpVerifier* v) {
  if (!(v->Operands(1, 3) && v->InputType(0, fb::TensorType::Float32) &&
        v->OutputType(0, fb::TensorType::Int8) && v->OutputType(1, fb::TensorType::Float32) &&
        v->OutputType(2, fb::TensorType::Int32) &&
        v->InRange("dimensions of the input", 1, kMaxRank, Rank(v->input(0))))) {
    return false;
  }
  const std::int32_t elements = ElementCount(v->input(0));
  const std::int32_t rows = elements / LastDim(v->input(0));
  return v->OutputElements(0, elements) && v->OutputElements(1, rows) && v->OutputElements(2, rows);
}

bool VerifyScales(OpVerifier* v, const flatbuffers::Vector<float>& scales) {
  for (std::int32_t c = 0; c < Count(&scales); ++c) {
    if (!VerifyScale(v, "bits of a weight's scale", At(scales, c))) return false;
  }
  return true;
}

bool VerifyFullyConnected(OpVerifier* v) {
  if (!(v->Operands(4, 1) && v->InputType(0, fb::TensorType::Int8) &&
        v->InputType(1, fb::TensorType::Float32) && v->InputType(2, fb::TensorType::Int32) &&
        v->OutputType(0, fb::TensorType::Float32) && v->InputType(3, fb::TensorType::Int8) &&
        v->InputRank(3, 2))) {
    return false;
  }
  const auto& p = v->params<fb::DynamicFullyConnected>();
  const std::int32_t channels = Dim(v->input(3), 0);
  const std::int32_t depth = Dim(v->input(3), 1);
  const std::int32_t rows = ElementCount(v->input(0)) / depth;
  return v->InRange("products per output", 1, kernels::kMostDynamicDepth, depth) &&
         v->InputElements(0, std::int64_t{rows} * depth) && v->InputElements(1, rows) &&
         v->InputElements(2, rows) && v->OutputElements(0, std::int64_t{rows} * channels) &&
         v->Equal("scales of weights", channels, Count(p.weight_scales())) &&
         v->Equal("sums of weights", channels, Count(p.weight_sums())) &&
         v->Equal("biases", channels, Count(p.bias())) && VerifyScales(v, *p.weight_scales()) &&
         v->InRange("activation", 0, static_cast<std::int32_t>(fb::FusedActivation::MAX),
                    static_cast<std::int64_t>(p.activation()));
}

void PrepareQuantize(const OpView& view, Preparer* preparer) {
  kernels::DynamicQuantizeParams params{};
  params.input = preparer->Input<float>(view.input(0));
  params.output = preparer->Output(view.output(0));
  params.scales = preparer->Output<float>(view.output(1));
  params.zero_points = preparer->Output<std::int32_t>(view.output(2));
  params.depth = LastDim(view.input(0));
  preparer->AddRecord(kQuantize, params, ElementCount(view.input(0)) / params.depth);
}

void SetClamp(fb::FusedActivation activation, kernels::DynamicFullyConnectedParams* params) {
  params->clamp_min = -__builtin_inff();
  params->clamp_max = __builtin_inff();
  switch (activation) {
    case fb::FusedActivation::None:
      break;
    case fb::FusedActivation::Relu:
      params->clamp_min = 0.0F;
      break;
    case fb::FusedActivation::Relu6:
      params->clamp_min = 0.0F;
      params->clamp_max = 6.0F;
      break;
    case fb::FusedActivation::ReluN1To1:
      params->clamp_min = -1.0F;
      params->clamp_max = 1.0F;
      break;
  }
}

void PrepareFullyConnected(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::DynamicFullyConnected>();
  kernels::DynamicFullyConnectedParams params{};
  params.input = preparer->Input(view.input(0));
  params.scales = preparer->Input<float>(view.input(1));
  params.zero_points = preparer->Input<std::int32_t>(view.input(2));
  params.weights = preparer->Input(view.input(3));
  params.weight_scales = p.weight_scales()->data();
  params.weight_sums = p.weight_sums()->data();
  params.bias = p.bias()->data();
  params.output = preparer->Output<float>(view.output(0));
  SetClamp(p.activation(), &params);
  params.output_c = Dim(view.input(3), 0);
  params.depth = Dim(view.input(3), 1);
  preparer->AddRecord(kFullyConnected, params, ElementCount(view.input(0)) / params.depth);
}

}  // namespace

extern const OpDefinition kDynamicQuantizeDefinition = {&VerifyQuantize, &PrepareQuantize, nullptr};
extern const OpDefinition kDynamicFullyConnectedDefinition = {&VerifyFullyConnected,
                                                              &PrepareFullyConnected, nullptr};

}  // namespace quaver
