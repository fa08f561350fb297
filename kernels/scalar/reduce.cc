#include "kernels/generic/nd_loop.h"
#include "kernels/inventory.h"
#include "kernels/requantize.h"

namespace quaver::kernels {
namespace {

// For each output element: `value = start`, then value = fold(value, q) for each input element
// that is reduced into it, then output = finish(value).
template <typename Q, typename T, typename Fold, typename Finish>
void Reduce(const ReduceParamsOf<Q>& p, const Work& work, T start, Fold fold, Finish finish) {
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  kept.Seek(work.begin);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    NdLoop<1> reduced(p.reduced_dims, p.reduced_rank, {p.reduced_strides});
    T value = start;
    for (std::int32_t r = 0; r < p.reduced_count; ++r) {
      value = fold(value, p.input[kept.offset(0) + reduced.offset(0)]);
      reduced.Next();
    }
    p.output[i] = finish(value);
    kept.Next();
  }
}

// The sum of (q - zero_point) modulo 2^32, as TensorFlow Lite takes it.
template <typename Q>
void ReduceMean(const ReduceParamsOf<Q>& p, const Work& work) {
  const std::uint32_t zero_points =
      static_cast<std::uint32_t>(p.input_zero_point) * static_cast<std::uint32_t>(p.reduced_count);
  Reduce(
      p, work, std::uint32_t{0},
      [](std::uint32_t sum, Q q) { return sum + static_cast<std::uint32_t>(q); },
      [&p, zero_points](std::uint32_t sum) {
        return static_cast<Q>(RequantizeClamped(static_cast<std::int32_t>(sum - zero_points),
                                                p.output_multiplier, p.output_shift,
                                                p.output_zero_point, p.clamp_min, p.clamp_max));
      });
}

}  // namespace

void ReduceMeanScalar(const ReduceMeanParams& params, const Work& work) {
  ReduceMean(params, work);
}

void ReduceMeanInt16Scalar(const ReduceMeanInt16Params& params, const Work& work) {
  ReduceMean(params, work);
}

void ReduceMaxScalar(const ReduceMaxParams& p, const Work& work) {
  Reduce(
      p, work, std::int8_t{INT8_MIN},
      [](std::int8_t largest, std::int8_t q) { return q > largest ? q : largest; },
      [](std::int8_t largest) { return largest; });
}

void ReduceMinScalar(const ReduceMinParams& p, const Work& work) {
  Reduce(
      p, work, std::int8_t{INT8_MAX},
      [](std::int8_t smallest, std::int8_t q) { return q < smallest ? q : smallest; },
      [](std::int8_t smallest) { return smallest; });
}

}  // namespace quaver::kernels
