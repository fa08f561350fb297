// Cases of the operators on int16 activations: the shapes of those on int8, with values, output
// stages and clamps of their own.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/cases.h"

namespace quaver::kernels {
namespace {

/// `extreme`: only -32768 and 32767.
std::vector<std::int8_t> RandomInt16(std::size_t count, bool extreme, Random& random) {
  std::vector<std::int8_t> bytes;
  bytes.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    const std::uint32_t value = extreme ? (bits % 4 == 0 ? 0x7FFFU : 0x8000U) : bits >> 8;
    bytes.push_back(static_cast<std::int8_t>(value));
    bytes.push_back(static_cast<std::int8_t>(value >> 8));
  }
  return bytes;
}

template <typename Params>
void FillClamps(Params& p, Random& random) {
  p.clamp_min = random() % 2 == 0 ? INT16_MIN : Between(random, INT16_MIN, 0);
  p.clamp_max = random() % 2 == 0 ? INT16_MAX : Between(random, p.clamp_min, INT16_MAX);
}

/// Biases up to the ends of their range; of a typical layer small ones.
std::int64_t RandomBias(bool any, Random& random) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 46) - 1;
  const auto low = static_cast<std::uint32_t>(random());
  const std::int64_t wide = std::int64_t{Between(random, -(1 << 14), (1 << 14) - 1)};
  switch (any ? random() % 4 : 3) {
    case 0:
      return kMost;
    case 1:
      return -kMost - 1;
    case 2:
      return wide * (std::int64_t{1} << 32) + low;
    default:
      return Between(random, -1000000, 1000000);
  }
}

template <typename Params>
void FillStage(Case<Params>& c, Values values, const WeightShape& shape, Random& random) {
  const bool any = values == Values::kEveryShift;
  std::vector<std::int32_t> bias, bias_high, multiplier;
  std::vector<std::int8_t> shift;
  std::int32_t typical_shift = -6;  // sums of `depth` random products are near 2^20.5 sqrt(depth)
  for (std::int32_t d = shape.depth; d > 1; d /= 4) --typical_shift;
  std::int32_t every_shift = Between(random, -31, 7);
  for (std::int32_t i = 0; i < shape.channels; ++i) {
    const std::int64_t value = RandomBias(any, random);
    bias.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(value)));
    bias_high.push_back(static_cast<std::int32_t>(value >> 32));
    const bool zero = any && random() % 5 == 0;
    multiplier.push_back(zero ? 0 : Between(random, 1 << 14, INT16_MAX));
    shift.push_back(
        static_cast<std::int8_t>(any ? every_shift : typical_shift + Between(random, -1, 1)));
    every_shift = every_shift == 7 ? -31 : every_shift + 1;
  }
  OutputStageInt16& stage = c.params.stage;
  stage.bias = c.arrays.Keep(std::move(bias));
  stage.bias_high = c.arrays.Keep(std::move(bias_high));
  stage.multiplier = c.arrays.Keep(std::move(multiplier));
  stage.shift = c.arrays.Keep(std::move(shift));
  FillClamps(stage, random);
}

/// What an int8 case says of its sizes, with int16 values.
template <typename Params, typename Int8Params>
Case<Params> Widened(const Case<Int8Params>& narrow, Values values, Random& random) {
  Case<Params> c;
  c.description = narrow.description;
  c.units = narrow.units;
  c.in_place = narrow.in_place;
  c.output_bytes = 2 * narrow.output_bytes;
  c.element_bytes = 2;
  c.weights = narrow.weights;
  c.arrays = narrow.arrays;
  c.input1 = RandomInt16(narrow.input1.size(), values == Values::kExtreme, random);
  c.input2 = RandomInt16(narrow.input2.size(), values == Values::kExtreme, random);
  return c;
}

template <typename Params, typename Int8Params>
void CopyWindow(const Int8Params& from, Params* to) {
  to->batch = from.batch, to->input_h = from.input_h, to->input_w = from.input_w;
  to->output_h = from.output_h, to->output_w = from.output_w;
  to->stride_h = from.stride_h, to->stride_w = from.stride_w;
  to->pad_top = from.pad_top, to->pad_left = from.pad_left;
}

template <typename Params, typename Int8Params>
Case<Params> WidenedConvolution(const Case<Int8Params>& narrow, Values values, Random& random) {
  auto c = Widened<Params>(narrow, values, random);
  CopyWindow(narrow.params, &c.params);
  c.params.input_c = narrow.params.input_c, c.params.output_c = narrow.params.output_c;
  c.params.kernel_h = narrow.params.kernel_h, c.params.kernel_w = narrow.params.kernel_w;
  c.params.dilation_h = narrow.params.dilation_h, c.params.dilation_w = narrow.params.dilation_w;
  if constexpr (std::is_same_v<Params, Conv2DInt16Params>) c.params.groups = narrow.params.groups;
  FillStage(c, values, WeightShapeOf(c.params), random);
  return c;
}

Values ValuesOf(std::size_t i) {
  constexpr Values kValues[] = {Values::kTypical, Values::kExtreme, Values::kEveryShift};
  return kValues[i % 3];
}

