#include "kernels/float_border.h"

#include "kernels/scalar/float_border_round.h"

namespace quaver::kernels {
namespace {

template <typename T>
void Quantize(const QuantizeFloatParams& p, const Work& work) {
  T* output = static_cast<T*>(p.output);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    const std::int32_t q = RoundHalfAway(p.input[i] / p.scale) + p.zero_point;
    const std::int32_t low = q < p.clamp_min ? p.clamp_min : q;
    output[i] = static_cast<T>(low > p.clamp_max ? p.clamp_max : low);
  }
}

template <typename T>
void Dequantize(const DequantizeFloatParams& p, const Work& work) {
  const T* input = static_cast<const T*>(p.input);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    p.output[i] = p.scale * static_cast<float>(std::int32_t{input[i]} - p.zero_point);
  }
}

}  // namespace

void QuantizeFloatScalar(const QuantizeFloatParams& params, const Work& work) {
  if (params.is_wide) return Quantize<std::int16_t>(params, work);
  Quantize<std::uint8_t>(params, work);
}

void DequantizeFloatScalar(const DequantizeFloatParams& params, const Work& work) {
  if (params.is_wide) return Dequantize<std::int16_t>(params, work);
  if (params.is_signed) return Dequantize<std::int8_t>(params, work);
  Dequantize<std::uint8_t>(params, work);
}

}  // namespace quaver::kernels
