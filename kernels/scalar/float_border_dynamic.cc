#include "kernels/float_border_dynamic.h"

#include "kernels/scalar/float_border_round.h"

namespace quaver::kernels {
namespace {

constexpr float kFarthest = 0x1p126F;     // so that high - low is finite
constexpr float kLeastScale = 0x1p-100F;  // far from subnormal, as is x / scale where it matters
constexpr float kSteps = 255.0F;

struct Affine {
  float scale;
  std::int32_t zero_point;
};

std::int32_t ClampInt8(std::int32_t q) { return q < -128 ? -128 : q > 127 ? 127 : q; }

// Comparisons with NaN are false: it counts for nothing.
Affine AffineOf(const float* row, std::int32_t depth) {
  float low = 0;
  float high = 0;
  for (std::int32_t k = 0; k < depth; ++k) {
    if (row[k] < low) low = row[k];
    if (row[k] > high) high = row[k];
  }
  if (low < -kFarthest) low = -kFarthest;
  if (high > kFarthest) high = kFarthest;
  const float scale = (high - low) / kSteps;
  if (!(scale >= kLeastScale)) return {1.0F, 0};
  return {scale, ClampInt8(RoundHalfAway(-128.0F - low / scale))};
}

// Modulo 2^32, so that no file can overflow; exact within the preconditions.
std::uint32_t Dot(const std::int8_t* a, const std::int8_t* b, std::int32_t depth) {
  std::uint32_t sum = 0;
  for (std::int32_t k = 0; k < depth; ++k) sum += static_cast<std::uint32_t>(a[k] * b[k]);
  return sum;
}

}  // namespace

void DynamicQuantizeScalar(const DynamicQuantizeParams& p, const Work& work) {
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const float* input = p.input + std::int64_t{row} * p.depth;
    std::int8_t* output = p.output + std::int64_t{row} * p.depth;
    const Affine affine = AffineOf(input, p.depth);
    p.scales[row] = affine.scale;
    p.zero_points[row] = affine.zero_point;
    for (std::int32_t k = 0; k < p.depth; ++k) {
      const std::int32_t q = RoundHalfAway(input[k] / affine.scale) + affine.zero_point;
      output[k] = static_cast<std::int8_t>(ClampInt8(q));
    }
  }
}

void DynamicFullyConnectedScalar(const DynamicFullyConnectedParams& p, const Work& work) {
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::int8_t* input = p.input + std::int64_t{row} * p.depth;
    const auto zero_point = static_cast<std::uint32_t>(p.zero_points[row]);
    for (std::int32_t c = 0; c < p.output_c; ++c) {
      const std::uint32_t sum = Dot(input, p.weights + std::int64_t{c} * p.depth, p.depth) -
                                zero_point * static_cast<std::uint32_t>(p.weight_sums[c]);
      const float scale = p.scales[row] * p.weight_scales[c];
      const float product = static_cast<float>(static_cast<std::int32_t>(sum)) * scale;
      float y = product + p.bias[c];
      if (!(y == y)) y = 0;
      if (y < p.clamp_min) y = p.clamp_min;
      if (y > p.clamp_max) y = p.clamp_max;
      p.output[std::int64_t{row} * p.output_c + c] = y;
    }
  }
}

}  // namespace quaver::kernels
