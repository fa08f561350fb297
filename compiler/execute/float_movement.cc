// Operators that only move elements, and resizing.
#include <algorithm>
#include <cmath>

#include "compiler/execute/float_ops.h"

namespace quaver::compiler {
namespace {

// to[sum of i_d * to_strides[d]] = from[sum of i_d * from_strides[d]] for every index of `extents`.
void StridedCopy(const Shape& extents, const float* from,
                 const std::vector<std::int64_t>& from_strides, float* to,
                 const std::vector<std::int64_t>& to_strides, std::size_t dimension = 0) {
  if (dimension == extents.size()) {
    *to = *from;
    return;
  }
  const std::int64_t from_stride = from_strides[dimension];
  const std::int64_t to_stride = to_strides[dimension];
  if (dimension + 1 == extents.size()) {
    for (std::int64_t i = 0; i < extents[dimension]; ++i) {
      to[i * to_stride] = from[i * from_stride];
    }
    return;
  }
  for (std::int64_t i = 0; i < extents[dimension]; ++i) {
    StridedCopy(extents, from + i * from_stride, from_strides, to + i * to_stride, to_strides,
                dimension + 1);
  }
}

// The element of the unpadded tensor that padded index i shows, or -1: the constant.
std::int64_t PadSource(PadMode mode, std::int64_t i, std::int64_t size) {
  if (i >= 0 && i < size) return i;
  if (mode == PadMode::kConstant) return -1;
  const std::int64_t edge = mode == PadMode::kReflect ? 0 : 1;  // symmetric repeats the edge
  return i < 0 ? -i - edge : 2 * size - 2 - i + edge;
}

// Where bilinear resizing reads along one dimension: two neighbours and the second one's weight
// (TensorFlow Lite, reference/resize_bilinear.h, ComputeInterpolationValues).
struct Interpolation {
  std::int64_t low, high;
  float weight;
};

float ResizeScale(const ResizeOp& op, std::int64_t in, std::int64_t out) {
  return op.align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                     : static_cast<float>(in) / static_cast<float>(out);
}

Interpolation Interpolate(const ResizeOp& op, std::int64_t i, std::int64_t in, std::int64_t out) {
  const float scale = ResizeScale(op, in, out);
  const float position = op.half_pixel_centers ? (static_cast<float>(i) + 0.5F) * scale - 0.5F
                                               : static_cast<float>(i) * scale;
  const auto floor = static_cast<std::int64_t>(std::floor(position));
  const auto ceil = static_cast<std::int64_t>(std::ceil(position));
  const std::int64_t low = std::max<std::int64_t>(floor, 0);
  return {low, std::min(ceil, in - 1), position - static_cast<float>(low)};
}

}  // namespace

std::int64_t ElementCount(const Shape& shape) {
  std::int64_t count = 1;
  for (std::int32_t dim : shape) count *= dim;
  return count;
}

void FloatCopy(const FloatInput& input, const FloatOutput& output) {
  std::copy(input.data, input.data + ElementCount(*input.shape), output.data);
}

void FloatTranspose(const TransposeOp& op, const FloatInput& input, const FloatOutput& output) {
  const std::vector<std::int64_t> strides = Strides(*input.shape);
  std::vector<std::int64_t> from;
  for (std::int32_t d : op.permutation) from.push_back(strides[static_cast<std::size_t>(d)]);
  StridedCopy(*output.shape, input.data, from, output.data, Strides(*output.shape));
}

void FloatPad(const PadOp& op, const FloatInput& input, const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const std::vector<std::int64_t> in_strides = Strides(in);
  const std::vector<std::int64_t> out_strides = Strides(out);
  const std::int64_t count = ElementCount(out);
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t source = 0;
    bool constant = false;
    for (std::size_t d = 0; d < out.size(); ++d) {
      const std::int64_t index =
          PadSource(op.mode, i / out_strides[d] % out[d] - op.before[d], in[d]);
      constant = constant || index < 0;
      source += index * in_strides[d];
    }
    output.data[i] = constant ? static_cast<float>(op.value) : input.data[source];
  }
}

void FloatConcat(const ConcatOp& op, const std::vector<FloatInput>& inputs,
                 const FloatOutput& output) {
  const std::vector<std::int64_t> strides = Strides(*output.shape);
  const auto axis = static_cast<std::size_t>(op.axis);
  float* to = output.data;
  for (const FloatInput& input : inputs) {
    StridedCopy(*input.shape, input.data, Strides(*input.shape), to, strides);
    to += (*input.shape)[axis] * strides[axis];
  }
}

