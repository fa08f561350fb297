#include "runtime/ops/op_definition.h"

namespace quaver {
namespace {

/// Adds the last element that these dimensions reach to `last`, their elements to `count`.
bool VerifyDims(OpVerifier* v, const Int32Vector& dims, const Int32Vector& strides,
                std::int64_t* last, std::int64_t* count) {
  if (!(v->InRange("number of dimensions", 0, kMaxRank, Count(&dims)) &&
        v->Equal("number of strides", Count(&dims), Count(&strides)))) {
    return false;
  }
  const std::int32_t elements = ElementCount(v->input(0));
  for (std::int32_t i = 0; i < Count(&dims); ++i) {
    if (!(v->InRange("dimension", 1, elements, At(dims, i)) &&
          v->InRange("stride", 0, INT32_MAX, At(strides, i)))) {
      return false;
    }
    *count *= At(dims, i);
    *last += (std::int64_t{At(dims, i)} - 1) * At(strides, i);
    if (!(v->InRange("product of the dimensions", 1, elements, *count) &&
          v->InRange("last element read", 0, elements - 1, *last))) {
      return false;
    }
  }
  return true;
}

bool VerifyScaling(OpVerifier* v) {
  const auto& p = v->params<fb::Reduce>();
  return v->ZeroPoint("input_zero_point", p.input_zero_point()) &&
         v->AnyMultiplier("output_multiplier", p.output_multiplier()) &&
         v->Shift("output_shift", p.output_shift()) &&
         v->ZeroPoint("output_zero_point", p.output_zero_point()) &&
         v->Clamp(p.clamp_min(), p.clamp_max());
}

bool Verify(OpVerifier* v) {
  const auto& p = v->params<fb::Reduce>();
  std::int64_t last = 0;
  std::int64_t kept = 1;
  std::int64_t reduced = 1;
  return v->Int8Unary() &&
         v->InRange("kind of reduction", 0, static_cast<std::int32_t>(fb::ReduceKind::MAX),
                    static_cast<std::int32_t>(p.kind())) &&
         VerifyDims(v, *p.kept_dims(), *p.kept_strides(), &last, &kept) &&
         VerifyDims(v, *p.reduced_dims(), *p.reduced_strides(), &last, &reduced) &&
         v->OutputElements(0, kept) && VerifyScaling(v);
}

std::int32_t Product(const Int32Vector& dims) {
  std::int32_t product = 1;
  for (std::int32_t i = 0; i < Count(&dims); ++i) product *= At(dims, i);
  return product;
}

template <typename Params>
void PrepareAs(const OpView& view, Preparer* preparer) {
  const auto& p = view.params<fb::Reduce>();
  Params params{};
  params.input = preparer->Input(view.input(0));
  params.output = preparer->Output(view.output(0));
  params.kept_dims = p.kept_dims()->data();
  params.kept_strides = p.kept_strides()->data();
  params.reduced_dims = p.reduced_dims()->data();
  params.reduced_strides = p.reduced_strides()->data();
  params.kept_rank = Count(p.kept_dims());
  params.reduced_rank = Count(p.reduced_dims());
  params.output_count = Product(*p.kept_dims());
  params.reduced_count = Product(*p.reduced_dims());
  params.input_zero_point = p.input_zero_point();
  params.output_multiplier = p.output_multiplier();
  params.output_shift = p.output_shift();
  params.output_zero_point = p.output_zero_point();
  params.clamp_min = p.clamp_min();
  params.clamp_max = p.clamp_max();
  preparer->Call(params, params.output_count);
}

void Prepare(const OpView& view, Preparer* preparer) {
  switch (view.params<fb::Reduce>().kind()) {
    case fb::ReduceKind::Mean:
    case fb::ReduceKind::Sum:
      return PrepareAs<kernels::ReduceMeanParams>(view, preparer);
    case fb::ReduceKind::Max:
      return PrepareAs<kernels::ReduceMaxParams>(view, preparer);
    case fb::ReduceKind::Min:
      return PrepareAs<kernels::ReduceMinParams>(view, preparer);
  }
}

}  // namespace

extern const OpDefinition kReduceDefinition = {&Verify, &Prepare, nullptr};

}  // namespace quaver