/// Every third of an int8 operator's cases, which come in runs of one kind of values.
template <typename Params, typename Int8Params, typename Make>
std::vector<Case<Params>> EveryThird(std::uint32_t seed, Make make) {
  Random random(seed);
  std::vector<Case<Params>> cases;
  const std::vector<Case<Int8Params>> narrow = CasesOf<Int8Params>();
  for (std::size_t i = 0; i < narrow.size(); i += 3) {
    cases.push_back(make(narrow[i], ValuesOf(i / 3), random));
  }
  return cases;
}

template <typename Params, typename Int8Params>
std::vector<Case<Params>> Convolutions(std::uint32_t seed) {
  return EveryThird<Params, Int8Params>(seed, WidenedConvolution<Params, Int8Params>);
}

Case<FullyConnectedInt16Params> WidenedLayer(const Case<FullyConnectedParams>& narrow,
                                             Values values, Random& random) {
  auto c = Widened<FullyConnectedInt16Params>(narrow, values, random);
  c.params.rows = narrow.params.rows, c.params.depth = narrow.params.depth;
  c.params.output_c = narrow.params.output_c;
  FillStage(c, values, WeightShapeOf(c.params), random);
  return c;
}

template <typename Params, typename Int8Params>
Case<Params> WidenedPool(const Case<Int8Params>& narrow, Values values, Random& random) {
  auto c = Widened<Params>(narrow, values, random);
  CopyWindow(narrow.params, &c.params);
  c.params.channels = narrow.params.channels;
  c.params.filter_h = narrow.params.filter_h, c.params.filter_w = narrow.params.filter_w;
  FillClamps(c.params, random);
  return c;
}

void FillScales(AddSubParamsOf<std::int16_t>& p, const AddSubParams& narrow) {
  p.left_shift = narrow.left_shift < 15 ? narrow.left_shift : 15;
  p.multiplier1 = narrow.multiplier1, p.multiplier2 = narrow.multiplier2;
  p.shift1 = narrow.shift1, p.shift2 = narrow.shift2;
  p.output_multiplier = narrow.output_multiplier;
  // Of as many bits as int8 has: with 5 less to the left, 13 less to the right.
  p.output_shift = narrow.output_shift <= 17 ? narrow.output_shift + 5 : narrow.output_shift;
}

void FillScales(MulParamsOf<std::int16_t>& p, const MulParams& narrow) {
  p.output_multiplier = narrow.output_multiplier;
  p.output_shift = narrow.output_shift >= -23 ? narrow.output_shift - 8 : narrow.output_shift;
}

template <typename Params, typename Int8Params>
Case<Params> WidenedBroadcast(const Case<Int8Params>& narrow, Values values, Random& random) {
  auto c = Widened<Params>(narrow, values, random);
  c.params.dims = narrow.params.dims, c.params.rank = narrow.params.rank;
  c.params.strides1 = narrow.params.strides1, c.params.strides2 = narrow.params.strides2;
  FillScales(c.params, narrow.params);
  FillClamps(c.params, random);
  return c;
}

Case<ReduceMeanInt16Params> WidenedMean(const Case<ReduceMeanParams>& narrow, Values values,
                                        Random& random) {
  auto c = Widened<ReduceMeanInt16Params>(narrow, values, random);
  const ReduceMeanParams& p = narrow.params;
  c.params.kept_dims = p.kept_dims, c.params.kept_strides = p.kept_strides;
  c.params.reduced_dims = p.reduced_dims, c.params.reduced_strides = p.reduced_strides;
  c.params.kept_rank = p.kept_rank, c.params.reduced_rank = p.reduced_rank;
  c.params.output_count = p.output_count, c.params.reduced_count = p.reduced_count;
  c.params.output_multiplier = p.output_multiplier, c.params.output_shift = p.output_shift;
  FillClamps(c.params, random);
  return c;
}

}  // namespace

Case<Conv2DInt16Params> MakeConv2DInt16(const Window& window, std::int32_t output_c,
                                        std::int32_t groups, Values values, Random& random) {
  return WidenedConvolution<Conv2DInt16Params>(MakeConv2D(window, output_c, groups, values, random),
                                               values, random);
}

Case<DepthwiseConv2DInt16Params> MakeDepthwiseConv2DInt16(const Window& window,
                                                          std::int32_t multiplier, Values values,
                                                          Random& random) {
  return WidenedConvolution<DepthwiseConv2DInt16Params>(
      MakeDepthwiseConv2D(window, multiplier, values, random), values, random);
}

Case<FullyConnectedInt16Params> MakeFullyConnectedInt16(std::int32_t rows, std::int32_t depth,
                                                        std::int32_t output_c, Values values,
                                                        Random& random) {
  return WidenedLayer(MakeFullyConnected(rows, depth, output_c, values, random), values, random);
}