void FloatSplit(const SplitOp& op, const FloatInput& input,
                const std::vector<FloatOutput>& outputs) {
  const std::vector<std::int64_t> strides = Strides(*input.shape);
  const auto axis = static_cast<std::size_t>(op.axis);
  const float* from = input.data;
  for (const FloatOutput& output : outputs) {
    StridedCopy(*output.shape, from, strides, output.data, Strides(*output.shape));
    from += (*output.shape)[axis] * strides[axis];
  }
}

void FloatStridedSlice(const StridedSliceOp& op, const FloatInput& input,
                       const FloatOutput& output) {
  std::vector<std::int64_t> strides = Strides(*input.shape);
  const float* from = input.data;
  for (std::size_t d = 0; d < strides.size(); ++d) {
    from += op.begin[d] * strides[d];
    strides[d] *= op.stride[d];
  }
  StridedCopy(*output.shape, from, strides, output.data, Strides(*output.shape));
}

// Both block operators number a block's pixels row by row, with the channels innermost:
// depth = (dy * block + dx) * C + c. Extents: N, H, dy, W, dx, C of the deep image.
void FloatSpaceToDepth(const SpaceToDepthOp& op, const FloatInput& input,
                       const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const std::int32_t b = op.block;
  const Shape extents = {out[0], out[1], b, out[2], b, in[3]};
  const std::vector<std::int64_t> from = Strides({in[0], out[1], b, out[2], b, in[3]});
  const std::vector<std::int64_t> deep = Strides({out[0], out[1], out[2], b, b, in[3]});
  StridedCopy(extents, input.data, from, output.data,
              {deep[0], deep[1], deep[3], deep[2], deep[4], deep[5]});
}

void FloatDepthToSpace(const DepthToSpaceOp& op, const FloatInput& input,
                       const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const std::int32_t b = op.block;
  const Shape extents = {in[0], in[1], b, in[2], b, out[3]};
  const std::vector<std::int64_t> to = Strides({in[0], in[1], b, in[2], b, out[3]});
  const std::vector<std::int64_t> deep = Strides({in[0], in[1], in[2], b, b, out[3]});
  StridedCopy(extents, input.data, {deep[0], deep[1], deep[3], deep[2], deep[4], deep[5]},
              output.data, to);
}

std::int64_t NearestIndex(const ResizeOp& op, std::int64_t i, std::int64_t in, std::int64_t out) {
  const float position =
      (static_cast<float>(i) + (op.half_pixel_centers ? 0.5F : 0.0F)) * ResizeScale(op, in, out);
  const float rounded = op.align_corners ? std::round(position) : std::floor(position);
  return std::min(std::max<std::int64_t>(static_cast<std::int64_t>(rounded), 0), in - 1);
}

void FloatResize(const ResizeOp& op, const FloatInput& input, const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const std::int64_t channels = in[3];
  float* result = output.data;
  for (std::int64_t n = 0; n < out[0]; ++n) {
    const float* image = input.data + n * in[1] * in[2] * channels;
    const auto pixel = [&](std::int64_t y, std::int64_t x) {
      return image + (y * in[2] + x) * channels;
    };
    for (std::int64_t y = 0; y < out[1]; ++y) {
      for (std::int64_t x = 0; x < out[2]; ++x, result += channels) {
        if (op.kind == ResizeKind::kNearest) {
          const float* source =
              pixel(NearestIndex(op, y, in[1], out[1]), NearestIndex(op, x, in[2], out[2]));
          std::copy(source, source + channels, result);
          continue;
        }
        const Interpolation v = Interpolate(op, y, in[1], out[1]);
        const Interpolation h = Interpolate(op, x, in[2], out[2]);
        for (std::int64_t c = 0; c < channels; ++c) {
          const float top =
              pixel(v.low, h.low)[c] * (1 - h.weight) + pixel(v.low, h.high)[c] * h.weight;
          const float bottom =
              pixel(v.high, h.low)[c] * (1 - h.weight) + pixel(v.high, h.high)[c] * h.weight;
          result[c] = top * (1 - v.weight) + bottom * v.weight;
        }
      }
    }
  }
}

}  // namespace quaver::compiler
