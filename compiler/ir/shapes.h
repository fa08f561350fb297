// Shape arithmetic, shared by importers, passes and the validator.
#ifndef QUAVER_COMPILER_IR_SHAPES_H_
#define QUAVER_COMPILER_IR_SHAPES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

using Shape = std::vector<std::int32_t>;

/// "[1, 49, 10, 1]".
std::string ShapeString(const Shape& shape);

/// "tensor 7 'conv/Relu' int8 [1, 25, 5, 64]".
std::string TensorString(const Graph& graph, TensorId id);

/// "Conv2D 'conv1'".
std::string NodeString(const Node& node);

/// Number of elements; -1 if a dimension is below 1, there are more than kMaxRank of them, or the
/// number exceeds 2^31 - 1.
std::int64_t CheckedElements(const Shape& shape);

/// Row-major strides, in elements.
std::vector<std::int64_t> Strides(const Shape& shape);

/// (size + before + after - ((filter - 1) * dilation + 1)) / stride + 1, rounded down; 0 or less
/// if the filter is larger than the padded input. All but the padding >= 1.
std::int64_t WindowOutput(std::int32_t size, std::int32_t filter, std::int32_t stride,
                          std::int32_t dilation, std::int32_t before, std::int32_t after);

/// As NumPy: aligned at the last dimension, a dimension of 1 stretches. Throws Error.
Shape BroadcastShape(const Shape& a, const Shape& b);

/// What the node's outputs must look like. For Reshape, StridedSlice, Split and Resize, whose
/// output shape is a parameter, the shapes that the outputs have, once they are found consistent;
/// for all others node.outputs may still be empty. Throws Error, naming node and tensors.
/// Precondition: ids in range, tensor shapes pass CheckedElements.
std::vector<Shape> OutputShapes(const Graph& graph, const Node& node);

/// Whether the same bytes mean the same in both: equal types and zero points, scales within 1e-5
/// of each other. Converters round scales of one value differently, and TensorFlow Lite's kernels
/// copy the bytes where it finds scales near (1e-6, for scales around 0.1) to each other.
bool SameQuantization(const Tensor& a, const Tensor& b);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_IR_SHAPES_H_
