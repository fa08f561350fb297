#include "compiler/import/onnx/window.h"

#include <algorithm>
#include <limits>

namespace quaver::compiler::onnx_import {

std::int64_t WindowAxis::Output() const {
  return size + before + after < Extent() ? 0 : (size + before + after - Extent()) / stride + 1;
}

void WindowAxis::PadSame(bool at_end) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>((outputs - 1) * stride + Extent() - size, 0);
  before = at_end ? total / 2 : (total + 1) / 2;
  after = total - before;
}

std::int64_t WindowAxis::CeilPadding() const {
  if (Output() == 0) return 0;
  const std::int64_t last = Output() * stride;  // start of one more window
  const std::int64_t rest = size + before + after - Extent() - (last - stride);
  return rest > 0 && last < size + before ? stride - rest : 0;
}

Window2D ImageWindow::Make() const {
  Window2D window;
  window.stride_h = static_cast<std::int32_t>(h.stride);
  window.stride_w = static_cast<std::int32_t>(w.stride);
  window.dilation_h = static_cast<std::int32_t>(h.dilation);
  window.dilation_w = static_cast<std::int32_t>(w.dilation);
  window.padding = {static_cast<std::int32_t>(h.before), static_cast<std::int32_t>(w.before),
                    static_cast<std::int32_t>(h.after), static_cast<std::int32_t>(w.after)};
  return window;
}

std::int32_t CheckedSize(const NodeImporter& node, const std::string& name, std::int64_t value,
                         std::int64_t least) {
  constexpr std::int64_t kMostPixels = std::numeric_limits<std::int32_t>::max() / 4;
  if (value < least || value > kMostPixels) {
    node.Fail(name + " is " + std::to_string(value) + ", expected at least " +
              std::to_string(least) + "; check the model with onnx.checker");
  }
  return static_cast<std::int32_t>(value);
}

std::vector<std::int64_t> SpatialInts(const NodeImporter& node, const std::string& name,
                                      std::size_t count, std::int64_t missing) {
  std::vector<std::int64_t> values = node.Ints(name);
  if (values.empty()) values.assign(count, missing);
  if (node.Input(0).rank() == 3 && 2 * values.size() == count) {
    for (std::size_t i = 0; i < count; i += 2) {
      values.insert(values.begin() + static_cast<std::ptrdiff_t>(i), missing);
    }
  }
  if (values.size() != count) {
    node.Fail("attribute '" + name + "' has " + std::to_string(values.size()) +
              " values, expected " + std::to_string(count) +
              "; only images [N, C, H, W] and sequences [N, C, L] are supported");
  }
  return values;
}

ImageWindow ReadWindow(const NodeImporter& node, const Dims& image, std::int64_t filter_h,
                       std::int64_t filter_w) {
  const auto strides = SpatialInts(node, "strides", 2, 1);
  const auto dilations = SpatialInts(node, "dilations", 2, 1);
  const auto pads = SpatialInts(node, "pads", 4, 0);
  for (std::int64_t pad : pads) CheckedSize(node, "a padding", pad, 0);
  const auto axis = [&](std::size_t i, std::int64_t filter) {
    return WindowAxis{image[2 + i],
                      CheckedSize(node, "filter size", filter, 1),
                      CheckedSize(node, "stride", strides[i], 1),
                      CheckedSize(node, "dilation", dilations[i], 1),
                      pads[i],
                      pads[i + 2]};
  };
  ImageWindow window{axis(0, filter_h), axis(1, filter_w)};
  const std::string automatic = node.String("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    window.h.PadSame(automatic == "SAME_UPPER");
    window.w.PadSame(automatic == "SAME_UPPER");
  } else if (automatic == "VALID") {
    window.h.before = window.h.after = window.w.before = window.w.after = 0;
  } else if (automatic != "NOTSET") {
    node.Fail("auto_pad '" + automatic +
              "' is unknown, expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  }
  return window;
}

Dims FilterDims(const NodeImporter& node, const Dims& weights, const std::string& expected) {
  Dims dims = weights;
  if (dims.size() == 3 && node.Input(0).rank() == 3) dims.insert(dims.begin() + 2, 1);
  if (dims.size() != 4) {
    node.Fail("weights have shape " + DimsString(weights) + ", expected " + expected +
              " for an input " + DimsString(node.Input(0).dims) +
              "; only 1-D and 2-D convolution is supported");
  }
  return dims;
}

}  // namespace quaver::compiler::onnx_import
