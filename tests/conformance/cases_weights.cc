// Cases of Conv2D, DepthwiseConv2D and FullyConnected.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tests/conformance/cases.h"

namespace quaver::kernels {
namespace {

constexpr Values kAllValues[] = {Values::kTypical, Values::kExtreme, Values::kEveryShift,
                                 Values::kRelu};

const char* NameOf(Values values) {
  switch (values) {
    case Values::kTypical:
      return "typical";
    case Values::kExtreme:
      return "extreme";
    case Values::kEveryShift:
      return "every shift";
    case Values::kRelu:
      return "relu";
  }
  return "";
}

std::int32_t EdgeMultiplier(Random& random) {
  switch (random() % 5) {
    case 0:
      return 0;
    case 1:
      return 1 << 30;
    case 2:
      return INT32_MAX;
    default:
      return static_cast<std::int32_t>((1U << 30) + random() % (1U << 30));
  }
}

std::int32_t EdgeBias(Random& random) {
  switch (random() % 6) {
    case 0:
      return INT32_MAX;
    case 1:
      return INT32_MIN;
    case 2:
      return static_cast<std::int32_t>(random());
    default:
      return Between(random, -300, 300);
  }
}

template <typename Params>
void FillStage(Case<Params>& c, Values values, std::int32_t channels, std::int32_t depth,
               Random& random) {
  std::vector<std::int32_t> bias, multiplier;
  std::vector<std::int8_t> shift;
  std::int32_t typical_shift = -6;  // sums of `depth` random products are near 2^12.5 sqrt(depth)
  for (std::int32_t d = depth; d > 1; d /= 4) --typical_shift;
  std::int32_t every_shift = Between(random, -31, 30);
  const std::int32_t most_bias = values == Values::kRelu ? 200000 : 2000;
  if (values == Values::kRelu) typical_shift = Between(random, -9, -2);
  for (std::int32_t i = 0; i < channels; ++i) {
    if (values == Values::kEveryShift) {
      bias.push_back(EdgeBias(random));
      multiplier.push_back(EdgeMultiplier(random));
      shift.push_back(static_cast<std::int8_t>(every_shift));
      every_shift = every_shift == 30 ? -31 : every_shift + 1;
    } else {
      bias.push_back(Between(random, -most_bias, most_bias));
      multiplier.push_back(static_cast<std::int32_t>((1U << 30) + random() % (1U << 30)));
      shift.push_back(static_cast<std::int8_t>(typical_shift + Between(random, -1, 1)));
    }
  }
  OutputStage& stage = c.params.stage;
  stage.bias = c.arrays.Keep(std::move(bias));
  stage.multiplier = c.arrays.Keep(std::move(multiplier));
  stage.shift = c.arrays.Keep(std::move(shift));
  stage.zero_point = Between(random, -128, 127);
  stage.clamp_min = random() % 2 == 0 ? -128 : stage.zero_point;
  stage.clamp_max = random() % 2 == 0 ? 127 : Between(random, stage.clamp_min, 127);
  if (values == Values::kRelu) {
    stage.zero_point = stage.clamp_min = -128;
    stage.clamp_max = 127;
  }
}

template <typename Params>
void FillWeights(Case<Params>& c, Values values, Random& random) {
  const WeightShape shape = WeightShapeOf(c.params);
  c.weights =
      RandomBytes(static_cast<std::size_t>(shape.channels) * static_cast<std::size_t>(shape.depth),
                  values == Values::kExtreme, random);
  if (values == Values::kTypical || values == Values::kRelu) {
    for (std::int8_t& weight : c.weights) weight = weight == INT8_MIN ? -INT8_MAX : weight;
  }
  FillStage(c, values, shape.channels, shape.depth, random);
}

constexpr std::int32_t OutputExtent(std::int32_t input, std::int32_t padding, std::int32_t kernel,
                                    std::int32_t dilation, std::int32_t stride) {
  return (input + padding - (kernel - 1) * dilation - 1) / stride + 1;
}

template <typename Params>
void FillWindow(Case<Params>& c, const Window& s, std::int32_t output_c, Values values,
                Random& random) {
  Params& p = c.params;
  p.batch = s.batch, p.input_h = s.h, p.input_w = s.w, p.input_c = s.c;
  p.kernel_h = s.kernel_h, p.kernel_w = s.kernel_w;
  p.stride_h = s.stride_h, p.stride_w = s.stride_w;
  p.dilation_h = s.dilation_h, p.dilation_w = s.dilation_w;
  p.pad_top = s.pad_top, p.pad_left = s.pad_left;
  p.output_h = OutputExtent(s.h, s.pad_top + s.pad_bottom, s.kernel_h, s.dilation_h, s.stride_h);
  p.output_w = OutputExtent(s.w, s.pad_left + s.pad_right, s.kernel_w, s.dilation_w, s.stride_w);
  p.output_c = output_c;
  p.pad_value = values == Values::kExtreme ? -128 : Between(random, -128, 127);
  c.units = p.batch * p.output_h;
  c.output_bytes = static_cast<std::size_t>(c.units * p.output_w * p.output_c);
  c.input1 = RandomBytes(static_cast<std::size_t>(s.batch * s.h * s.w * s.c),
                         values == Values::kExtreme, random);
  std::ostringstream text;
  text << NameOf(values) << " input " << s.batch << "x" << s.h << "x" << s.w << "x" << s.c
       << " output " << p.output_h << "x" << p.output_w << "x" << output_c << " kernel "
       << s.kernel_h << "x" << s.kernel_w << " stride " << s.stride_h << "," << s.stride_w
       << " dilation " << s.dilation_h << "," << s.dilation_w << " pad " << s.pad_top << ","
       << s.pad_left << "," << s.pad_bottom << "," << s.pad_right;
  c.description = text.str();
}

/// A fully connected layer whose weights are 0, so that its accumulators are the biases: those next
/// to where the requantized value changes, for every shift and values around 0 and the clamps.
Case<FullyConnectedParams> MakeTies(std::int32_t zero_point, Random& random) {
  std::vector<std::int32_t> biases, multipliers;
  std::vector<std::int8_t> shifts;
  for (int shift = -31; shift <= 30; ++shift) {
    for (const int target : {-129, -128, -127, -1, 0, 1, 126, 127, 128}) {
      const std::int32_t multiplier = EdgeMultiplier(random);
      // Half a step above the target; a rounded double is off by less than 1.
      const double tie =
          std::ldexp(target - zero_point + 0.5, 31 - shift) / std::max(multiplier, 1);
      if (std::abs(tie) > INT32_MAX - 3) continue;
      for (int off = -2; off <= 2; ++off) {
        biases.push_back(static_cast<std::int32_t>(tie) + off);
        multipliers.push_back(multiplier);
        shifts.push_back(static_cast<std::int8_t>(shift));
      }
    }
  }
  const auto channels = static_cast<std::int32_t>(biases.size());
  Case<FullyConnectedParams> c = MakeFullyConnected(1, 1, channels, Values::kTypical, random);
  c.description += " ties, zero point " + std::to_string(zero_point);
  std::fill(c.weights.begin(), c.weights.end(), std::int8_t{0});
  c.params.stage = {c.arrays.Keep(biases),
                    c.arrays.Keep(multipliers),
                    c.arrays.Keep(shifts),
                    zero_point,
                    -128,
                    127};
  return c;
}

/// Inputs in groups of eights and sixteens, at every width of a row.
void AddGroupsOfEight(Values values, Random& random, std::vector<Case<Conv2DParams>>* cases) {
  const std::int32_t inputs[] = {8, 16, 24, 32, 40, 48, 64, 96};
  for (std::int32_t width = 1; width <= 18; ++width) {
    const std::int32_t a = inputs[width % 8];
    const std::int32_t b = inputs[(width / 2 + 3) % 8];
    cases->push_back(MakeConv2D(Same3x3(3, width, a, 1), 9, 1, values, random));
    cases->push_back(MakeConv2D(Same3x3(4, 2 * width, b, 2), 8, 1, values, random));
    cases->push_back(MakeConv2D(Pointwise(1, 1, width, a, 1), 12, 1, values, random));
    cases->push_back(MakeConv2D(Pointwise(2, 3, 2 * width + 1, b, 2), 8, 1, values, random));
  }
  // Groups, windows of other sizes, strides and dilations, and more pixels than are copied at
  // a time.
  cases->push_back(MakeConv2D(Pointwise(1, 3, 7, 48, 1), 20, 2, values, random));
  cases->push_back(MakeConv2D(Pointwise(1, 5, 9, 32, 2), 6, 2, values, random));
  cases->push_back(MakeConv2D(Same3x3(4, 13, 48, 1), 20, 2, values, random));
  cases->push_back(MakeConv2D(Same3x3(4, 9, 64, 2), 9, 1, values, random));
  cases->push_back(MakeConv2D(Same3x3(4, 9, 64, 2), 12, 4, values, random));
  for (std::int32_t stride = 1; stride <= 5; ++stride) {
    for (const std::int32_t c : {8, 16, 32}) {
      cases->push_back(MakeConv2D({2, 7, 8 * stride + 5, c, 2, stride, 3, stride, 1, 1, 1, 2, 2, 1},
                                  8, 1, values, random));
      cases->push_back(MakeConv2D({1, 9, 6 * stride + 9, c, 3, 5, 2, stride, 2, 3, 3, 4, 1, 5}, 11,
                                  1, values, random));
    }
  }
  cases->push_back(MakeConv2D({1, 8, 19, 16, 7, 7, 1, 1, 1, 1, 3, 3, 3, 3}, 8, 1, values, random));
  for (std::int32_t stride = 1; stride <= 4; ++stride) {
    cases->push_back(
        MakeConv2D({2, 23, 9, 16, 3, 3, stride, 1, 1, 1, 2, 1, 3, 1}, 9, 1, values, random));
    cases->push_back(
        MakeConv2D({2, 19, 16, 32, 5, 1, stride, 1, 1, 1, 0, 0, 1, 0}, 8, 1, values, random));
  }
  for (std::int32_t kernel_w = 2; kernel_w <= 6; ++kernel_w) {
    cases->push_back(
        MakeConv2D({1, 6, 20, 16, 2, kernel_w, 1, 1, 1, 1, 0, 1, 0, 2}, 8, 1, values, random));
    cases->push_back(
        MakeConv2D({1, 6, 9, 16 * kernel_w, 3, 2, 1, 1, 1, 1, 1, 0, 1, 1}, 8, 1, values, random));
  }
  for (const std::int32_t stride : {1, 2}) {
    cases->push_back(MakeConv2D(Pointwise(2, 5, 21, 16, stride), 16, 2, values, random));
    cases->push_back(MakeConv2D(Pointwise(1, 5, 42, 24, stride), 9, 3, values, random));
    cases->push_back(MakeConv2D(Pointwise(2, 5, 42, 32, stride), 8, 1, values, random));
    cases->push_back(MakeConv2D(Same3x3(5, 21, 16, stride), 16, 2, values, random));
  }
  cases->push_back(MakeConv2D(Pointwise(1, 24, 43, 16, 1), 5, 1, values, random));
  cases->push_back(MakeConv2D(Pointwise(3, 21, 17, 8, 1), 8, 1, values, random));
  cases->push_back(MakeConv2D(Pointwise(1, 7, 5, 1000, 1), 4, 1, values, random));
}

// Layers with few input channels, whose windows are gathered: every width of a run, windows and
// strides of known networks, rows that end in every part of a tile, more columns than a block has.
void AddFirstLayers(Values values, Random& random, std::vector<Case<Conv2DParams>>* cases) {
  const auto add = [&](const Window& window, std::int32_t outputs) {
    cases->push_back(MakeConv2D(window, outputs, 1, values, random));
  };
  for (std::int32_t channels = 1; channels <= 4; ++channels) {
    for (const std::int32_t stride : {1, 2}) {
      add({1, 17 + channels, 9, channels, 3, 3, stride, stride, 1, 1, 1, 1, 1, 1}, 8);
      add({2, 16 + stride, 7, channels, 3, 3, stride, stride, 1, 1, 0, 0, 1, 1}, 17 + channels);
      add({1, 20, 11, channels, 5, 5, stride, 1, 1, 1, 2, 2, 2, 2}, 8 * channels);
      add({1, 21 + channels, 6, channels, 10, 4, 2, stride, 1, 1, 4, 1, 5, 1}, 16);
      add({1, 9, 14, channels, 1, 5, 1, stride, 1, 1, 0, 2, 0, 2}, 12);
      add({1, 12, 10, channels, 7, 7, stride, 2, 1, 1, 3, 3, 3, 3}, 9);
    }
    add({1, 14, 12, channels, 3, 3, 1, 1, 2, 1, 2, 1, 2, 1}, 16);
    add({1, 14, 12, channels, 3, 3, 1, 1, 1, 2, 1, 2, 1, 2}, 16);
  }
  for (std::int32_t run = 1; run <= 33; ++run) {
    add({1, 8 + run % 6, 8 + run % 5, run, 2 + run % 3, 1, 1, 1, 1, 1, run % 2, 0, 1, 0}, 8);
  }
  for (std::int32_t rows = 4; rows <= 41; ++rows) {
    add({1, rows, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, rows % 3 == 0 ? 24 : 8 << rows % 2);
  }
  add({1, 19, 113, 3, 3, 3, 2, 2, 1, 1, 0, 0, 1, 1}, 32);
  add({1, 9, 301, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 8);
  add({1, 9, 150, 1, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0}, 8);
  // Padding wider than the window, and than the image.
  add({1, 9, 2, 2, 3, 4, 1, 1, 1, 1, 5, 6, 4, 7}, 8);
}

/// Weights with which the products of four inputs at a time, of every second input, just fit int16,
/// or just do not, in every combination of blocks of four channels (kGemmPairs of
/// kernels/packing.h); and inputs that make them that large. `inputs`: of a pixel.
template <typename Params>
void FillPairsAtLimits(Case<Params>& c, std::int32_t inputs, Random& random) {
  constexpr std::int8_t kFit[] = {64, -64, 65, -64};  // 127 * 129 + 128 * 128 = 32767
  constexpr std::int8_t kOverflow[] = {65, -64, 65, -64};
  const WeightShape shape = WeightShapeOf(c.params);
  std::vector<std::int8_t> shifts;
  for (std::int32_t channel = 0; channel < shape.channels; ++channel) {
    for (std::int32_t i = 0; i < shape.depth; ++i) {
      const bool overflow = (i / 8 >> channel % 16 / 4) % 2 != 0;
      // Of some channels in reverse, so that the largest sums are of other inputs.
      const std::int32_t k = channel % 3 == 0 ? 3 - i % 8 / 2 : i % 8 / 2;
      c.weights[static_cast<std::size_t>(channel * shape.depth + i)] =
          (overflow ? kOverflow : kFit)[k];
    }
    shifts.push_back(static_cast<std::int8_t>(Between(random, -15, -13)));
  }
  // So that a sum that is off by 2^16 shows, blocks take turns with positive and negative sums.
  for (std::size_t i = 0; i < c.input1.size(); ++i) {
    const std::size_t input = i % static_cast<std::size_t>(inputs);
    const std::size_t pixel = i / static_cast<std::size_t>(inputs);
    const bool positive = (input % 8 / 2 + input / 8 + pixel) % 2 == 0;
    c.input1[i] = positive ? INT8_MAX : INT8_MIN;
  }
  c.params.stage.shift = c.arrays.Keep(std::move(shifts));
  c.description += " pairs at their limits";
}

// Pairs of inputs in runs and windows of every kind of end, in tiles of four pixels and less.
void AddPairs(Random& random, std::vector<Case<Conv2DParams>>* cases) {
  for (const Values values : kAllValues) {
    for (const std::int32_t inputs : {4, 8, 12, 16, 20, 60, 132}) {
      const Window window = {1, 5, inputs % 7 + 4, inputs, 3, 2, 1, 1, 1, 1, 1, 0, 1, 1};
      cases->push_back(MakeConv2D(window, 40, 1, values, random));
      cases->push_back(
          MakeConv2D(Pointwise(1, 5, inputs % 7 + 1, inputs, 1), 24, 1, values, random));
      cases->push_back(MakeConv2D(Pointwise(1, 5, 9, inputs, 2), 33, 1, values, random));
    }
  }
  for (const std::int32_t inputs : {16, 128, 132}) {
    for (const Window& window : {Pointwise(1, 3, 11, inputs, 1), Same3x3(4, 6, inputs, 1)}) {
      Case<Conv2DParams> c = MakeConv2D(window, 40, 1, Values::kTypical, random);
      FillPairsAtLimits(c, inputs, random);
      cases->push_back(std::move(c));
    }
  }
}

// Runs of all lengths that tiles of 16 channels tell apart, of neighbours or not; more panels, or
// groups of panels, than are planned at once.
void AddRunLengths(Values values, Random& random, std::vector<Case<Conv2DParams>>* cases) {
  const auto add = [&](const Window& window, std::int32_t outputs, std::int32_t groups) {
    cases->push_back(MakeConv2D(window, outputs, groups, values, random));
  };
  for (const std::int32_t channels : {4, 8, 12, 16, 20, 24, 28, 32, 48, 64, 80}) {
    add(Pointwise(1, 2, 9, channels, 1), 48, 1);
    add(Pointwise(1, 3, 17, channels, 2), 41, 1);
    add(Pointwise(1, 1, 8, 2 * channels, 1), 32, 2);
    add(Same3x3(4, 13, channels, 1), 33, 1);
  }
  for (const std::int32_t outputs : {384, 400, 413, 560}) add(Pointwise(1, 5, 2, 8, 1), outputs, 1);
  add(Pointwise(1, 2, 5, 30, 1), 150, 6);
  add(Same3x3(2, 5, 30, 1), 300, 30);
}

Window RandomWindow(Random& random, std::int32_t channels) {
  Window s{};
  s.batch = Between(random, 1, 2);
  s.c = channels;
  s.kernel_h = Between(random, 1, 4), s.kernel_w = Between(random, 1, 4);
  s.stride_h = Between(random, 1, 3), s.stride_w = Between(random, 1, 3);
  s.dilation_h = Between(random, 1, 2), s.dilation_w = Between(random, 1, 2);
  s.pad_top = Between(random, 0, 3), s.pad_left = Between(random, 0, 3);
  s.pad_bottom = Between(random, 0, 3), s.pad_right = Between(random, 0, 3);
  const std::int32_t need_h = (s.kernel_h - 1) * s.dilation_h + 1 - s.pad_top - s.pad_bottom;
  const std::int32_t need_w = (s.kernel_w - 1) * s.dilation_w + 1 - s.pad_left - s.pad_right;
  s.h = (need_h > 1 ? need_h : 1) + Between(random, 0, 5);
  s.w = (need_w > 1 ? need_w : 1) + Between(random, 0, 9);
  return s;
}

}  // namespace

Case<Conv2DParams> MakeConv2D(const Window& window, std::int32_t output_c, std::int32_t groups,
                              Values values, Random& random) {
  Case<Conv2DParams> c;
  FillWindow(c, window, output_c, values, random);
  c.params.groups = groups;
  c.description += " groups " + std::to_string(groups);
  FillWeights(c, values, random);
  return c;
}

Case<DepthwiseConv2DParams> MakeDepthwiseConv2D(const Window& window, std::int32_t multiplier,
                                                Values values, Random& random) {
  Case<DepthwiseConv2DParams> c;
  FillWindow(c, window, window.c * multiplier, values, random);
  FillWeights(c, values, random);
  return c;
}

Case<FullyConnectedParams> MakeFullyConnected(std::int32_t rows, std::int32_t depth,
                                              std::int32_t output_c, Values values,
                                              Random& random) {
  Case<FullyConnectedParams> c;
  c.params.rows = rows, c.params.depth = depth, c.params.output_c = output_c;
  c.units = output_c;
  c.output_bytes = static_cast<std::size_t>(rows * output_c);
  c.input1 =
      RandomBytes(static_cast<std::size_t>(rows * depth), values == Values::kExtreme, random);
  c.description = std::string(NameOf(values)) + " rows " + std::to_string(rows) + " depth " +
                  std::to_string(depth) + " outputs " + std::to_string(output_c);
  FillWeights(c, values, random);
  return c;
}

template <>
std::vector<Case<Conv2DParams>> CasesOf<Conv2DParams>() {
  Random random(11);
  std::vector<Case<Conv2DParams>> cases;
  for (const Values values : kAllValues) {
    for (const std::int32_t channels : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64}) {
      cases.push_back(MakeConv2D(Pointwise(1, 3, 3, channels, 1), channels, 1, values, random));
      cases.push_back(MakeConv2D(Same3x3(5, 4, channels, 1), 10, 1, values, random));
    }
    for (const std::int32_t outputs : {1, 2, 4, 5, 7, 8, 9, 12, 15, 16, 17, 63, 70}) {
      cases.push_back(MakeConv2D(Pointwise(2, 3, 5, 19, 1), outputs, 1, values, random));
      cases.push_back(MakeConv2D(Pointwise(1, 1, 1, 40, 1), outputs, 1, values, random));
    }
    cases.push_back(MakeConv2D(Pointwise(1, 7, 6, 12, 2), 9, 1, values, random));
    cases.push_back(MakeConv2D(Pointwise(1, 4, 4, 12, 1), 8, 4, values, random));
    cases.push_back(MakeConv2D({1, 3, 3, 4, 1, 1, 2, 2, 1, 1, 1, 2, 1, 0}, 6, 1, values, random));
    cases.push_back(MakeConv2D({1, 1, 11, 6, 1, 5, 1, 2, 1, 2, 0, 3, 0, 4}, 10, 2, values, random));
    cases.push_back(MakeConv2D({1, 13, 1, 3, 6, 1, 2, 1, 2, 1, 9, 0, 2, 0}, 11, 1, values, random));
    cases.push_back(
        MakeConv2D({1, 6, 6, 300, 2, 2, 2, 2, 1, 1, 0, 0, 0, 0}, 20, 1, values, random));
    // Every width of a row, by one to four panels of 16 channels; stride 2 reuses rows unevenly.
    for (std::int32_t width = 1; width <= 18; ++width) {
      cases.push_back(MakeConv2D(Same3x3(4, width, 5, 1), 16 * (width % 4 + 1), 1, values, random));
      cases.push_back(MakeConv2D(Same3x3(9, 7, 3, 2), 8 * width, 1, values, random));
    }
    // Rows of three taps with strides of 1: every width of a row, other heights and paddings.
    for (std::int32_t width = 1; width <= 17; ++width) {
      const std::int32_t channels = 8 * Between(random, 1, 4);
      cases.push_back(MakeConv2D(Same3x3(7, width, channels, 1), width, 1, values, random));
      const std::int32_t height = Between(random, 1, 5);
      cases.push_back(MakeConv2D(
          {2, 9, width, channels, height, 3, 1, 1, 1, 1, height, width % 4, 0, 2 + width % 3}, 11,
          1, values, random));
    }
    // More pixels than are converted at a time, by count and by size.
    cases.push_back(MakeConv2D(Pointwise(2, 9, 17, 6, 1), 7, 1, values, random));
    cases.push_back(MakeConv2D(Pointwise(1, 3, 7, 4000, 1), 3, 1, values, random));
    // Short runs of many windows for many channels.
    cases.push_back(
        MakeConv2D({2, 11, 40, 1, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2}, 65, 1, values, random));
    cases.push_back(
        MakeConv2D({1, 21, 10, 1, 10, 4, 2, 2, 1, 1, 4, 1, 5, 1}, 64, 1, values, random));
    cases.push_back(MakeConv2D({1, 9, 9, 3, 3, 3, 1, 1, 1, 2, 1, 2, 1, 2}, 50, 1, values, random));
    // Padding wider than the image, strides past it, rows of a window apart.
    cases.push_back(MakeConv2D({2, 3, 2, 3, 2, 3, 1, 1, 1, 1, 5, 7, 6, 8}, 9, 1, values, random));
    cases.push_back(MakeConv2D({1, 9, 9, 4, 2, 2, 4, 5, 1, 1, 1, 1, 0, 0}, 17, 1, values, random));
    cases.push_back(MakeConv2D({2, 9, 8, 4, 3, 3, 1, 1, 3, 2, 3, 2, 3, 2}, 16, 2, values, random));
    for (int i = 0; i < 40; ++i) {
      const std::int32_t groups = Between(random, 1, 3);
      const std::int32_t inputs = groups * Between(random, 1, 12);
      const std::int32_t outputs = groups * Between(random, 1, 12);
      cases.push_back(MakeConv2D(RandomWindow(random, inputs), outputs, groups, values, random));
    }
  }
  for (const Values values : kAllValues) AddFirstLayers(values, random, &cases);
  for (const Values values : kAllValues) AddGroupsOfEight(values, random, &cases);
  AddPairs(random, &cases);
  for (const Values values : kAllValues) AddRunLengths(values, random, &cases);
  return cases;
}

template <>
std::vector<Case<DepthwiseConv2DParams>> CasesOf<DepthwiseConv2DParams>() {
  Random random(12);
  std::vector<Case<DepthwiseConv2DParams>> cases;
  for (const Values values : kAllValues) {
    for (const std::int32_t channels : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 72}) {
      cases.push_back(MakeDepthwiseConv2D(Same3x3(6, 5, channels, 1), 1, values, random));
      cases.push_back(MakeDepthwiseConv2D(Same3x3(7, 8, channels, 2), 1, values, random));
    }
    for (const std::int32_t multiplier : {2, 3, 4, 8, 9, 16}) {
      cases.push_back(MakeDepthwiseConv2D(Same3x3(4, 6, 1, 2), multiplier, values, random));
      cases.push_back(MakeDepthwiseConv2D(Same3x3(4, 4, 5, 1), multiplier, values, random));
    }
    cases.push_back(
        MakeDepthwiseConv2D({1, 12, 9, 1, 10, 8, 2, 2, 1, 1, 4, 3, 5, 3}, 8, values, random));
    for (const std::int32_t multiplier : {2, 3, 5, 16, 40}) {
      const std::int32_t channels = Between(random, 1, 20);
      cases.push_back(MakeDepthwiseConv2D({2, 7, 9, channels, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2},
                                          multiplier, values, random));
      cases.push_back(MakeDepthwiseConv2D({1, 8, 5, channels, 2, 3, 1, 2, 3, 2, 0, 4, 3, 0},
                                          multiplier, values, random));
    }
    // Windows of 5 x 5 and others in blocks of 32 and 64 channels, which overlap.
    for (const std::int32_t channels : {28, 32, 36, 60, 64, 68, 100, 124}) {
      const std::int32_t width = Between(random, 1, 11);
      for (const std::int32_t stride : {1, 2}) {
        cases.push_back(MakeDepthwiseConv2D(
            {2, 6, width, channels, 5, 5, stride, stride, 1, 1, 2, 2, 2, 2}, 1, values, random));
      }
      const std::int32_t height = Between(random, 1, 11);
      const std::int32_t stride = Between(random, 1, 3);
      const std::int32_t dilation = Between(random, 1, 2);
      cases.push_back(MakeDepthwiseConv2D(
          {1, 11, width, channels, height, 4, stride, 1, dilation, 2, height, 7, height, 5}, 1,
          values, random));
    }
    // Large windows over wide rows.
    for (const std::int32_t channels : {8, 19, 36}) {
      cases.push_back(MakeDepthwiseConv2D({1, 6, 13, channels, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2}, 1,
                                          values, random));
      cases.push_back(MakeDepthwiseConv2D({2, 5, 15, channels, 6, 7, 1, 1, 1, 1, 3, 3, 2, 3}, 1,
                                          values, random));
    }
    cases.push_back(MakeDepthwiseConv2D(Pointwise(2, 3, 3, 20, 1), 1, values, random));
    // Windows of 3 x 3 in all positions of tiles of 1, 2 and 4 pixels, rows and columns.
    for (std::int32_t extent = 1; extent <= 9; ++extent) {
      for (const std::int32_t stride : {1, 2}) {
        const std::int32_t channels = Between(random, 8, 150);
        cases.push_back(
            MakeDepthwiseConv2D(Same3x3(extent, 10 - extent, channels, stride), 1, values, random));
        cases.push_back(MakeDepthwiseConv2D(
            {2, extent, 4, channels, 3, 3, stride, 3 - stride, 1, 1, 2, 0, 0, 3}, 1, values,
            random));
      }
    }
    for (int i = 0; i < 40; ++i) {
      const Window window = RandomWindow(random, Between(random, 1, 40));
      cases.push_back(MakeDepthwiseConv2D(window, Between(random, 1, 2), values, random));
    }
  }
  // Rows of several pixels in 64 bytes, and some beyond.
  for (const std::int32_t channels : {8, 16, 32}) {
    for (std::int32_t width = 1; width <= 33; width += 1 + width / 9) {
      const Values values = kAllValues[width % 4];
      cases.push_back(MakeDepthwiseConv2D(Same3x3(3, width, channels, 1), 1, values, random));
    }
  }
  for (std::int32_t channels = 1; channels <= 70; ++channels) {
    const Window window = Same3x3(3, 5, channels, 1 + channels % 2);
    cases.push_back(MakeDepthwiseConv2D(window, 1, Values::kTypical, random));
  }
  // Windows of 3 x 3 with every height and width that rows and tiles of pixels make differ, with
  // padding at each side or without.
  std::int32_t channels = 8;
  for (std::int32_t height = 1; height <= 7; ++height) {
    for (std::int32_t width = 1; width <= 9; ++width) {
      for (const std::int32_t stride : {1, 2}) {
        for (int i = 0; i < 3; ++i) {
          const std::int32_t sides = i == 0 ? 15 : Between(random, 0, 15);
          const Window window{Between(random, 1, 2),
                              height,
                              width,
                              channels,
                              3,
                              3,
                              stride,
                              stride,
                              1,
                              1,
                              sides & 1,
                              sides >> 1 & 1,
                              sides >> 2 & 1,
                              sides >> 3};
          if (height + (sides & 1) + (sides >> 2 & 1) < 3) continue;
          if (width + (sides >> 1 & 1) + (sides >> 3) < 3) continue;
          const Values values = i < 2 ? Values::kRelu : kAllValues[Between(random, 0, 3)];
          cases.push_back(MakeDepthwiseConv2D(window, 1, values, random));
          // The largest products, as far as weights allow them to be added in 16 bits.
          for (std::int8_t& input : cases.back().input1) {
            if (i == 1) input = random() % 2 == 0 ? INT8_MIN : INT8_MAX;
          }
          channels = channels == 40 ? 8 : channels + 1;
        }
      }
    }
  }
  return cases;
}

template <>
std::vector<Case<FullyConnectedParams>> CasesOf<FullyConnectedParams>() {
  Random random(13);
  std::vector<Case<FullyConnectedParams>> cases;
  for (const Values values : kAllValues) {
    for (const std::int32_t depth :
         {1, 2, 3, 4, 8, 12, 15, 16, 17, 28, 31, 32, 33, 48, 100, 4000}) {
      cases.push_back(MakeFullyConnected(1, depth, 10, values, random));
      cases.push_back(MakeFullyConnected(5, depth, 3, values, random));
    }
    for (const std::int32_t outputs : {1, 2, 7, 8, 9, 16, 31, 33, 70}) {
      cases.push_back(MakeFullyConnected(1, 24, outputs, values, random));
      cases.push_back(MakeFullyConnected(13, 21, outputs, values, random));
    }
  }
  for (const std::int32_t zero_point : {-128, 0, 127}) {
    cases.push_back(MakeTies(zero_point, random));
  }
  // The deepest sums that the precondition allows, at their extremes.
  cases.push_back(MakeFullyConnected(1, (1 << 17) - 1, 2, Values::kExtreme, random));
  for (const std::int32_t rows : {1, 9}) {
    Case<FullyConnectedParams> c = MakeFullyConnected(rows, 132, 40, Values::kTypical, random);
    FillPairsAtLimits(c, 132, random);
    cases.push_back(std::move(c));
  }
  return cases;
}

}  // namespace quaver::kernels
