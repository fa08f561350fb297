#include "runtime/ops/op_definition.h"

namespace quaver {
namespace {

std::int32_t DepthOf(const fb::Tensor& tensor) { return Dim(tensor, Rank(tensor) - 1); }

/// exp(0) is 1, so that a row's sum is never 0; no entry is negative.
bool VerifyTable(OpVerifier* v, const Int32Vector& table) {
  if (!(v->InRange("entries of exp_table", 1, 256, Count(table)) &&
        v->Equal("exp_table[0]", INT32_MAX, At(table, 0)))) {
    return false;
  }
  for (std::int32_t i = 0; i < Count(table); ++i) {
    if (!v->InRange("entry of exp_table", 0, INT32_MAX, At(table, i))) return false;
  }
  return true;
}

bool Verify(OpVerifier* v) {
  return v->Int8Unary() && v->InRange("number of dimensions", 1, kMaxRank, Rank(v->input(0))) &&
         v->OutputElements(0, ElementCount(v->input(0))) &&
         VerifyTable(v, *v->params<fb::Softmax>().exp_table());
}

bool InPlace(const OpView& /*view*/, std::int32_t /*input*/) { return true; }

void Prepare(const OpView& view, Preparer* preparer) {
  const Int32Vector& table = *view.params<fb::Softmax>().exp_table();
  kernels::SoftmaxParams params{};
  params.input = preparer->Input(view.input(0));
  params.output = preparer->Output(view.output(0));
  params.exp_table = table.data();
  params.table_size = Count(table);
  params.depth = DepthOf(view.input(0));
  params.rows = ElementCount(view.input(0)) / params.depth;
  preparer->Call(params, params.rows);
}

}  // namespace

extern const OpDefinition kSoftmaxDefinition = {&Verify, &Prepare, &InPlace};

}  // namespace quaver
