#include "runtime/ops/reduce_dims.h"

namespace quaver {
namespace {

/// Adds the last element that these dimensions reach to `last`, their elements to `count`.
bool VerifyDims(OpVerifier* v, const Int32Vector& dims, const Int32Vector& strides,
                std::int64_t* last, std::int64_t* count) {
  if (!(v->InRange("number of dimensions", 0, kMaxRank, Count(dims)) &&
        v->Equal("number of strides", Count(dims), Count(strides)))) {
    return false;
  }
  const std::int32_t elements = ElementCount(v->input(0));
  for (std::int32_t i = 0; i < Count(dims); ++i) {
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

std::int32_t Product(const Int32Vector& dims) {
  std::int32_t product = 1;
  for (std::int32_t i = 0; i < Count(dims); ++i) product *= At(dims, i);
  return product;
}

}  // namespace

bool VerifyReduceDims(OpVerifier* v) {
  const auto& p = v->params<fb::Reduce>();
  std::int64_t last = 0;
  std::int64_t kept = 1;
  std::int64_t reduced = 1;
  return VerifyDims(v, *p.kept_dims(), *p.kept_strides(), &last, &kept) &&
         VerifyDims(v, *p.reduced_dims(), *p.reduced_strides(), &last, &reduced) &&
         v->OutputElements(0, kept);
}

template <typename T>
void FillReduceParams(const OpView& view, const Preparer& preparer,
                      kernels::ReduceParamsOf<T>* params) {
  const auto& p = view.params<fb::Reduce>();
  params->input = preparer.Input<T>(view.input(0));
  params->output = preparer.Output<T>(view.output(0));
  params->kept_dims = p.kept_dims()->data();
  params->kept_strides = p.kept_strides()->data();
  params->reduced_dims = p.reduced_dims()->data();
  params->reduced_strides = p.reduced_strides()->data();
  params->kept_rank = Count(p.kept_dims());
  params->reduced_rank = Count(p.reduced_dims());
  params->output_count = Product(*p.kept_dims());
  params->reduced_count = Product(*p.reduced_dims());
  params->input_zero_point = p.input_zero_point();
  params->output_multiplier = p.output_multiplier();
  params->output_shift = p.output_shift();
  params->output_zero_point = p.output_zero_point();
  params->clamp_min = p.clamp_min();
  params->clamp_max = p.clamp_max();
}

template void FillReduceParams(const OpView&, const Preparer&,
                               kernels::ReduceParamsOf<std::int8_t>*);
template void FillReduceParams(const OpView&, const Preparer&,
                               kernels::ReduceParamsOf<std::int16_t>*);

}  // namespace quaver
