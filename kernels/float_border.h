// Between float32 tensors and quantized ones, at a model's inputs and outputs: the only kernels
// with floating point. They are linked only where a model has such a tensor.
#ifndef QUAVER_KERNELS_FLOAT_BORDER_H_
#define QUAVER_KERNELS_FLOAT_BORDER_H_

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// q = clamp(round(x / scale) + zero_point), halves away from zero; the division is rounded to
/// float32 first, as in TensorFlow Lite. NaN becomes the (clamped) zero point, infinities the
/// clamps. Unit of work: one element.
/// Preconditions: scale is positive and finite. int8 output: zero point and clamps in [-128, 127];
/// uint8 output: in [0, 255]; int16 output: zero point 0, clamps in [-32768, 32767].
struct QuantizeFloatParams {
  const float* input;
  void* output;  // int8 or uint8: both are the low byte of q; or int16
  float scale;
  std::int32_t zero_point;
  std::int32_t clamp_min, clamp_max;
  bool is_wide = false;  // the output is int16
};
void QuantizeFloatScalar(const QuantizeFloatParams& params, const Work& work);

/// x = scale * (q - zero_point), rounded once. Unit of work: one element.
/// Precondition: scale is positive and finite.
struct DequantizeFloatParams {
  const void* input;
  float* output;
  float scale;
  std::int32_t zero_point;
  bool is_signed;        // the input is int8 or int16, not uint8
  bool is_wide = false;  // int16
};
void DequantizeFloatScalar(const DequantizeFloatParams& params, const Work& work);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_FLOAT_BORDER_H_
