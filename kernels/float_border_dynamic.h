// Fully connected layers of float32 tensors on int8 weights, with scales that follow from the data
// ("dynamic quantization"): linked only where a model asks for it.
//
// The bytes are the same on every CPU: products are summed as integers, exactly; each float
// operation is one of IEEE 754 binary32 (compare, divide, multiply, add, convert), rounded to
// nearest by itself, in the order that is written. The files are compiled with -ffp-contract=off,
// so that none is fused with another; no sum of floats has an order that could be changed.
// Subnormal numbers must not be flushed to zero.
#ifndef QUAVER_KERNELS_FLOAT_BORDER_DYNAMIC_H_
#define QUAVER_KERNELS_FLOAT_BORDER_DYNAMIC_H_

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// The range of each row, with 0 in it, as int8: low = min(0, x...), high = max(0, x...), both
/// limited to +-2^126; scale = (high - low) / 255, zero_point = round(-128 - low / scale), limited
/// to int8; q = clamp(round(x / scale) + zero_point), halves away from zero. Where the scale would
/// be below 2^-100, or the row has no numbers, it is 1 and the zero point 0. NaN becomes the zero
/// point. Unit of work: one row.
struct DynamicQuantizeParams {
  const float* input;         // [rows, depth]
  std::int8_t* output;        // the same
  float* scales;              // [rows]
  std::int32_t* zero_points;  // [rows]
  std::int32_t depth;
};
void DynamicQuantizeScalar(const DynamicQuantizeParams& params, const Work& work);

/// y = float(sum(q * w) - zero_point * weight_sum) * (scale * weight_scale) + bias, then
/// clamped; 0 where that is no number (0 times an infinite scale), since the bits of a NaN differ
/// between CPUs. Unit of work: one row.
/// Preconditions: depth <= kMostDynamicDepth, weight_sums are the sums of the weights. Then
/// |sum((q - zero_point) * w)| <= 255 * 128 * depth < 2^31.
struct DynamicFullyConnectedParams {
  const std::int8_t* input;         // [rows, depth]
  const float* scales;              // [rows]
  const std::int32_t* zero_points;  // [rows], in int8; others give any values
  const std::int8_t* weights;       // [output_c, depth]
  const float* weight_scales;       // [output_c]
  const std::int32_t* weight_sums;  // [output_c]
  const float* bias;                // [output_c]
  float* output;                    // [rows, output_c]
  float clamp_min, clamp_max;       // infinite: none
  std::int32_t depth, output_c;
};
inline constexpr std::int32_t kMostDynamicDepth = 65535;
void DynamicFullyConnectedScalar(const DynamicFullyConnectedParams& params, const Work& work);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_FLOAT_BORDER_DYNAMIC_H_
