#include <cstddef>

#include "kernels/inventory.h"
#include "kernels/scalar/output_stage.h"

namespace quaver::kernels {
namespace {

// `input` is one image at the input channel, `weights` the first tap of the output channel.
template <typename Sum, typename Params, typename T>
Sum DepthwiseSum(const Params& p, const T* input, const std::int8_t* weights, std::int32_t top,
                 std::int32_t left) {
  Sum sum = 0;
  for (std::int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const std::int32_t y = top + ky * p.dilation_h;
    for (std::int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const std::int32_t x = left + kx * p.dilation_w;
      const bool inside = y >= 0 && y < p.input_h && x >= 0 && x < p.input_w;
      const std::int32_t value =
          inside ? input[(std::ptrdiff_t{y} * p.input_w + x) * p.input_c] : p.pad_value;
      const std::ptrdiff_t tap = std::ptrdiff_t{ky} * p.kernel_w + kx;
      sum += value * weights[tap * p.output_c];
    }
  }
  return sum;
}

/// Sum holds the sums of products exactly.
template <typename Sum, typename Params>
void ConvolveDepthwise(const Params& p, const Work& work) {
  const std::int32_t channel_multiplier = p.output_c / p.input_c;
  const std::ptrdiff_t image = std::ptrdiff_t{p.input_h} * p.input_w * p.input_c;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const auto* input = p.input + row / p.output_h * image;
    const std::int32_t top = row % p.output_h * p.stride_h - p.pad_top;
    auto* output = p.output + std::ptrdiff_t{row} * p.output_w * p.output_c;
    for (std::int32_t ox = 0; ox < p.output_w; ++ox) {
      const std::int32_t left = ox * p.stride_w - p.pad_left;
      for (std::int32_t oc = 0; oc < p.output_c; ++oc) {
        const Sum sum =
            DepthwiseSum<Sum>(p, input + oc / channel_multiplier, p.weights + oc, top, left);
        *output++ = ApplyOutputStage(p.stage, oc, sum);
      }
    }
  }
}

}  // namespace

void DepthwiseConv2DScalar(const DepthwiseConv2DParams& p, const Work& work) {
  ConvolveDepthwise<std::int32_t>(p, work);
}

void DepthwiseConv2DInt16Scalar(const DepthwiseConv2DInt16Params& p, const Work& work) {
  ConvolveDepthwise<std::int64_t>(p, work);
}

}  // namespace quaver::kernels
