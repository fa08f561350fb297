// Operators with a window over an image: convolution and pooling.
#include "compiler/import/onnx/operators.h"
#include "compiler/import/onnx/window.h"

namespace quaver::compiler::onnx_import {
namespace {

Dims OutputDims(const NodeImporter& node, const Dims& image, std::int64_t channels,
                const ImageWindow& window) {
  if (window.h.Output() < 1 || window.w.Output() < 1) {
    node.Fail("the window (" + std::to_string(window.h.Extent()) + " x " +
              std::to_string(window.w.Extent()) + ") is larger than the padded image " +
              DimsString(image) + "; check the input's size");
  }
  return {image[0], channels, window.h.Output(), window.w.Output()};
}

// ONNX [O, I/groups, KH, KW] as [O, KH, KW, I/groups], or as [1, KH, KW, O] for a depthwise one:
// in both, output channel o is ONNX's o (of a depthwise convolution, channel o / multiplier of the
// input).
std::vector<float> ArrangeWeights(const std::vector<float>& values, const Dims& dims,
                                  bool depthwise) {
  const auto dim = [&](std::size_t d) { return static_cast<std::size_t>(dims[d]); };
  const std::size_t outputs = dim(0);
  const std::size_t inputs = dim(1);
  const std::size_t taps = dim(2) * dim(3);
  std::vector<float> result(values.size());
  if (values.empty()) return result;
  for (std::size_t o = 0; o < outputs; ++o) {
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t t = 0; t < taps; ++t) {
        const std::size_t to = depthwise ? t * outputs + o : (o * taps + t) * inputs + i;
        result[to] = values[(o * inputs + i) * taps + t];
      }
    }
  }
  return result;
}

void CheckWeights(const NodeImporter& node, const Dims& image, const Dims& weights,
                  std::int64_t groups) {
  if (groups < 1 || image[1] % groups != 0 || weights[0] % groups != 0 ||
      weights[1] != image[1] / groups) {
    node.Fail("weights " + DimsString(weights) + " in " + std::to_string(groups) +
              " groups do not fit an input of " + std::to_string(image[1]) +
              " channels, expected [O, channels / groups, KH, KW] with O a multiple of groups; "
              "check the model with onnx.checker");
  }
  if (!node.HasAttribute("kernel_shape")) return;
  const std::vector<std::int64_t> kernel = SpatialInts(node, "kernel_shape", 2, 1);
  if (kernel[0] != weights[2] || kernel[1] != weights[3]) {
    node.Fail("attribute 'kernel_shape' is " + DimsString(kernel) + ", but the weights are " +
              DimsString(weights) + "; check the model with onnx.checker");
  }
}

void ImportPool(NodeImporter& node, PoolKind kind) {
  Value image = node.Image(0);
  const auto filter = SpatialInts(node, "kernel_shape", 2, 1);
  ImageWindow window = ReadWindow(node, image.dims, filter[0], filter[1]);
  if (window.h.dilation != 1 || window.w.dilation != 1) {
    node.Fail("dilated pooling is not supported; use dilation 1, or a dilated Conv");
  }
  const bool padded = window.h.before + window.h.after + window.w.before + window.w.after > 0;
  if (kind == PoolKind::kAverage && node.Int("count_include_pad", 0) != 0 && padded) {
    // Zeros that count are an explicit Pad.
    PadOp pad;
    pad.before = {0, static_cast<std::int32_t>(window.h.before),
                  static_cast<std::int32_t>(window.w.before), 0};
    pad.after = {0, static_cast<std::int32_t>(window.h.after),
                 static_cast<std::int32_t>(window.w.after), 0};
    const Dims dims = {image.dims[0], image.dims[1],
                       image.dims[2] + window.h.before + window.h.after,
                       image.dims[3] + window.w.before + window.w.after};
    image = node.Add(pad, {image.tensor}, dims, image.order);
    window.h = {dims[2], window.h.filter, window.h.stride, 1, 0, 0};
    window.w = {dims[3], window.w.filter, window.w.stride, 1, 0, 0};
  }
  if (node.Int("ceil_mode", 0) != 0) {
    window.h.after += window.h.CeilPadding();
    window.w.after += window.w.CeilPadding();
  }
  Pool2DOp pool;
  pool.kind = kind;
  pool.filter_h = static_cast<std::int32_t>(window.h.filter);
  pool.filter_w = static_cast<std::int32_t>(window.w.filter);
  pool.window = window.Make();
  const Dims dims = OutputDims(node, image.dims, image.dims[1], window);
  node.SetImage(node.Add(pool, {image.tensor}, dims, image.order));
}

}  // namespace

