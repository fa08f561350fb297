#include <cstddef>

#include "kernels/inventory.h"
#include "kernels/scalar/output_stage.h"

namespace quaver::kernels {
namespace {

// Sum of products of one window with one output channel's weights. `input` is one image, at the
// group's first channel; (top, left) is the window's corner, which padding may put outside.
template <typename Sum, typename Params, typename T>
Sum ConvolutionSum(const Params& p, const T* input, const std::int8_t* weights, std::int32_t top,
                   std::int32_t left) {
  const std::int32_t depth = p.input_c / p.groups;
  Sum sum = 0;
  for (std::int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const std::int32_t y = top + ky * p.dilation_h;
    for (std::int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const std::int32_t x = left + kx * p.dilation_w;
      const bool inside = y >= 0 && y < p.input_h && x >= 0 && x < p.input_w;
      const T* pixel = inside ? input + (std::ptrdiff_t{y} * p.input_w + x) * p.input_c : nullptr;
      for (std::int32_t c = 0; c < depth; ++c) {
        sum += (inside ? pixel[c] : p.pad_value) * *weights++;
      }
    }
  }
  return sum;
}

/// Sum holds the sums of products exactly.
template <typename Sum, typename Params>
void Convolve(const Params& p, const Work& work) {
  const std::int32_t group_inputs = p.input_c / p.groups;
  const std::int32_t group_outputs = p.output_c / p.groups;
  const std::ptrdiff_t image = std::ptrdiff_t{p.input_h} * p.input_w * p.input_c;
  const std::ptrdiff_t filter = std::ptrdiff_t{p.kernel_h} * p.kernel_w * group_inputs;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const auto* input = p.input + row / p.output_h * image;
    const std::int32_t top = row % p.output_h * p.stride_h - p.pad_top;
    auto* output = p.output + std::ptrdiff_t{row} * p.output_w * p.output_c;
    for (std::int32_t ox = 0; ox < p.output_w; ++ox) {
      const std::int32_t left = ox * p.stride_w - p.pad_left;
      for (std::int32_t oc = 0; oc < p.output_c; ++oc) {
        const std::int32_t first_channel = oc / group_outputs * group_inputs;
        const Sum sum =
            ConvolutionSum<Sum>(p, input + first_channel, p.weights + oc * filter, top, left);
        *output++ = ApplyOutputStage(p.stage, oc, sum);
      }
    }
  }
}

}  // namespace

void Conv2DScalar(const Conv2DParams& p, const Work& work) { Convolve<std::int32_t>(p, work); }

void Conv2DInt16Scalar(const Conv2DInt16Params& p, const Work& work) {
  Convolve<std::int64_t>(p, work);
}

}  // namespace quaver::kernels
