// What operators are called in messages and tables.
#include "compiler/ir/graph.h"

namespace quaver::compiler {
namespace {

const char* UnaryName(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kRelu:
      return "ReLU";
    case UnaryKind::kRelu6:
      return "ReLU6";
    case UnaryKind::kReluN1To1:
      return "ReLUN1To1";
    case UnaryKind::kLeakyRelu:
      return "LeakyReLU";
    case UnaryKind::kElu:
      return "ELU";
    case UnaryKind::kGelu:
      return "GELU";
    case UnaryKind::kGeluTanh:
      return "GELUTanh";
    case UnaryKind::kSigmoid:
      return "Sigmoid";
    case UnaryKind::kTanh:
      return "Tanh";
    case UnaryKind::kHardSigmoid:
      return "HardSigmoid";
    case UnaryKind::kHardSwish:
      return "HardSwish";
    case UnaryKind::kAbs:
      return "Abs";
    case UnaryKind::kNegate:
      return "Negate";
    case UnaryKind::kExp:
      return "Exp";
    case UnaryKind::kLog:
      return "Log";
    case UnaryKind::kSqrt:
      return "Sqrt";
    case UnaryKind::kRsqrt:
      return "Rsqrt";
    case UnaryKind::kSquare:
      return "Square";
    case UnaryKind::kSin:
      return "Sin";
    case UnaryKind::kCos:
      return "Cos";
    case UnaryKind::kFloor:
      return "Floor";
    case UnaryKind::kCeil:
      return "Ceil";
    case UnaryKind::kRound:
      return "Round";
    case UnaryKind::kErf:
      return "Erf";
    case UnaryKind::kSoftplus:
      return "Softplus";
    case UnaryKind::kSilu:
      return "SiLU";
    case UnaryKind::kClip:
      return "Clip";
  }
  return "Unary";
}

const char* BinaryName(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAdd:
      return "Add";
    case BinaryKind::kSub:
      return "Sub";
    case BinaryKind::kMul:
      return "Mul";
    case BinaryKind::kDiv:
      return "Div";
    case BinaryKind::kMaximum:
      return "Maximum";
    case BinaryKind::kMinimum:
      return "Minimum";
  }
  return "Binary";
}

const char* ReduceName(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kMean:
      return "Mean";
    case ReduceKind::kSum:
      return "Sum";
    case ReduceKind::kMax:
      return "ReduceMax";
    case ReduceKind::kMin:
      return "ReduceMin";
  }
  return "Reduce";
}

struct Namer {
  const char* operator()(const Conv2DOp&) const { return "Conv2D"; }
  const char* operator()(const DepthwiseConv2DOp&) const { return "DepthwiseConv2D"; }
  const char* operator()(const FullyConnectedOp&) const { return "FullyConnected"; }
  const char* operator()(const Pool2DOp& op) const {
    return op.kind == PoolKind::kAverage ? "AveragePool2D" : "MaxPool2D";
  }
  const char* operator()(const BinaryOp& op) const { return BinaryName(op.kind); }
  const char* operator()(const UnaryOp& op) const { return UnaryName(op.kind); }
  const char* operator()(const QuantizeOp&) const { return "Quantize"; }
  const char* operator()(const DequantizeOp&) const { return "Dequantize"; }
  const char* operator()(const SoftmaxOp&) const { return "Softmax"; }
  const char* operator()(const ReduceOp& op) const { return ReduceName(op.kind); }
  const char* operator()(const ReshapeOp&) const { return "Reshape"; }
  const char* operator()(const TransposeOp&) const { return "Transpose"; }
  const char* operator()(const PadOp&) const { return "Pad"; }
  const char* operator()(const ConcatOp&) const { return "Concat"; }
  const char* operator()(const SplitOp&) const { return "Split"; }
  const char* operator()(const StridedSliceOp&) const { return "StridedSlice"; }
  const char* operator()(const SpaceToDepthOp&) const { return "SpaceToDepth"; }
  const char* operator()(const DepthToSpaceOp&) const { return "DepthToSpace"; }
  const char* operator()(const ResizeOp& op) const {
    return op.kind == ResizeKind::kNearest ? "ResizeNearest" : "ResizeBilinear";
  }
  const char* operator()(const ArgMaxOp& op) const { return op.smallest ? "ArgMin" : "ArgMax"; }
  const char* operator()(const BatchNormOp&) const { return "BatchNorm"; }
};

}  // namespace

std::string KindName(const Node& node) { return std::visit(Namer{}, node.attributes); }

const char* ActivationName(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return "none";
    case Activation::kRelu:
      return "ReLU";
    case Activation::kRelu6:
      return "ReLU6";
    case Activation::kReluN1To1:
      return "ReLUN1To1";
  }
  return "unknown";
}

}  // namespace quaver::compiler
