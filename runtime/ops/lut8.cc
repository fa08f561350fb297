#include "runtime/ops/op_definition.h"

namespace quaver {
namespace {

bool Verify(OpVerifier* v) {
  if (!v->Operands(1, 1)) return false;
  return v->Equal("bytes of an input element", 1,
                  static_cast<std::int32_t>(ElementBytes(v->input(0)))) &&
         v->Equal("bytes of an output element", 1,
                  static_cast<std::int32_t>(ElementBytes(v->output(0)))) &&
         v->OutputElements(0, ElementCount(v->input(0))) &&
         v->Equal("entries of the table", 256, Count(v->params<fb::Lut8>().table()));
}

bool InPlace(const OpView& /*view*/, std::int32_t /*input*/) { return true; }

void Prepare(const OpView& view, Preparer* preparer) {
  kernels::Lut8Params params{};
  params.input = preparer->Input<std::uint8_t>(view.input(0));
  params.output = preparer->Output<std::uint8_t>(view.output(0));
  params.table = view.params<fb::Lut8>().table()->data();
  params.count = ElementCount(view.input(0));
  preparer->Call(params, params.count);
}

}  // namespace

extern const OpDefinition kLut8Definition = {&Verify, &Prepare, &InPlace};

}  // namespace quaver
