// The registry of lowerings: one overload an operator of the graph, chosen by std::visit in
// lower.cc, so an operator without one does not compile. A family of operators shares a file.
#ifndef QUAVER_COMPILER_LOWER_OPERATORS_H_
#define QUAVER_COMPILER_LOWER_OPERATORS_H_

#include "compiler/ir/graph.h"
#include "compiler/lower/program.h"

namespace quaver::compiler {

// conv.cc
void Lower(const Conv2DOp& op, const Node& node, Program* program);
void Lower(const DepthwiseConv2DOp& op, const Node& node, Program* program);
void Lower(const FullyConnectedOp& op, const Node& node, Program* program);
// pool.cc
void Lower(const Pool2DOp& op, const Node& node, Program* program);
// binary.cc
void Lower(const BinaryOp& op, const Node& node, Program* program);
// unary.cc
void Lower(const UnaryOp& op, const Node& node, Program* program);
// border.cc
void Lower(const QuantizeOp& op, const Node& node, Program* program);
void Lower(const DequantizeOp& op, const Node& node, Program* program);
// softmax.cc
void Lower(const SoftmaxOp& op, const Node& node, Program* program);
// reduce.cc
void Lower(const ReduceOp& op, const Node& node, Program* program);
void Lower(const ArgMaxOp& op, const Node& node, Program* program);
// movement.cc
void Lower(const ReshapeOp& op, const Node& node, Program* program);
void Lower(const TransposeOp& op, const Node& node, Program* program);
void Lower(const PadOp& op, const Node& node, Program* program);
void Lower(const ConcatOp& op, const Node& node, Program* program);
void Lower(const SplitOp& op, const Node& node, Program* program);
void Lower(const StridedSliceOp& op, const Node& node, Program* program);
void Lower(const SpaceToDepthOp& op, const Node& node, Program* program);
void Lower(const DepthToSpaceOp& op, const Node& node, Program* program);
// resize.cc
void Lower(const ResizeOp& op, const Node& node, Program* program);
// lower.cc
void Lower(const BatchNormOp& op, const Node& node, Program* program);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_OPERATORS_H_
