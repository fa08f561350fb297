// Windows over images, as convolutions and pooling state them. Sequences [N, C, L] are images of
// height 1.
#ifndef QUAVER_COMPILER_IMPORT_ONNX_WINDOW_H_
#define QUAVER_COMPILER_IMPORT_ONNX_WINDOW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/import/onnx/builder.h"

namespace quaver::compiler::onnx_import {

/// One dimension of a window.
struct WindowAxis {
  std::int64_t size, filter, stride, dilation;
  std::int64_t before, after;

  [[nodiscard]] std::int64_t Extent() const { return (filter - 1) * dilation + 1; }
  /// 0 if the window is larger than the padded image.
  [[nodiscard]] std::int64_t Output() const;
  /// As many outputs as ceil(size / stride), the odd element of padding at the end or the start.
  void PadSame(bool at_end);
  /// Rounding up instead of down is more padding at the end; a window that would start in it is
  /// left out, as PyTorch does and ONNX since opset 19.
  [[nodiscard]] std::int64_t CeilPadding() const;
};

struct ImageWindow {
  WindowAxis h, w;

  [[nodiscard]] Window2D Make() const;
};

/// Fails unless least <= value, and value is a size that an image can have.
std::int32_t CheckedSize(const NodeImporter& node, const std::string& name, std::int64_t value,
                         std::int64_t least);

/// An attribute of two values for height and width, or four for padding; `missing` where it is
/// absent. Of a sequence it has half as many: the height's are `missing`.
std::vector<std::int64_t> SpatialInts(const NodeImporter& node, const std::string& name,
                                      std::size_t count, std::int64_t missing);

/// strides, dilations, pads and auto_pad for an image [N, C, H, W].
ImageWindow ReadWindow(const NodeImporter& node, const Dims& image, std::int64_t filter_h,
                       std::int64_t filter_w);

/// The weights' shape with two spatial dimensions. Fails unless it has those, or one.
Dims FilterDims(const NodeImporter& node, const Dims& weights, const std::string& expected);

}  // namespace quaver::compiler::onnx_import

#endif  // QUAVER_COMPILER_IMPORT_ONNX_WINDOW_H_
