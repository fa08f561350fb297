// ConvTranspose: a convolution and a rearrangement (compiler/import/transposed_convolution.h).
#include <algorithm>

#include "compiler/import/onnx/operators.h"
#include "compiler/import/onnx/window.h"
#include "compiler/import/transposed_convolution.h"

namespace quaver::compiler::onnx_import {
namespace {

/// What one dimension states: `before` and `after` are cut from the full output.
struct StatedAxis {
  std::int64_t in, filter, stride, dilation, before, after, extra;

  [[nodiscard]] std::int64_t Extent() const { return (filter - 1) * dilation + 1; }
  [[nodiscard]] std::int64_t Full() const { return stride * (in - 1) + extra + Extent(); }
  [[nodiscard]] std::int64_t Out() const { return Full() - before - after; }
  /// Cuts what is more than `out`; the odd pixel at the end or the start.
  void CutTo(std::int64_t out, bool odd_at_end) {
    const std::int64_t total = std::max<std::int64_t>(Full() - out, 0);
    before = odd_at_end ? total / 2 : total - total / 2;
    after = Full() - out - before;
  }
};

struct Geometry {
  StatedAxis stated[2];
  std::int64_t inputs, groups, outputs;  ///< inputs and outputs in a group
  bool depthwise;
};

StatedAxis ReadAxis(const NodeImporter& node, const Dims& image, const Dims& weights,
                    std::size_t i) {
  const auto read = [&](const char* name, std::size_t count, std::int64_t missing, std::size_t at) {
    return std::int64_t{
        CheckedSize(node, name, SpatialInts(node, name, count, missing)[at], missing)};
  };
  StatedAxis axis{image[2 + i],
                  CheckedSize(node, "filter size", weights[2 + i], 1),
                  read("strides", 2, 1, i),
                  read("dilations", 2, 1, i),
                  read("pads", 4, 0, i),
                  read("pads", 4, 0, i + 2),
                  read("output_padding", 2, 0, i)};
  const std::string automatic = node.String("auto_pad", "NOTSET");
  if (automatic == "VALID") axis.before = axis.after = 0;
  std::vector<std::int64_t> shape = node.Ints("output_shape");
  if (!shape.empty()) {
    const bool sequence = node.Input(0).rank() == 3;
    if (sequence && shape.size() == 1) shape.insert(shape.begin(), 1);
    if (shape.size() < 2) node.Fail("output_shape is too short; check the model with onnx.checker");
    axis.CutTo(CheckedSize(node, "output_shape", shape[shape.size() - 2 + i], 1),
               automatic == "SAME_UPPER");
  } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    axis.CutTo(axis.in * axis.stride, automatic == "SAME_UPPER");
  }
  if (axis.Out() < 1) {
    node.Fail("padding " + std::to_string(axis.before) + " and " + std::to_string(axis.after) +
              " leaves nothing of the output; check the model with onnx.checker");
  }
  CheckedSize(node, "output size", axis.Out(), 1);
  CheckedSize(node, "filter extent", axis.Extent(), 1);
  return axis;
}

Geometry ReadGeometry(const NodeImporter& node, const Dims& image, const Dims& weights) {
  const std::int64_t groups = node.Int("group", 1);
  if (groups < 1 || weights[0] != image[1] || image[1] % groups != 0) {
    node.Fail("weights " + DimsString(weights) + " in " + std::to_string(groups) +
              " groups do not fit an input of " + std::to_string(image[1]) +
              " channels, expected [channels, O / groups, KH, KW]; check the model with "
              "onnx.checker");
  }
  return {{ReadAxis(node, image, weights, 0), ReadAxis(node, image, weights, 1)},
          image[1] / groups,
          groups,
          weights[1],
          groups > 1 && groups == image[1]};
}

TransposedAxis Split(const StatedAxis& axis) {
  return {axis.in, axis.Extent(), axis.stride, axis.before, axis.Out()};
}

/// The filter's tap, -1 where the dilated filter has a gap.
std::int64_t DilatedTap(const TransposedAxis& axis, std::int64_t dilation, std::int64_t phase,
                        std::int64_t m) {
  const std::int64_t tap = axis.Tap(phase, m);
  return tap >= 0 && tap % dilation == 0 ? tap / dilation : -1;
}

/// ONNX's [I, O/groups, KH, KW] as the plain convolution's [groups, phases of h, phases of w,
/// O/groups; taps of h, taps of w; I/groups], or with the channels last for a depthwise one. Where
/// there is no tap, the value is 0, or (`steps`) that of the channel's first tap.
std::vector<float> Arrange(const std::vector<float>& values, const Geometry& g,
                           const TransposedAxis& h, const TransposedAxis& w, bool steps) {
  if (values.empty()) return {};
  const std::int64_t phases = h.stride * w.stride;
  const std::int64_t channels = g.groups * phases * g.outputs;
  std::vector<float> result(static_cast<std::size_t>(channels * h.taps * w.taps * g.inputs), 0);
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::int64_t output = c % g.outputs;
    const std::int64_t phase = c / g.outputs % phases;
    const std::int64_t group = c / g.outputs / phases;
    for (std::int64_t m = 0; m < h.taps * w.taps; ++m) {
      std::int64_t y = DilatedTap(h, g.stated[0].dilation, phase / w.stride, m / w.taps);
      std::int64_t x = DilatedTap(w, g.stated[1].dilation, phase % w.stride, m % w.taps);
      if (y < 0 || x < 0) {
        if (!steps) continue;
        y = x = 0;
      }
      for (std::int64_t i = 0; i < g.inputs; ++i) {
        const std::int64_t to =
            g.depthwise ? m * channels + c : (c * h.taps * w.taps + m) * g.inputs + i;
        const std::int64_t from =
            (((group * g.inputs + i) * g.outputs + output) * g.stated[0].filter + y) *
                g.stated[1].filter +
            x;
        result[static_cast<std::size_t>(to)] = values[static_cast<std::size_t>(from)];
      }
    }
  }
  return result;
}

