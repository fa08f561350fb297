// Cases of pooling, resizing, reductions and arg-max.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/conformance/case.h"

namespace quaver::kernels {
namespace {

// Output extent and leading padding such that each window holds an input element: padding is less
// than the filter on both sides.
template <typename Params>
std::vector<Case<Params>> PoolCases(std::uint32_t seed) {
  Random random(seed);
  std::vector<Case<Params>> cases;
  for (const std::int32_t channels : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64}) {
    for (int i = 0; i < 8; ++i) {
      Case<Params> c;
      Params& p = c.params;
      p.batch = Between(random, 1, 2);
      p.channels = channels;
      p.filter_h = Between(random, 1, 4), p.filter_w = Between(random, 1, 4);
      if (i < 3) p.filter_h = p.filter_w = 2;
      p.stride_h = Between(random, 1, 3), p.stride_w = Between(random, 1, 3);
      p.input_h = p.filter_h + Between(random, 0, 6),
      p.input_w = p.filter_w + Between(random, 0, 9);
      if (i == 1) p.stride_w = 2, p.input_w = 11;  // five windows side by side, or more
      p.pad_top = Between(random, 0, p.filter_h - 1),
      p.pad_left = Between(random, 0, p.filter_w - 1);
      const std::int32_t pad_bottom = Between(random, 0, p.filter_h - 1);
      const std::int32_t pad_right = Between(random, 0, p.filter_w - 1);
      p.output_h = (p.input_h + p.pad_top + pad_bottom - p.filter_h) / p.stride_h + 1;
      p.output_w = (p.input_w + p.pad_left + pad_right - p.filter_w) / p.stride_w + 1;
      if (i == 0) {  // global
        p.filter_h = p.input_h, p.filter_w = p.input_w;
        p.pad_top = p.pad_left = 0, p.output_h = p.output_w = 1;
      }
      p.clamp_min = i % 2 == 0 ? -128 : Between(random, -128, 0);
      p.clamp_max = i % 2 == 0 ? 127 : Between(random, p.clamp_min, 127);
      c.units = p.batch * p.output_h;
      c.output_bytes = static_cast<std::size_t>(c.units * p.output_w * channels);
      c.input1 = RandomBytes(static_cast<std::size_t>(p.batch * p.input_h * p.input_w * channels),
                             i == 3, random);
      c.description = "channels " + std::to_string(channels) + " case " + std::to_string(i);
      cases.push_back(c);
    }
  }
  return cases;
}

// A random subset of the dimensions of a random shape is reduced; some shapes end in a long row.
template <typename Params>
std::vector<Case<Params>> ReduceCases(std::uint32_t seed) {
  Random random(seed);
  std::vector<Case<Params>> cases;
  for (int i = 0; i < 120; ++i) {
    Case<Params> c;
    Params& p = c.params;
    std::vector<std::int32_t> kept_dims, kept_strides, reduced_dims, reduced_strides;
    p.output_count = p.reduced_count = 1;
    std::int32_t stride = 1;
    for (std::int32_t d = Between(random, 1, kMaxDims); d > 0; --d) {
      const bool long_row = stride == 1 && i % 6 == 0;
      const std::int32_t dim = Between(random, 1, long_row ? 150 : d <= 2 ? 20 : 4);
      const bool keep = random() % 2 == 0;
      auto& dims = keep ? kept_dims : reduced_dims;
      auto& strides = keep ? kept_strides : reduced_strides;
      dims.insert(dims.begin(), dim);
      strides.insert(strides.begin(), stride);
      (keep ? p.output_count : p.reduced_count) *= dim;
      stride *= dim;
      c.description += std::to_string(dim) + (keep ? " kept " : " reduced ");
    }
    p.kept_rank = static_cast<std::int32_t>(kept_dims.size());
    p.reduced_rank = static_cast<std::int32_t>(reduced_dims.size());
    p.kept_dims = c.arrays.Keep(kept_dims), p.kept_strides = c.arrays.Keep(kept_strides);
    p.reduced_dims = c.arrays.Keep(reduced_dims);
    p.reduced_strides = c.arrays.Keep(reduced_strides);
    p.input_zero_point = Between(random, -128, 127);
    p.output_zero_point = Between(random, -128, 127);
    p.output_multiplier =
        i % 4 == 0 ? static_cast<std::int32_t>(random() >> 1)
                   : static_cast<std::int32_t>((std::int64_t{1} << 31) / (p.reduced_count + 1));
    p.output_shift = i % 4 == 0 ? Between(random, -31, 30) : 0;
    p.clamp_min = i % 3 == 0 ? -100 : -128;
    p.clamp_max = i % 3 == 0 ? 90 : 127;
    c.units = p.output_count;
    c.output_bytes = static_cast<std::size_t>(p.output_count);
    c.input1 = RandomBytes(static_cast<std::size_t>(stride), i % 5 == 0, random);
    cases.push_back(c);
  }
  return cases;
}

template <typename Params>
void FillResize(Case<Params>& c, std::int32_t channels, Random& random) {
  Params& p = c.params;
  p.batch = Between(random, 1, 2);
  p.input_h = Between(random, 1, 5), p.input_w = Between(random, 1, 5);
  p.output_h = Between(random, 1, 9), p.output_w = Between(random, 1, 9);
  p.channels = channels;
  c.units = p.batch * p.output_h;
  c.output_bytes = static_cast<std::size_t>(c.units * p.output_w * channels);
  c.input1 = RandomBytes(static_cast<std::size_t>(p.batch * p.input_h * p.input_w * channels),
                         channels % 2 == 0, random);
  c.description = "channels " + std::to_string(channels);
}

std::vector<std::int32_t> RandomIndices(std::int32_t count, std::int32_t limit, Random& random) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(count));
  for (std::int32_t& index : indices) index = Between(random, 0, limit - 1);
  return indices;
}