void ImportConv(NodeImporter& node) {
  const Value image = node.Image(0);
  const Constant& weights = node.FloatConstant(1, "weights");
  const Dims filter = FilterDims(node, weights.dims, "[O, I/groups, KH, KW]");
  const std::int64_t groups = node.Int("group", 1);
  CheckWeights(node, image.dims, filter, groups);
  const ImageWindow window = ReadWindow(node, image.dims, filter[2], filter[3]);
  const Dims dims = OutputDims(node, image.dims, filter[0], window);

  const bool depthwise = groups > 1 && groups == image.dims[1];
  const auto size = [&](std::size_t d) { return static_cast<std::int32_t>(filter[d]); };
  const Shape shape =
      depthwise ? Shape{1, size(2), size(3), size(0)} : Shape{size(0), size(2), size(3), size(1)};
  const TensorId weights_id =
      node.AddWeights(shape, depthwise ? 3 : 0, ArrangeWeights(weights.floats, filter, depthwise),
                      ArrangeWeights(weights.steps, filter, depthwise));
  TensorId bias_id = kNoTensor;
  if (node.HasInput(2)) {
    const Constant& bias = node.FloatConstant(2, "bias");
    if (bias.size() != static_cast<std::size_t>(filter[0])) {
      node.Fail("bias has " + std::to_string(bias.size()) + " elements, expected " +
                std::to_string(filter[0]) + "; check the model with onnx.checker");
    }
    bias_id = node.AddConstant("bias", {size(0)}, bias.floats);
  }
  Attributes attributes;
  if (depthwise) {
    DepthwiseConv2DOp op;
    op.window = window.Make();
    attributes = op;
  } else {
    Conv2DOp op;
    op.window = window.Make();
    op.groups = static_cast<std::int32_t>(groups);
    attributes = op;
  }
  node.SetImage(node.Add(attributes, {image.tensor, weights_id, bias_id}, dims, image.order));
}

void ImportMaxPool(NodeImporter& node) {
  if (node.HasOutput(1)) {
    node.Fail("the indices (output 1) are not supported; export the layer without return_indices");
  }
  ImportPool(node, PoolKind::kMax);
}

void ImportAveragePool(NodeImporter& node) { ImportPool(node, PoolKind::kAverage); }

void ImportGlobalAveragePool(NodeImporter& node) {
  const Value image = node.Image(0);
  ReduceOp reduce;
  reduce.kind = ReduceKind::kMean;
  reduce.axes = {1, 2};
  reduce.keep_dims = true;
  node.SetImage(
      node.Add(reduce, {image.tensor}, {image.dims[0], image.dims[1], 1, 1}, image.order));
}

void ImportGlobalMaxPool(NodeImporter& node) {
  const Value image = node.Image(0);
  Pool2DOp pool;
  pool.kind = PoolKind::kMax;
  pool.filter_h = static_cast<std::int32_t>(image.dims[2]);
  pool.filter_w = static_cast<std::int32_t>(image.dims[3]);
  node.SetImage(node.Add(pool, {image.tensor}, {image.dims[0], image.dims[1], 1, 1}, image.order));
}

}  // namespace quaver::compiler::onnx_import
