// TRANSPOSE_CONV: a convolution and a rearrangement (compiler/import/transposed_convolution.h).
#include <algorithm>
#include <cstring>

#include "compiler/import/tflite/importer.h"
#include "compiler/import/transposed_convolution.h"

namespace quaver::compiler::tflite {
namespace {

/// The padding that a convolution from the output back to the input would have before it: what is
/// cut from the full output (TensorFlow Lite: kernels/transpose_conv.cc).
std::int64_t CutBefore(fbs::Padding padding, std::int64_t out, std::int64_t filter,
                       std::int64_t stride) {
  if (padding != fbs::Padding::SAME) return 0;
  const std::int64_t in = (out + stride - 1) / stride;
  return std::max<std::int64_t>((in - 1) * stride + filter - out, 0) / 2;
}

struct Phases {
  TransposedAxis h, w;
  std::int64_t outputs, inputs;

  [[nodiscard]] std::int64_t count() const { return h.stride * w.stride; }
};

/// [O, KH, KW, I] as [phases of h, phases of w, O; taps of h, taps of w; I], zeros where a phase
/// has fewer taps.
Bytes Arrange(const Tensor& weights, const Phases& p) {
  const auto row = static_cast<std::int64_t>(DataTypeBytes(weights.type)) * p.inputs;
  const std::int64_t taps = p.h.taps * p.w.taps;
  auto result = std::make_shared<std::vector<std::uint8_t>>(
      static_cast<std::size_t>(p.count() * p.outputs * taps * row), std::uint8_t{0});
  for (std::int64_t c = 0; c < p.count() * p.outputs; ++c) {
    const std::int64_t phase = c / p.outputs;
    for (std::int64_t m = 0; m < taps; ++m) {
      const std::int64_t y = p.h.Tap(phase / p.w.stride, m / p.w.taps);
      const std::int64_t x = p.w.Tap(phase % p.w.stride, m % p.w.taps);
      if (y < 0 || x < 0) continue;
      const std::int64_t from = (c % p.outputs * p.h.filter + y) * p.w.filter + x;
      std::memcpy(result->data() + (c * taps + m) * row, weights.data->data() + from * row,
                  static_cast<std::size_t>(row));
    }
  }
  return result;
}

/// A constant of one element per output channel, repeated for each phase.
Bytes Repeated(const Bytes& data, std::int64_t count) {
  auto result = std::make_shared<std::vector<std::uint8_t>>();
  for (std::int64_t i = 0; i < count; ++i) {
    result->insert(result->end(), data->begin(), data->end());
  }
  return result;
}

Quantization Repeated(const Quantization& quantization, std::int64_t count) {
  if (!quantization.per_channel()) return quantization;
  Quantization result{{}, {}, quantization.axis};
  for (std::int64_t i = 0; i < count; ++i) {
    result.scale.insert(result.scale.end(), quantization.scale.begin(), quantization.scale.end());
    result.zero_point.insert(result.zero_point.end(), quantization.zero_point.begin(),
                             quantization.zero_point.end());
  }
  return result;
}

std::int32_t Size(std::int64_t value) { return static_cast<std::int32_t>(value); }

/// Of the output's type and quantization.
TensorId AddPart(OperatorContext& op, const Shape& shape, const char* suffix) {
  if (CheckedElements(shape) < 0) {
    op.Fail("its strides make a tensor of shape " + ShapeString(shape) + ", which is too large");
  }
  return op.Temporary(op.Output(), shape, suffix);
}

/// Channels (phase of h, phase of w, output) to pixels.
TensorId Spread(OperatorContext& op, TensorId phases, const Phases& p, std::int32_t batch) {
  if (p.count() == 1) return phases;
  const TensorId spread = AddPart(
      op,
      {batch, Size(p.h.positions * p.h.stride), Size(p.w.positions * p.w.stride), Size(p.outputs)},
      "/spread");
  if (p.h.stride == p.w.stride) {
    op.Emit(DepthToSpaceOp{Size(p.h.stride)}, {phases}, {spread});
    return spread;
  }
  const Shape split = {Size(batch * p.h.positions), Size(p.w.positions), Size(p.h.stride),
                       Size(p.w.stride), Size(p.outputs)};
  const TensorId parts = op.Reshaped(phases, split);
  const TensorId rows = AddPart(op, {split[0], split[2], split[1], split[3], split[4]}, "/rows");
  op.Emit(TransposeOp{{0, 2, 1, 3, 4}}, {parts}, {rows});
  op.Emit(ReshapeOp{}, {rows}, {spread});
  return spread;
}

void CheckShapes(const OperatorContext& op, const Shape& input, const Shape& output,
                 const Shape& weights, const std::vector<std::int64_t>& stated) {
  const bool images = input.size() == 4 && output.size() == 4 && weights.size() == 4;
  if (!images || input[3] != weights[3] || output[3] != weights[0] || output[0] != input[0]) {
    op.Fail("weights " + ShapeString(weights) + " do not fit an input " + ShapeString(input) +
            " and an output " + ShapeString(output) + ": expected [O, KH, KW, I]");
  }
  if (!std::equal(stated.begin(), stated.end(), output.begin(), output.end())) {
    op.Fail("states another output shape than that of its output, " + ShapeString(output));
  }
}

}  // namespace

void ImportTransposeConv(OperatorContext& op) {
  op.Expect(3, 4);
  const auto& options = op.OptionsAs<fbs::TransposeConvOptions>();
  const Shape input = op.InputShape(2);
  const Shape output = op.OutputShape();
  const TensorId weights_id = ConstantWeights(op, 2, 1, 3);
  const Tensor weights = op.Of(weights_id);
  // Where the shape is an input of the model, its output's shape is what was computed with.
  const std::vector<std::int64_t> stated =
      op.Of(op.Input(0)).constant() ? op.Ints(0, 4)
                                    : std::vector<std::int64_t>(output.begin(), output.end());
  CheckShapes(op, input, output, weights.shape, stated);
  const std::int64_t stride_h = options.stride_h();
  const std::int64_t stride_w = options.stride_w();
  constexpr std::int64_t kMostStride = 1024;
  if (stride_h < 1 || stride_w < 1 || stride_h > kMostStride || stride_w > kMostStride) {
    op.Fail("strides are " + std::to_string(stride_h) + " and " + std::to_string(stride_w) +
            ": expected 1 to " + std::to_string(kMostStride));
  }
  const auto axis = [&](std::size_t d, std::int64_t stride) {
    return TransposedAxis(input[d], weights.shape[d], stride,
                          CutBefore(options.padding(), output[d], weights.shape[d], stride),
                          output[d]);
  };
  const Phases p{axis(1, stride_h), axis(2, stride_w), weights.shape[0], weights.shape[3]};
  const Shape shape = {Size(p.count() * p.outputs), Size(p.h.taps), Size(p.w.taps), Size(p.inputs)};
  constexpr std::int64_t kMostWeights = std::int64_t{1} << 26;
  if (p.count() * p.outputs > kMostWeights || CheckedElements(shape) < 0 ||
      CheckedElements(shape) > kMostWeights) {
    op.Fail("its strides make weights of shape " + ShapeString(shape) + ", which is too large");
  }
  Tensor arranged = weights;
  arranged.shape = shape;
  arranged.data = Arrange(weights, p);
  arranged.quantization = Repeated(weights.quantization, p.count());
  TensorId bias_id = op.OptionalInput(3);
  if (bias_id != kNoTensor) {
    Tensor bias = op.Of(bias_id);
    if (bias.elements() != p.outputs) {
      op.Fail(op.Named(3) + ": expected " + std::to_string(p.outputs) + " elements");
    }
    bias.shape = {shape[0]};
    bias.data = Repeated(bias.data, p.count());
    bias.quantization = Repeated(bias.quantization, p.count());
    bias_id = op.AddConstant(std::move(bias));
  }
  Conv2DOp conv;
  conv.window.padding = {Size(p.h.pad_before), Size(p.w.pad_before), Size(p.h.pad_after),
                         Size(p.w.pad_after)};
  conv.activation = op.Fused(options.fused_activation_function());
  const TensorId phases =
      AddPart(op, {input[0], Size(p.h.positions), Size(p.w.positions), shape[0]}, "/phases");
  op.Emit(conv, {op.Input(2), op.AddConstant(std::move(arranged)), bias_id}, {phases});
  StridedSliceOp slice;
  slice.begin = {0, Size(p.h.crop), Size(p.w.crop), 0};
  slice.stride = {1, 1, 1, 1};
  op.Emit(slice, {Spread(op, phases, p, input[0])}, {op.Output()});
}

}  // namespace quaver::compiler::tflite
