// Operators that move values: reshapes, transposes, padding, joining, splitting, resizing.
#include <limits>

#include "compiler/import/tflite/importer.h"

namespace quaver::compiler::tflite {
namespace {

void EmitPad(OperatorContext& op, PadMode mode, double value) {
  const std::size_t rank = op.InputShape(0).size();
  const std::vector<std::int64_t> paddings = op.Ints(1, 2 * rank);
  PadOp pad;
  pad.mode = mode;
  pad.value = value;
  for (std::size_t i = 0; i < paddings.size(); ++i) {
    if (paddings[i] < 0 || paddings[i] > std::numeric_limits<std::int32_t>::max()) {
      op.Fail("padding of " + std::to_string(paddings[i]) + " elements in " + op.Named(1));
    }
    (i % 2 == 0 ? pad.before : pad.after).push_back(static_cast<std::int32_t>(paddings[i]));
  }
  op.Emit(pad);
}

/// The real value of a constant scalar.
double ScalarValue(const OperatorContext& op, std::size_t input) {
  const Tensor scalar = op.Of(op.Input(input));
  if (!scalar.constant() || scalar.elements() != 1) {
    op.Fail(op.Named(input) + ": expected a constant of one element");
  }
  if (scalar.type == DataType::kFloat32) return scalar.As<float>()[0];
  if (scalar.type != DataType::kInt8 && scalar.type != DataType::kUInt8) {
    op.Fail(op.Named(input) + " is " + DataTypeName(scalar.type) +
            ": expected float32, int8 or uint8");
  }
  // The value is written with its own quantization, but TensorFlow Lite copies the byte.
  if (!SameQuantization(scalar, op.Of(op.Input(0)))) {
    op.Fail(op.Named(input) + " and " + op.Named(0) + " differ in quantization");
  }
  if (scalar.quantization.scale.size() != 1) op.Fail(op.Named(input) + " has no scale");
  const int value =
      scalar.type == DataType::kInt8 ? scalar.As<std::int8_t>()[0] : scalar.As<std::uint8_t>()[0];
  return static_cast<double>(scalar.quantization.scale[0]) *
         (static_cast<double>(value) - scalar.quantization.zero_point[0]);
}

void RequireSameQuantization(const OperatorContext& op, std::size_t input) {
  if (!SameQuantization(op.Of(op.Input(input)), op.Of(op.Output()))) {
    op.Fail("type, scale or zero point of input " + op.Named(input) +
            " differ from those of the output; convert the model again with a current TensorFlow "
            "Lite converter, which requantizes the inputs first");
  }
}

void EmitSplit(OperatorContext& op, std::size_t input, std::int64_t axis) {
  std::vector<TensorId> outputs;
  for (std::size_t i = 0; i < op.OutputCount(); ++i) outputs.push_back(op.Output(i));
  op.Emit(SplitOp{op.Axis(axis, op.InputShape(input).size())}, {op.Input(input)},
          std::move(outputs));
}

// The size, input 1, is that of the output.
void ImportResize(OperatorContext& op, ResizeOp resize) {
  op.Expect(2);
  op.Emit(resize);
}

}  // namespace

// RESHAPE, SQUEEZE, EXPAND_DIMS: the output's shape says it all; the parameters repeat it.
void ImportReshape(OperatorContext& op) {
  op.Expect(1, 2);
  op.Emit(ReshapeOp{});
}

// Shapes are fixed, so this is a constant. Converters make it, and slices and joins of it, to give
// a RESHAPE the batch size; these are dead code here, as the RESHAPE has the shape of its output.
void ImportShape(OperatorContext& op) {
  op.Expect(1);
  const Shape shape = op.InputShape(0);
  const Tensor output = op.Of(op.Output());
  if (output.shape != Shape{static_cast<std::int32_t>(shape.size())}) {
    op.Fail("output has the shape " + ShapeString(output.shape) + ": expected [" +
            std::to_string(shape.size()) + "]");
  }
  if (output.type == DataType::kInt32) {
    op.SetConstantOutput(MakeBytes(shape));
  } else if (output.type == DataType::kInt64) {
    op.SetConstantOutput(MakeBytes(std::vector<std::int64_t>(shape.begin(), shape.end())));
  } else {
    op.Fail(std::string("output is ") + DataTypeName(output.type) + ": expected int32 or int64");
  }
}

void ImportTranspose(OperatorContext& op) {
  op.Expect(2);
  const std::size_t rank = op.InputShape(0).size();
  TransposeOp transpose;
  for (std::int64_t axis : op.Ints(1, rank)) {
    transpose.permutation.push_back(op.Axis(axis, rank));
  }
  op.Emit(transpose);
}

void ImportPad(OperatorContext& op) {
  op.Expect(2);
  EmitPad(op, PadMode::kConstant, 0);
}

void ImportPadV2(OperatorContext& op) {
  op.Expect(3);
  EmitPad(op, PadMode::kConstant, ScalarValue(op, 2));
}

void ImportMirrorPad(OperatorContext& op) {
  op.Expect(2);
  switch (op.OptionsAs<fbs::MirrorPadOptions>().mode()) {
    case fbs::MirrorPadMode::REFLECT:
      return EmitPad(op, PadMode::kReflect, 0);
    case fbs::MirrorPadMode::SYMMETRIC:
      return EmitPad(op, PadMode::kSymmetric, 0);
  }
  op.Fail("mode is neither REFLECT nor SYMMETRIC");
}

void ImportConcatenation(OperatorContext& op) {
  op.Expect(1, std::numeric_limits<std::size_t>::max());
  const auto& options = op.OptionsAs<fbs::ConcatenationOptions>();
  if (op.Fused(options.fused_activation_function()) != Activation::kNone) {
    op.Fail("has a fused activation: expected none");
  }
  std::vector<TensorId> inputs;
  for (std::size_t i = 0; i < op.InputCount(); ++i) {
    inputs.push_back(op.Input(i));
    RequireSameQuantization(op, i);
  }
  op.Emit(ConcatOp{op.Axis(options.axis(), op.InputShape(0).size())}, std::move(inputs),
          {op.Output()});
}

// Joins along a new dimension: each input gets it, then they are concatenated.
void ImportPack(OperatorContext& op) {
  op.Expect(1, std::numeric_limits<std::size_t>::max());
  Shape shape = op.InputShape(0);
  const std::int32_t axis = op.Axis(op.OptionsAs<fbs::PackOptions>().axis(), shape.size() + 1);
  shape.insert(shape.begin() + axis, 1);
  std::vector<TensorId> parts;
  for (std::size_t i = 0; i < op.InputCount(); ++i) {
    if (op.InputShape(i) != op.InputShape(0)) {
      op.Fail(op.Named(0) + " and " + op.Named(i) + " differ in shape");
    }
    RequireSameQuantization(op, i);
    parts.push_back(op.Reshaped(op.Input(i), shape));
  }
  op.Emit(ConcatOp{axis}, std::move(parts), {op.Output()});
}

// The inverse of Pack: slices of one, then the dimension is dropped.
void ImportUnpack(OperatorContext& op) {
  if (op.InputCount() != 1 || op.OutputCount() == 0) op.Fail("expected one input and outputs");
  Shape part = op.InputShape(0);
  const std::int32_t axis = op.Axis(op.OptionsAs<fbs::UnpackOptions>().axis(), part.size());
  part[static_cast<std::size_t>(axis)] = 1;
  std::vector<TensorId> parts;
  for (std::size_t i = 0; i < op.OutputCount(); ++i) {
    parts.push_back(op.Temporary(op.Input(0), part, "/part" + std::to_string(i)));
  }
  op.Emit(SplitOp{axis}, {op.Input(0)}, parts);
  for (std::size_t i = 0; i < op.OutputCount(); ++i) {
    op.Emit(ReshapeOp{}, {parts[i]}, {op.Output(i)});
  }
}

void ImportSplit(OperatorContext& op) {
  if (op.InputCount() != 2) op.Fail("expected an axis and an input");
  EmitSplit(op, 1, op.Int(0));
}

// The sizes of the parts are those of the outputs.
void ImportSplitV(OperatorContext& op) {
  if (op.InputCount() != 3) op.Fail("expected an input, sizes and an axis");
  EmitSplit(op, 0, op.Int(2));
}

void ImportSpaceToDepth(OperatorContext& op) {
  op.Expect(1);
  op.Emit(SpaceToDepthOp{op.OptionsAs<fbs::SpaceToDepthOptions>().block_size()});
}

void ImportDepthToSpace(OperatorContext& op) {
  op.Expect(1);
  op.Emit(DepthToSpaceOp{op.OptionsAs<fbs::DepthToSpaceOptions>().block_size()});
}

void ImportResizeNearest(OperatorContext& op) {
  const auto& options = op.OptionsAs<fbs::ResizeNearestNeighborOptions>();
  ImportResize(op, {ResizeKind::kNearest, options.align_corners(), options.half_pixel_centers()});
}

void ImportResizeBilinear(OperatorContext& op) {
  const auto& options = op.OptionsAs<fbs::ResizeBilinearOptions>();
  ImportResize(op, {ResizeKind::kBilinear, options.align_corners(), options.half_pixel_centers()});
}

}  // namespace quaver::compiler::tflite
