// The float executor's operators: functions over row-major NHWC arrays. Shapes are those of a
// validated graph. Internal to compiler/execute.
#ifndef QUAVER_COMPILER_EXECUTE_FLOAT_OPS_H_
#define QUAVER_COMPILER_EXECUTE_FLOAT_OPS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/execute/float_gemm.h"
#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {

/// A tensor that an operator reads; `data` is null where an optional input is absent.
struct FloatInput {
  const Shape* shape = nullptr;
  const float* data = nullptr;
};
/// A tensor that an operator writes; `data` has room for the shape's elements.
struct FloatOutput {
  const Shape* shape = nullptr;
  float* data = nullptr;
};

inline std::int64_t Dim(const Shape& shape, std::size_t i) { return shape[i]; }
std::int64_t ElementCount(const Shape& shape);

// --- float_conv.cc -----------------------------------------------------------------------------
/// The weights of a convolution, [O, KH, KW, I/groups], one matrix per group.
std::vector<PackedMatrix> PackConvWeights(const FloatInput& weights, std::int32_t groups);
void FloatConv2D(const Conv2DOp& op, const FloatInput& input, const Shape& weights_shape,
                 const std::vector<PackedMatrix>& weights, const FloatInput& bias,
                 const FloatOutput& output);
void FloatDepthwiseConv2D(const DepthwiseConv2DOp& op, const FloatInput& input,
                          const FloatInput& weights, const FloatInput& bias,
                          const FloatOutput& output);
void FloatFullyConnected(const FullyConnectedOp& op, const FloatInput& input,
                         const PackedMatrix& weights, const FloatInput& bias,
                         const FloatOutput& output);

// --- float_pool.cc -----------------------------------------------------------------------------
void FloatPool2D(const Pool2DOp& op, const FloatInput& input, const FloatOutput& output);
void FloatReduce(const ReduceOp& op, const FloatInput& input, const FloatOutput& output);
void FloatSoftmax(const SoftmaxOp& op, const FloatInput& input, const FloatOutput& output);
/// Writes indices as floats.
void FloatArgMax(const ArgMaxOp& op, const FloatInput& input, const FloatOutput& output);

// --- float_elementwise.cc ----------------------------------------------------------------------
void FloatUnary(const UnaryOp& op, const FloatInput& input, const FloatOutput& output);
void FloatBinary(const BinaryOp& op, const FloatInput& a, const FloatInput& b,
                 const FloatOutput& output);
/// inputs: x, scale, bias, mean, variance.
void FloatBatchNorm(const BatchNormOp& op, const std::vector<FloatInput>& inputs,
                    const FloatOutput& output);

// --- float_movement.cc -------------------------------------------------------------------------
void FloatCopy(const FloatInput& input, const FloatOutput& output);
void FloatTranspose(const TransposeOp& op, const FloatInput& input, const FloatOutput& output);
void FloatPad(const PadOp& op, const FloatInput& input, const FloatOutput& output);
void FloatConcat(const ConcatOp& op, const std::vector<FloatInput>& inputs,
                 const FloatOutput& output);
void FloatSplit(const SplitOp& op, const FloatInput& input,
                const std::vector<FloatOutput>& outputs);
void FloatStridedSlice(const StridedSliceOp& op, const FloatInput& input,
                       const FloatOutput& output);
void FloatSpaceToDepth(const SpaceToDepthOp& op, const FloatInput& input,
                       const FloatOutput& output);
void FloatDepthToSpace(const DepthToSpaceOp& op, const FloatInput& input,
                       const FloatOutput& output);
void FloatResize(const ResizeOp& op, const FloatInput& input, const FloatOutput& output);
/// The input row or column that nearest-neighbour resizing reads for output index `i`
/// (TensorFlow Lite, reference/resize_nearest_neighbor.h).
std::int64_t NearestIndex(const ResizeOp& op, std::int64_t i, std::int64_t in, std::int64_t out);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_FLOAT_OPS_H_
