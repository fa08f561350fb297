// Element-wise operators, reductions, softmax, conversions.
#include <algorithm>
#include <limits>

#include "compiler/import/tflite/importer.h"

namespace quaver::compiler::tflite {
namespace {

void EmitBinary(OperatorContext& op, BinaryKind kind, Activation activation) {
  op.Expect(2);
  op.Emit(BinaryOp{kind, activation}, {op.Input(0), op.Input(1)}, {op.Output()});
}

template <typename Options>
void ImportFusedBinary(OperatorContext& op, BinaryKind kind) {
  const auto* options = op.OptionsOrNull<Options>();
  EmitBinary(
      op, kind,
      options == nullptr ? Activation::kNone : op.Fused(options->fused_activation_function()));
}

void ImportReduce(OperatorContext& op, ReduceKind kind) {
  op.Expect(2);
  const auto* options = op.OptionsOrNull<fbs::ReducerOptions>();
  ReduceOp reduce;
  reduce.kind = kind;
  reduce.keep_dims = options != nullptr && options->keep_dims();
  const std::size_t rank = op.InputShape(0).size();
  for (std::int64_t axis : op.Ints(1)) reduce.axes.push_back(op.Axis(axis, rank));
  std::sort(reduce.axes.begin(), reduce.axes.end());
  reduce.axes.erase(std::unique(reduce.axes.begin(), reduce.axes.end()), reduce.axes.end());
  op.Emit(reduce);
}

void ImportArg(OperatorContext& op, bool smallest) {
  op.Expect(2);
  op.Emit(ArgMaxOp{op.Axis(op.Int(1), op.InputShape(0).size()), smallest});
}

}  // namespace

void ImportAdd(OperatorContext& op) { ImportFusedBinary<fbs::AddOptions>(op, BinaryKind::kAdd); }
void ImportSub(OperatorContext& op) { ImportFusedBinary<fbs::SubOptions>(op, BinaryKind::kSub); }
void ImportMul(OperatorContext& op) { ImportFusedBinary<fbs::MulOptions>(op, BinaryKind::kMul); }
void ImportDiv(OperatorContext& op) { ImportFusedBinary<fbs::DivOptions>(op, BinaryKind::kDiv); }
void ImportMaximum(OperatorContext& op) { EmitBinary(op, BinaryKind::kMaximum, Activation::kNone); }
void ImportMinimum(OperatorContext& op) { EmitBinary(op, BinaryKind::kMinimum, Activation::kNone); }

void ImportLeakyRelu(OperatorContext& op) {
  op.Expect(1);
  op.Emit(UnaryOp{UnaryKind::kLeakyRelu, op.OptionsAs<fbs::LeakyReluOptions>().alpha()});
}

// max(x, 0) + slope * min(x, 0), or one function where there is one slope.
void ImportPRelu(OperatorContext& op) {
  op.Expect(2);
  const TensorId slope = op.FloatConstant(1);
  const Tensor slopes = op.Of(slope);
  if (!slopes.constant()) op.Fail("slope " + op.Named(1) + " is computed: expected a constant");
  if (slopes.elements() == 1 && slopes.type == DataType::kFloat32) {
    return op.Emit(UnaryOp{UnaryKind::kLeakyRelu, slopes.As<float>()[0]});
  }
  if (op.Of(op.Input(0)).type != DataType::kFloat32) {
    op.Fail(
        "several slopes are supported in float models only, expected one; use LEAKY_RELU, or "
        "quantize the float model with `quaver quantize`");
  }
  const Shape shape = op.InputShape(0);
  const TensorId above = op.Temporary(op.Input(0), shape, "/above");
  const TensorId below = op.Temporary(op.Input(0), shape, "/below");
  const TensorId scaled = op.Temporary(op.Input(0), shape, "/scaled");
  op.Emit(UnaryOp{UnaryKind::kRelu}, {op.Input(0)}, {above});
  op.Emit(UnaryOp{UnaryKind::kClip, -std::numeric_limits<float>::infinity(), 0}, {op.Input(0)},
          {below});
  op.Emit(BinaryOp{BinaryKind::kMul}, {below, slope}, {scaled});
  op.Emit(BinaryOp{BinaryKind::kAdd}, {above, scaled}, {op.Output()});
}

void ImportElu(OperatorContext& op) {
  op.Expect(1);
  op.Emit(UnaryOp{UnaryKind::kElu, 1});
}

void ImportGelu(OperatorContext& op) {
  op.Expect(1);
  const auto* options = op.OptionsOrNull<fbs::GeluOptions>();
  const bool approximate = options != nullptr && options->approximate();
  op.Emit(UnaryOp{approximate ? UnaryKind::kGeluTanh : UnaryKind::kGelu});
}

void ImportRelu0To1(OperatorContext& op) {
  op.Expect(1);
  op.Emit(UnaryOp{UnaryKind::kClip, 0, 1});
}

void ImportSoftmax(OperatorContext& op) {
  op.Expect(1);
  op.Emit(SoftmaxOp{op.OptionsAs<fbs::SoftmaxOptions>().beta()});
}

void ImportMean(OperatorContext& op) { ImportReduce(op, ReduceKind::kMean); }
void ImportSum(OperatorContext& op) { ImportReduce(op, ReduceKind::kSum); }
void ImportReduceMax(OperatorContext& op) { ImportReduce(op, ReduceKind::kMax); }
void ImportReduceMin(OperatorContext& op) { ImportReduce(op, ReduceKind::kMin); }
void ImportArgMax(OperatorContext& op) { ImportArg(op, false); }
void ImportArgMin(OperatorContext& op) { ImportArg(op, true); }

void ImportQuantize(OperatorContext& op) {
  op.Expect(1);
  op.Emit(QuantizeOp{});
}

}  // namespace quaver::compiler::tflite
