// Convolutions as im2col and matrix multiplication, depthwise convolution directly.
#include <algorithm>

#include "compiler/execute/element_functions.h"
#include "compiler/execute/float_ops.h"
#include "compiler/execute/patches.h"

namespace quaver::compiler {
namespace {

// Output pixels gathered at a time: small enough for the patch matrix to stay in the cache.
constexpr std::int64_t kPatchRows = 64;

}  // namespace

std::vector<PackedMatrix> PackConvWeights(const FloatInput& weights, std::int32_t groups) {
  const Shape& shape = *weights.shape;
  const std::int64_t rows = Dim(shape, 0) / groups;
  const std::int64_t depth = ElementCount(shape) / std::max<std::int64_t>(1, Dim(shape, 0));
  std::vector<PackedMatrix> packed;
  for (std::int64_t g = 0; g < groups; ++g) {
    packed.emplace_back(weights.data + g * rows * depth, rows, depth);
  }
  return packed;
}

void FloatConv2D(const Conv2DOp& op, const FloatInput& input, const Shape& weights_shape,
                 const std::vector<PackedMatrix>& weights, const FloatInput& bias,
                 const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const ConvGeometry g{
      op.window,   Dim(in, 1), Dim(in, 2), Dim(in, 3), Dim(weights_shape, 1), Dim(weights_shape, 2),
      Dim(out, 1), Dim(out, 2)};
  const std::int64_t channels = Dim(weights_shape, 3);
  const std::int64_t depth = g.filter_h * g.filter_w * channels;
  const std::int64_t out_c = Dim(out, 3);
  const std::int64_t pixels = g.out_h * g.out_w;
  std::vector<float> patches(static_cast<std::size_t>(kPatchRows * depth));
  for (std::int64_t n = 0; n < Dim(out, 0); ++n) {
    const float* image = input.data + n * g.in_h * g.in_w * g.in_c;
    for (std::int64_t group = 0; group < op.groups; ++group) {
      const PackedMatrix& matrix = weights[static_cast<std::size_t>(group)];
      const std::int64_t first_out = group * matrix.n();
      for (std::int64_t p = 0; p < pixels; p += kPatchRows) {
        const std::int64_t count = std::min(kPatchRows, pixels - p);
        for (std::int64_t i = 0; i < count; ++i) {
          GatherPatch(g, image, (p + i) / g.out_w, (p + i) % g.out_w, group * channels, channels,
                      patches.data() + i * depth);
        }
        matrix.Multiply(patches.data(), count,
                        bias.data != nullptr ? bias.data + first_out : nullptr,
                        output.data + (n * pixels + p) * out_c + first_out, out_c);
      }
    }
  }
  ApplyActivation(op.activation, output.data, ElementCount(out));
}

void FloatDepthwiseConv2D(const DepthwiseConv2DOp& op, const FloatInput& input,
                          const FloatInput& weights, const FloatInput& bias,
                          const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const Shape& filter = *weights.shape;
  const ConvGeometry g{op.window,      Dim(in, 1),     Dim(in, 2),  Dim(in, 3),
                       Dim(filter, 1), Dim(filter, 2), Dim(out, 1), Dim(out, 2)};
  const std::int64_t out_c = Dim(out, 3);
  const std::int64_t multiplier = out_c / g.in_c;
  float* result = output.data;
  for (std::int64_t n = 0; n < Dim(out, 0); ++n) {
    const float* image = input.data + n * g.in_h * g.in_w * g.in_c;
    for (std::int64_t p = 0; p < g.out_h * g.out_w; ++p, result += out_c) {
      if (bias.data != nullptr) {
        std::copy(bias.data, bias.data + out_c, result);
      } else {
        std::fill(result, result + out_c, 0.0F);
      }
      for (std::int64_t k = 0; k < g.filter_h * g.filter_w; ++k) {
        const std::int64_t iy = g.InputRow(p / g.out_w, k / g.filter_w);
        const std::int64_t ix = g.InputColumn(p % g.out_w, k % g.filter_w);
        if (!g.Inside(iy, ix)) continue;
        const float* pixel = image + (iy * g.in_w + ix) * g.in_c;
        const float* tap = weights.data + k * out_c;
        if (multiplier == 1) {
          for (std::int64_t c = 0; c < out_c; ++c) result[c] += pixel[c] * tap[c];
        } else {
          for (std::int64_t c = 0; c < out_c; ++c) result[c] += pixel[c / multiplier] * tap[c];
        }
      }
    }
  }
  ApplyActivation(op.activation, output.data, ElementCount(out));
}

void FloatFullyConnected(const FullyConnectedOp& op, const FloatInput& input,
                         const PackedMatrix& weights, const FloatInput& bias,
                         const FloatOutput& output) {
  const std::int64_t rows = ElementCount(*input.shape) / std::max<std::int64_t>(1, weights.k());
  weights.Multiply(input.data, rows, bias.data, output.data, weights.n());
  ApplyActivation(op.activation, output.data, rows * weights.n());
}

}  // namespace quaver::compiler
