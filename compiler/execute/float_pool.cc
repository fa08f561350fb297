// Operators that gather many elements into one: pooling, reductions, softmax, arg max.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/execute/element_functions.h"
#include "compiler/execute/float_ops.h"

namespace quaver::compiler {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

struct Range {
  std::int64_t first, last;
};

// The part of a window that lies inside [0, size).
Range Inside(std::int64_t start, std::int64_t filter, std::int64_t size) {
  return {std::max<std::int64_t>(start, 0), std::min(start + filter, size)};
}

void PoolPixel(PoolKind kind, const float* image, std::int64_t width, std::int64_t channels,
               Range rows, Range columns, float* result) {
  const bool average = kind == PoolKind::kAverage;
  std::fill(result, result + channels, average ? 0.0F : kLowest);
  for (std::int64_t y = rows.first; y < rows.last; ++y) {
    for (std::int64_t x = columns.first; x < columns.last; ++x) {
      const float* pixel = image + (y * width + x) * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        result[c] = average ? result[c] + pixel[c] : std::max(result[c], pixel[c]);
      }
    }
  }
  if (!average) return;
  // Padding does not count.
  const std::int64_t count = (rows.last - rows.first) * (columns.last - columns.first);
  const float scale = count > 0 ? 1.0F / static_cast<float>(count) : 0.0F;
  for (std::int64_t c = 0; c < channels; ++c) result[c] *= scale;
}

float ReduceStart(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kMax:
      return kLowest;
    case ReduceKind::kMin:
      return -kLowest;
    default:
      return 0;
  }
}

float ReduceStep(ReduceKind kind, float total, float x) {
  switch (kind) {
    case ReduceKind::kMax:
      return std::max(total, x);
    case ReduceKind::kMin:
      return std::min(total, x);
    default:
      return total + x;
  }
}

}  // namespace

void FloatPool2D(const Pool2DOp& op, const FloatInput& input, const FloatOutput& output) {
  const Shape& in = *input.shape;
  const Shape& out = *output.shape;
  const Window2D& w = op.window;
  const std::int64_t channels = Dim(in, 3);
  float* result = output.data;
  for (std::int64_t n = 0; n < Dim(out, 0); ++n) {
    const float* image = input.data + n * Dim(in, 1) * Dim(in, 2) * channels;
    for (std::int64_t y = 0; y < Dim(out, 1); ++y) {
      const Range rows = Inside(y * w.stride_h - w.padding.top, op.filter_h, Dim(in, 1));
      for (std::int64_t x = 0; x < Dim(out, 2); ++x, result += channels) {
        const Range columns = Inside(x * w.stride_w - w.padding.left, op.filter_w, Dim(in, 2));
        PoolPixel(op.kind, image, Dim(in, 2), channels, rows, columns, result);
      }
    }
  }
  ApplyActivation(op.activation, output.data, ElementCount(out));
}

void FloatReduce(const ReduceOp& op, const FloatInput& input, const FloatOutput& output) {
  const Shape& in = *input.shape;
  // Strides of the output with a zero for every reduced dimension.
  std::vector<std::int64_t> strides(in.size(), 0);
  std::int64_t stride = 1;
  for (std::size_t d = in.size(); d-- > 0;) {
    const bool reduced =
        std::find(op.axes.begin(), op.axes.end(), static_cast<std::int32_t>(d)) != op.axes.end();
    if (reduced) continue;
    strides[d] = stride;
    stride *= in[d];
  }
  const std::int64_t total = ElementCount(in);
  const std::int64_t results = ElementCount(*output.shape);
  const std::vector<std::int64_t> in_strides = Strides(in);
  std::fill(output.data, output.data + results, ReduceStart(op.kind));
  for (std::int64_t i = 0; i < total; ++i) {
    std::int64_t target = 0;
    for (std::size_t d = 0; d < in.size(); ++d) target += i / in_strides[d] % in[d] * strides[d];
    output.data[target] = ReduceStep(op.kind, output.data[target], input.data[i]);
  }
  if (op.kind != ReduceKind::kMean || results == 0) return;
  const float scale = static_cast<float>(results) / static_cast<float>(total);
  for (std::int64_t i = 0; i < results; ++i) output.data[i] *= scale;
}

void FloatSoftmax(const SoftmaxOp& op, const FloatInput& input, const FloatOutput& output) {
  const std::int64_t depth = input.shape->empty() ? 1 : input.shape->back();
  const std::int64_t rows = ElementCount(*input.shape) / std::max<std::int64_t>(1, depth);
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* x = input.data + r * depth;
    float* y = output.data + r * depth;
    const float largest = *std::max_element(x, x + depth);  // keeps exp from overflowing
    float sum = 0;
    for (std::int64_t i = 0; i < depth; ++i) {
      y[i] = std::exp(op.beta * (x[i] - largest));
      sum += y[i];
    }
    for (std::int64_t i = 0; i < depth; ++i) y[i] /= sum;
  }
}

void FloatArgMax(const ArgMaxOp& op, const FloatInput& input, const FloatOutput& output) {
  const Shape& in = *input.shape;
  const auto axis = static_cast<std::size_t>(op.axis);
  const std::int64_t size = in[axis];
  const std::int64_t inner = Strides(in)[axis];
  const std::int64_t outer = ElementCount(in) / std::max<std::int64_t>(1, size * inner);
  for (std::int64_t i = 0; i < outer * inner; ++i) {
    const float* x = input.data + i / inner * size * inner + i % inner;
    std::int64_t best = 0;
    for (std::int64_t j = 1; j < size; ++j) {
      const bool better =
          op.smallest ? x[j * inner] < x[best * inner] : x[j * inner] > x[best * inner];
      if (better) best = j;
    }
    output.data[i] = static_cast<float>(best);
  }
}

}  // namespace quaver::compiler
