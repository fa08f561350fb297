#include "kernels/requantize.h"

#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

template <typename In, typename Out>
void Convert(const RequantizeParams& p, const Work& work) {
  const In* input = static_cast<const In*>(p.input);
  Out* output = static_cast<Out*>(p.output);
  for (std::int32_t i = work.begin; i < work.end; ++i) {
    // No overflow: the zero point of an int32 is 0.
    const std::int32_t value = input[i] - p.input_zero_point;
    const bool negative = value < 0;
    output[i] = static_cast<Out>(RequantizeClamped(
        value, negative ? p.negative_multiplier : p.multiplier,
        negative ? p.negative_shift : p.shift, p.output_zero_point, p.clamp_min, p.clamp_max));
  }
}

template <typename In>
void ConvertFrom(const RequantizeParams& p, const Work& work) {
  if (p.output_bytes == 1) return Convert<In, std::int8_t>(p, work);
  Convert<In, std::int16_t>(p, work);
}

}  // namespace

void RequantizeScalar(const RequantizeParams& p, const Work& work) {
  switch (p.input_bytes) {
    case 1:
      return ConvertFrom<std::int8_t>(p, work);
    case 2:
      return ConvertFrom<std::int16_t>(p, work);
    default:
      return ConvertFrom<std::int32_t>(p, work);
  }
}

}  // namespace quaver::kernels