template <>
std::vector<Case<Conv2DInt16Params>> CasesOf<Conv2DInt16Params>() {
  return Convolutions<Conv2DInt16Params, Conv2DParams>(41);
}
template <>
std::vector<Case<DepthwiseConv2DInt16Params>> CasesOf<DepthwiseConv2DInt16Params>() {
  auto cases = Convolutions<DepthwiseConv2DInt16Params, DepthwiseConv2DParams>(42);
  // More products than 32 bits hold, all of one sign.
  Random random(42);
  cases.push_back(MakeDepthwiseConv2DInt16({1, 29, 27, 17, 28, 26, 1, 1, 1, 1, 0, 0, 0, 0}, 1,
                                           Values::kExtreme, random));
  return cases;
}
template <>
std::vector<Case<FullyConnectedInt16Params>> CasesOf<FullyConnectedInt16Params>() {
  auto cases = EveryThird<FullyConnectedInt16Params, FullyConnectedParams>(43, WidenedLayer);
  Random random(43);
  // On both sides of where kernels widen their lanes of 32 bits: 254 or 255 steps of 8, 16 or 32.
  for (const std::int32_t depth :
       {2039, 2040, 2041, 4079, 4080, 4097, 8128, 8159, 8161, (1 << 17) - 1}) {
    cases.push_back(MakeFullyConnectedInt16(1, depth, 5, Values::kExtreme, random));
    auto largest = MakeFullyConnectedInt16(2, depth, 4, Values::kTypical, random);
    largest.description += ", largest products";
    for (std::size_t i = 0; i < largest.input1.size(); i += 2) {
      largest.input1[i] = 0, largest.input1[i + 1] = INT8_MIN;  // -32768, little endian
    }
    std::fill(largest.weights.begin(), largest.weights.end(), std::int8_t{INT8_MIN});
    cases.push_back(std::move(largest));
  }
  return cases;
}
template <>
std::vector<Case<AveragePool2DInt16Params>> CasesOf<AveragePool2DInt16Params>() {
  return EveryThird<AveragePool2DInt16Params, AveragePool2DParams>(
      44, WidenedPool<AveragePool2DInt16Params, AveragePool2DParams>);
}
template <>
std::vector<Case<MaxPool2DInt16Params>> CasesOf<MaxPool2DInt16Params>() {
  return EveryThird<MaxPool2DInt16Params, MaxPool2DParams>(
      45, WidenedPool<MaxPool2DInt16Params, MaxPool2DParams>);
}
template <>
std::vector<Case<AddInt16Params>> CasesOf<AddInt16Params>() {
  return EveryThird<AddInt16Params, AddParams>(46, WidenedBroadcast<AddInt16Params, AddParams>);
}
template <>
std::vector<Case<SubInt16Params>> CasesOf<SubInt16Params>() {
  return EveryThird<SubInt16Params, SubParams>(47, WidenedBroadcast<SubInt16Params, SubParams>);
}
template <>
std::vector<Case<MulInt16Params>> CasesOf<MulInt16Params>() {
  return EveryThird<MulInt16Params, MulParams>(48, WidenedBroadcast<MulInt16Params, MulParams>);
}
template <>
std::vector<Case<ReduceMeanInt16Params>> CasesOf<ReduceMeanInt16Params>() {
  return EveryThird<ReduceMeanInt16Params, ReduceMeanParams>(49, WidenedMean);
}

template <>
std::vector<Case<RequantizeParams>> CasesOf<RequantizeParams>() {
  Random random(50);
  std::vector<Case<RequantizeParams>> cases;
  for (const std::int32_t input_bytes : {1, 2, 4}) {
    for (const std::int32_t output_bytes : {1, 2}) {
      for (const std::int32_t count : {1, 2, 7, 15, 16, 17, 33, 100, 1000}) {
        Case<RequantizeParams> c;
        RequantizeParams& p = c.params;
        c.element_bytes = 4;
        c.description = std::to_string(count) + " of " + std::to_string(input_bytes) + " to " +
                        std::to_string(output_bytes) + " bytes";
        p.count = c.units = count;
        p.input_bytes = static_cast<std::uint8_t>(input_bytes);
        p.output_bytes = static_cast<std::uint8_t>(output_bytes);
        p.input_zero_point = input_bytes == 1 ? Between(random, -128, 127) : 0;
        p.output_zero_point = output_bytes == 1 ? Between(random, -128, 127) : 0;
        p.multiplier = Between(random, 1 << 30, INT32_MAX);
        p.negative_multiplier = Between(random, 1 << 30, INT32_MAX);
        const bool any = count % 3 == 1;
        const std::int32_t shift = 8 * (output_bytes - input_bytes);
        p.shift = any ? Between(random, -31, 30) : shift + Between(random, -1, 1);
        p.negative_shift = any ? Between(random, -31, 30) : p.shift - Between(random, 0, 3);
        p.clamp_min = output_bytes == 1 ? -100 : -32000;
        p.clamp_max = output_bytes == 1 ? 127 : 32767;
        c.input1 = RandomBytes(static_cast<std::size_t>(count * input_bytes), false, random);
        c.output_bytes = static_cast<std::size_t>(count * output_bytes);
        cases.push_back(c);
      }
    }
  }
  return cases;
}

}  // namespace quaver::kernels
