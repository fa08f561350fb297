#include <cstddef>

#include "kernels/inventory.h"
#include "kernels/scalar/output_stage.h"

namespace quaver::kernels {
namespace {

// Sum of products of one window with one output channel's weights. `input` is one image, at the
// group's first channel; (top, left) is the window's corner, which padding may put outside.
std::int32_t WindowSum(const Conv2DParams& p, const std::int8_t* input, const std::int8_t* weights,
                       std::int32_t top, std::int32_t left) {
  const std::int32_t depth = p.input_c / p.groups;
  std::int32_t sum = 0;
  for (std::int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const std::int32_t y = top + ky * p.dilation_h;
    for (std::int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const std::int32_t x = left + kx * p.dilation_w;
      const bool inside = y >= 0 && y < p.input_h && x >= 0 && x < p.input_w;
      const std::int8_t* pixel =
          inside ? input + (std::ptrdiff_t{y} * p.input_w + x) * p.input_c : nullptr;
      for (std::int32_t c = 0; c < depth; ++c) {
        sum += (inside ? pixel[c] : p.pad_value) * *weights++;
      }
    }
  }
  return sum;
}

}  // namespace

void Conv2DScalar(const Conv2DParams& p, const Work& work) {
  const std::int32_t group_inputs = p.input_c / p.groups;
  const std::int32_t group_outputs = p.output_c / p.groups;
  const std::ptrdiff_t image = std::ptrdiff_t{p.input_h} * p.input_w * p.input_c;
  const std::ptrdiff_t filter = std::ptrdiff_t{p.kernel_h} * p.kernel_w * group_inputs;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::int8_t* input = p.input + row / p.output_h * image;
    const std::int32_t top = row % p.output_h * p.stride_h - p.pad_top;
    std::int8_t* output = p.output + std::ptrdiff_t{row} * p.output_w * p.output_c;
    for (std::int32_t ox = 0; ox < p.output_w; ++ox) {
      const std::int32_t left = ox * p.stride_w - p.pad_left;
      for (std::int32_t oc = 0; oc < p.output_c; ++oc) {
        const std::int32_t first_channel = oc / group_outputs * group_inputs;
        const std::int32_t sum =
            WindowSum(p, input + first_channel, p.weights + oc * filter, top, left);
        *output++ = ApplyOutputStage(p.stage, oc, sum);
      }
    }
  }
}

}  // namespace quaver::kernels