TensorId AddBiasOf(NodeImporter& node, const Geometry& g, std::int64_t phases) {
  if (!node.HasInput(2)) return kNoTensor;
  const Constant& bias = node.FloatConstant(2, "bias");
  if (static_cast<std::int64_t>(bias.size()) != g.groups * g.outputs) {
    node.Fail("bias has " + std::to_string(bias.size()) + " elements, expected " +
              std::to_string(g.groups * g.outputs) + "; check the model with onnx.checker");
  }
  std::vector<float> values;
  for (std::int64_t c = 0; c < g.groups * phases * g.outputs; ++c) {
    const std::int64_t output = c / g.outputs / phases * g.outputs + c % g.outputs;
    values.push_back(bias.floats[static_cast<std::size_t>(output)]);
  }
  return node.AddConstant("bias", {static_cast<std::int32_t>(values.size())}, values);
}

/// The convolution of all phases, whose output channels are (group, phase, output).
Value Convolve(NodeImporter& node, const Value& image, const Constant& weights, const Geometry& g,
               const TransposedAxis& h, const TransposedAxis& w) {
  const std::int64_t elements =
      ElementCount({g.groups, h.stride, w.stride, g.outputs, h.taps, w.taps, g.inputs});
  constexpr std::int64_t kMostWeights = std::int64_t{1} << 26;
  if (elements < 1 || elements > kMostWeights) {
    node.Fail("its strides and dilations make too many weights; use Resize (nearest) and Conv");
  }
  const std::int64_t phases = h.stride * w.stride;
  const std::int64_t channels = g.groups * phases * g.outputs;
  const auto size = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
  const Shape shape = g.depthwise
                          ? Shape{1, size(h.taps), size(w.taps), size(channels)}
                          : Shape{size(channels), size(h.taps), size(w.taps), size(g.inputs)};
  const TensorId filter =
      node.AddWeights(shape, g.depthwise ? 3 : 0, Arrange(weights.floats, g, h, w, false),
                      Arrange(weights.steps, g, h, w, true));
  const TensorId bias = AddBiasOf(node, g, phases);
  Window2D window;
  window.padding = {size(h.pad_before), size(w.pad_before), size(h.pad_after), size(w.pad_after)};
  Attributes attributes = Conv2DOp{window, size(g.groups), Activation::kNone};
  if (g.depthwise) attributes = DepthwiseConv2DOp{window, Activation::kNone};
  return node.Add(attributes, {image.tensor, filter, bias},
                  {image.dims[0], channels, h.positions, w.positions}, image.order);
}

/// Channels (group, phase of h, phase of w, output) to pixels.
Value Spread(NodeImporter& node, const Value& phases, const Geometry& g, const TransposedAxis& h,
             const TransposedAxis& w) {
  if (h.stride == 1 && w.stride == 1) return phases;
  const Dims dims = {phases.dims[0], g.groups * g.outputs, h.positions * h.stride,
                     w.positions * w.stride};
  if (g.groups == 1 && h.stride == w.stride) {
    return node.Add(DepthToSpaceOp{static_cast<std::int32_t>(h.stride)}, {phases.tensor}, dims,
                    phases.order);
  }
  const Dims split = {dims[0] * h.positions, w.positions, g.groups, h.stride, w.stride, g.outputs};
  const Value parts = node.Add(ReshapeOp{}, {phases.tensor}, split, Identity(6));
  const Dims moved = {split[0], split[3], split[1], split[4], split[2], split[5]};
  const Value rows = node.Add(TransposeOp{{0, 3, 1, 4, 2, 5}}, {parts.tensor}, moved, Identity(6));
  return node.Add(ReshapeOp{}, {rows.tensor}, dims, phases.order);
}

Value Crop(NodeImporter& node, const Value& image, std::int64_t top, std::int64_t left,
           std::int64_t height, std::int64_t width) {
  const Dims dims = {image.dims[0], image.dims[1], height, width};
  if (dims == image.dims) return image;
  StridedSliceOp slice;
  slice.begin = {0, static_cast<std::int32_t>(top), static_cast<std::int32_t>(left), 0};
  slice.stride = {1, 1, 1, 1};
  return node.Add(slice, {image.tensor}, dims, image.order);
}

}  // namespace

void ImportConvTranspose(NodeImporter& node) {
  const Value image = node.Image(0);
  const Constant& weights = node.FloatConstant(1, "weights");
  const Dims dims = FilterDims(node, weights.dims, "[I, O/groups, KH, KW]");
  const Geometry g = ReadGeometry(node, image.dims, dims);
  const TransposedAxis h = Split(g.stated[0]);
  const TransposedAxis w = Split(g.stated[1]);
  const Value phases = Convolve(node, image, weights, g, h, w);
  node.SetImage(Crop(node, Spread(node, phases, g, h, w), h.crop, w.crop, g.stated[0].Out(),
                     g.stated[1].Out()));
}

}  // namespace quaver::compiler::onnx_import
