#include "runtime/ops/op_definition.h"

namespace quaver {
namespace {

bool VerifyOutputType(OpVerifier* v) {
  return v->output(0).type() == fb::TensorType::Int64 || v->OutputType(0, fb::TensorType::Int32);
}

bool Verify(OpVerifier* v) {
  if (!(v->Operands(1, 1) && v->InputType(0, fb::TensorType::Int8) && VerifyOutputType(v))) {
    return false;
  }
  const auto& p = v->params<fb::ArgMax>();
  const std::int32_t elements = ElementCount(v->input(0));
  // Two steps, so that no product wraps.
  return v->InRange("outer", 1, elements, p.outer()) && v->InRange("axis", 1, elements, p.axis()) &&
         v->InRange("inner", 1, elements, p.inner()) &&
         v->InRange("outer * axis", 1, elements, std::int64_t{p.outer()} * p.axis()) &&
         v->InputElements(0, std::int64_t{p.outer()} * p.axis() * p.inner()) &&
         v->OutputElements(0, std::int64_t{p.outer()} * p.inner());
}

void Prepare(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::ArgMax>();
  kernels::ArgMaxParams params{};
  params.input = preparer->Input(view.input(0));
  params.output = preparer->Output<void>(view.output(0));
  params.outer = p.outer();
  params.axis = p.axis();
  params.inner = p.inner();
  params.output_element_bytes = static_cast<std::int32_t>(ElementBytes(view.output(0)));
  params.smallest = p.smallest();
  preparer->Call(params, params.outer);
}

}  // namespace

extern const OpDefinition kArgMaxDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