constexpr std::int32_t kResizeChannels[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 32, 33, 70, 130};

}  // namespace

template <>
std::vector<Case<AveragePool2DParams>> CasesOf<AveragePool2DParams>() {
  return PoolCases<AveragePool2DParams>(31);
}
template <>
std::vector<Case<MaxPool2DParams>> CasesOf<MaxPool2DParams>() {
  return PoolCases<MaxPool2DParams>(32);
}
template <>
std::vector<Case<ReduceMeanParams>> CasesOf<ReduceMeanParams>() {
  return ReduceCases<ReduceMeanParams>(33);
}
template <>
std::vector<Case<ReduceMaxParams>> CasesOf<ReduceMaxParams>() {
  return ReduceCases<ReduceMaxParams>(34);
}
template <>
std::vector<Case<ReduceMinParams>> CasesOf<ReduceMinParams>() {
  return ReduceCases<ReduceMinParams>(35);
}

template <>
std::vector<Case<ResizeNearestParams>> CasesOf<ResizeNearestParams>() {
  Random random(36);
  std::vector<Case<ResizeNearestParams>> cases;
  for (const std::int32_t channels : kResizeChannels) {
    Case<ResizeNearestParams> c;
    FillResize(c, channels, random);
    c.params.source_y = c.arrays.Keep(RandomIndices(c.params.output_h, c.params.input_h, random));
    c.params.source_x = c.arrays.Keep(RandomIndices(c.params.output_w, c.params.input_w, random));
    cases.push_back(c);
  }
  return cases;
}

template <>
std::vector<Case<ResizeBilinearParams>> CasesOf<ResizeBilinearParams>() {
  Random random(37);
  std::vector<Case<ResizeBilinearParams>> cases;
  for (const std::int32_t channels : kResizeChannels) {
    Case<ResizeBilinearParams> c;
    FillResize(c, channels, random);
    ResizeBilinearParams& p = c.params;
    p.y0 = c.arrays.Keep(RandomIndices(p.output_h, p.input_h, random));
    p.y1 = c.arrays.Keep(RandomIndices(p.output_h, p.input_h, random));
    p.x0 = c.arrays.Keep(RandomIndices(p.output_w, p.input_w, random));
    p.x1 = c.arrays.Keep(RandomIndices(p.output_w, p.input_w, random));
    p.y_weight = c.arrays.Keep(RandomIndices(p.output_h, 1025, random));
    p.x_weight = c.arrays.Keep(RandomIndices(p.output_w, 1025, random));
    cases.push_back(c);
  }
  return cases;
}

template <>
std::vector<Case<ArgMaxParams>> CasesOf<ArgMaxParams>() {
  Random random(38);
  std::vector<Case<ArgMaxParams>> cases;
  for (const std::int32_t axis : {1, 2, 3, 15, 16, 17, 33, 100, 300}) {
    for (const bool smallest : {false, true}) {
      for (const std::int32_t element_bytes : {4, 8}) {
        Case<ArgMaxParams> c;
        ArgMaxParams& p = c.params;
        p.outer = c.units = Between(random, 1, 4);
        p.axis = axis, p.inner = element_bytes == 4 ? 1 : Between(random, 1, 4);
        p.output_element_bytes = element_bytes, p.smallest = smallest;
        c.output_bytes = static_cast<std::size_t>(p.outer * p.inner * element_bytes);
        // Few different values, so that equal ones are common; or the best one at the end.
        c.input1 =
            RandomBytes(static_cast<std::size_t>(p.outer * axis * p.inner), axis > 16, random);
        if (axis == 33) {
          std::fill(c.input1.begin(), c.input1.end(), std::int8_t{5});
          c.input1.back() = smallest ? INT8_MIN : INT8_MAX;
        }
        c.description = "axis " + std::to_string(axis);
        cases.push_back(c);
      }
    }
  }
  return cases;
}

}  // namespace quaver::kernels
