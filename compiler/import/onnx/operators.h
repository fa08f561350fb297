// One function an ONNX operator: reads the node, adds to the graph, sets the node's outputs.
#ifndef QUAVER_COMPILER_IMPORT_ONNX_OPERATORS_H_
#define QUAVER_COMPILER_IMPORT_ONNX_OPERATORS_H_

#include <optional>
#include <string>

#include "compiler/import/onnx/builder.h"

namespace quaver::compiler::onnx_import {

using Importer = void (*)(NodeImporter&);

/// Null if the operator is not supported.
Importer FindImporter(const std::string& op);
/// What to do about an operator that is not supported: the nearest thing that works.
std::string Alternative(const std::string& op);

// convolution.cc
void ImportConv(NodeImporter& node);
void ImportMaxPool(NodeImporter& node);
void ImportAveragePool(NodeImporter& node);
void ImportGlobalAveragePool(NodeImporter& node);
void ImportGlobalMaxPool(NodeImporter& node);

// conv_transpose.cc
void ImportConvTranspose(NodeImporter& node);

// linear.cc
void ImportGemm(NodeImporter& node);
void ImportMatMul(NodeImporter& node);
void ImportBatchNormalization(NodeImporter& node);
/// If the value is a fully connected layer without bias that this node alone reads, gives it
/// `bias` ([N], or fewer elements that broadcast) and returns true.
bool AddBias(NodeImporter& node, std::size_t layer_input, const Constant& bias);

// elementwise.cc
void ImportUnary(NodeImporter& node);
void ImportClip(NodeImporter& node);
void ImportPRelu(NodeImporter& node);
void ImportPow(NodeImporter& node);
void ImportScaledElu(NodeImporter& node);  ///< Selu, Celu
/// An activation repeated along its dimensions of 1. Readers that broadcast take it as it was:
/// RemoveIdentities.
Value Broadcast(NodeImporter& node, const Value& input, const Dims& dims);
void ImportBinary(NodeImporter& node);
void ImportSoftmax(NodeImporter& node);
void ImportReduce(NodeImporter& node);
void ImportArgMax(NodeImporter& node);

// gates.cc: one function where exporters write several operators.
struct Gated {
  UnaryOp op;
  Value input;
};
/// The function of which `a` * `b` is the last product, its factors in any order:
/// x * 0.5 * (erf(x / sqrt(2)) + 1) is GELU (an operator since opset 20), relu6(x + 3) / 6 hard
/// sigmoid, and x times that hard-swish (since opset 14).
std::optional<Gated> MatchProduct(NodeImporter& node, const Value& a, const Value& b);
/// SiLU for x * sigmoid(x), hard-swish for x * hard_sigmoid(x) with slope 1/6.
std::optional<UnaryOp> MatchGate(NodeImporter& node, const Value& x, const Value& gate);

// shape.cc
void ImportFlatten(NodeImporter& node);
void ImportReshape(NodeImporter& node);
void ImportSqueeze(NodeImporter& node);
void ImportUnsqueeze(NodeImporter& node);
void ImportTranspose(NodeImporter& node);
void ImportIdentity(NodeImporter& node);
void ImportShape(NodeImporter& node);
void ImportSize(NodeImporter& node);

// movement.cc
void ImportConcat(NodeImporter& node);
void ImportPad(NodeImporter& node);
void ImportSlice(NodeImporter& node);
void ImportSplit(NodeImporter& node);
void ImportResize(NodeImporter& node);
void ImportDepthToSpace(NodeImporter& node);
void ImportSpaceToDepth(NodeImporter& node);

// quantize_linear.cc
void ImportQuantizeLinear(NodeImporter& node);
void ImportDequantizeLinear(NodeImporter& node);
/// Clip between the two, with integer bounds, as exporters write a range of 7 bits.
void ImportQuantizedClip(NodeImporter& node);

// fold.cc: operators on constants, as exporters use them to compute shapes.
void ImportConstant(NodeImporter& node);
void ImportConstantOfShape(NodeImporter& node);
void ImportCast(NodeImporter& node);
void ImportGather(NodeImporter& node);
/// Elements that a fold may make.
inline constexpr std::int64_t kMostFolded = 1 << 26;
/// The shape that two constants broadcast to; fails if they do not.
Dims FoldedShape(const NodeImporter& node, const Dims& a, const Dims& b);
/// Index of element `i` of the broadcast shape `dims` in a constant of shape `own`.
std::size_t FoldedIndex(std::size_t i, const Dims& dims, const Dims& own);
Constant FoldConcat(const std::vector<const Constant*>& parts, std::size_t axis);
Constant FoldTranspose(const Constant& constant, const std::vector<std::int64_t>& permutation);
Constant FoldSlice(const Constant& constant, const Dims& begin, const Dims& step,
                   const Dims& counts);
/// Add, Sub, Mul or Div of two constants; fails where integers overflow or divide by zero.
Constant FoldBinary(const NodeImporter& node, BinaryKind kind, const Constant& a,
                    const Constant& b);

// fold_elementwise.cc
void ImportCompare(NodeImporter& node);  ///< Equal, Greater, ..., And, Or
void ImportNot(NodeImporter& node);
void ImportWhere(NodeImporter& node);
void ImportExpand(NodeImporter& node);
void ImportRange(NodeImporter& node);
void ImportReduceProd(NodeImporter& node);
Constant FoldUnary(const NodeImporter& node, const UnaryOp& op, const Constant& constant);
/// Product of two matrices of floats; of a vector on either side, too.
Constant FoldMatMul(const NodeImporter& node, const Constant& a, const Constant& b);

}  // namespace quaver::compiler::onnx_import

#endif  // QUAVER_COMPILER_IMPORT_ONNX_OPERATORS_H_
