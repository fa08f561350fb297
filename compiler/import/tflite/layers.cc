// Convolutions, fully connected layers, pooling.
#include <algorithm>
#include <limits>

#include "compiler/import/tflite/importer.h"

namespace quaver::compiler::tflite {
namespace {

void RequirePositive(const OperatorContext& op, std::int32_t value, const char* what) {
  if (value < 1) op.Fail(std::string(what) + " is " + std::to_string(value) + ": expected >= 1");
}

struct PaddingPair {
  std::int32_t before = 0, after = 0;
};

/// SAME gives ceil(size / stride) outputs; of the padding that these need in total, half is before,
/// rounded down (TensorFlow Lite's padding.h).
PaddingPair SamePadding(const OperatorContext& op, std::int32_t size, std::int32_t filter,
                        std::int32_t stride, std::int32_t dilation) {
  const std::int64_t extent = (static_cast<std::int64_t>(filter) - 1) * dilation + 1;
  const std::int64_t outputs = (static_cast<std::int64_t>(size) + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>(0, (outputs - 1) * stride + extent - size);
  if (total > std::numeric_limits<std::int32_t>::max()) {
    op.Fail("padding of " + std::to_string(total) + " elements is out of range");
  }
  const auto before = static_cast<std::int32_t>(total / 2);
  return {before, static_cast<std::int32_t>(total) - before};
}

/// Precondition: window's strides and dilations are set.
void SetPadding(const OperatorContext& op, fbs::Padding padding, std::int32_t filter_h,
                std::int32_t filter_w, Window2D* window) {
  RequirePositive(op, window->stride_h, "stride_h");
  RequirePositive(op, window->stride_w, "stride_w");
  RequirePositive(op, window->dilation_h, "dilation_h_factor");
  RequirePositive(op, window->dilation_w, "dilation_w_factor");
  RequirePositive(op, filter_h, "filter height");
  RequirePositive(op, filter_w, "filter width");
  if (padding == fbs::Padding::VALID) return;
  if (padding != fbs::Padding::SAME) op.Fail("padding is neither SAME nor VALID");
  const Shape input = op.InputShape(0);
  const PaddingPair rows =
      SamePadding(op, input[1], filter_h, window->stride_h, window->dilation_h);
  const PaddingPair columns =
      SamePadding(op, input[2], filter_w, window->stride_w, window->dilation_w);
  window->padding = {rows.before, columns.before, rows.after, columns.after};
}

void RequireRank(const OperatorContext& op, std::size_t input, std::size_t rank) {
  const std::size_t found = op.InputShape(input).size();
  if (found != rank) {
    op.Fail(op.Named(input) + " has " + std::to_string(found) + " dimensions: expected " +
            std::to_string(rank));
  }
}

template <typename Options>
Window2D ConvolutionWindow(const OperatorContext& op, const Options& options) {
  const Shape weights = op.InputShape(1);
  Window2D window;
  window.stride_h = options.stride_h();
  window.stride_w = options.stride_w();
  window.dilation_h = options.dilation_h_factor();
  window.dilation_w = options.dilation_w_factor();
  SetPadding(op, options.padding(), weights[1], weights[2], &window);
  return window;
}

void ImportPool2D(OperatorContext& op, PoolKind kind) {
  op.Expect(1);
  RequireRank(op, 0, 4);
  const auto& options = op.OptionsAs<fbs::Pool2DOptions>();
  Pool2DOp pool;
  pool.kind = kind;
  pool.filter_h = options.filter_height();
  pool.filter_w = options.filter_width();
  pool.window.stride_h = options.stride_h();
  pool.window.stride_w = options.stride_w();
  pool.activation = op.Fused(options.fused_activation_function());
  SetPadding(op, options.padding(), pool.filter_h, pool.filter_w, &pool.window);
  op.Emit(pool);
}

}  // namespace

TensorId ConstantWeights(OperatorContext& op, std::size_t input, std::size_t weights,
                         std::size_t bias) {
  const bool is_float = op.Of(op.Input(input)).type == DataType::kFloat32;
  const Tensor tensor = op.Of(op.Input(weights));
  if (tensor.type == DataType::kUInt8 && !is_float) {
    op.Fail("weights " + op.Named(weights) +
            " are uint8 with a zero point, the old quantization scheme; convert the model again "
            "with full-integer int8 quantization");
  }
  if (!tensor.constant()) {
    op.Fail("weights " + op.Named(weights) +
            " are computed at run time: only constant weights are supported");
  }
  if (op.HasInput(bias) && !op.Of(op.Input(bias)).constant()) {
    op.Fail("bias " + op.Named(bias) + " is computed at run time: only a constant is supported");
  }
  return is_float ? op.FloatConstant(weights) : op.Input(weights);
}

void ImportConv2D(OperatorContext& op) {
  op.Expect(2, 3);
  RequireRank(op, 0, 4);
  RequireRank(op, 1, 4);
  const TensorId weights = ConstantWeights(op, 0, 1, 2);
  const auto& options = op.OptionsAs<fbs::Conv2DOptions>();
  Conv2DOp conv;
  conv.window = ConvolutionWindow(op, options);
  conv.activation = op.Fused(options.fused_activation_function());
  // TensorFlow Lite has no attribute for groups: the channels of the weights say it.
  conv.groups = std::max(1, op.InputShape(0)[3] / op.InputShape(1)[3]);
  op.Emit(conv, {op.Input(0), weights, op.OptionalInput(2)}, {op.Output()});
}

void ImportDepthwiseConv2D(OperatorContext& op) {
  op.Expect(2, 3);
  RequireRank(op, 0, 4);
  RequireRank(op, 1, 4);
  const TensorId weights = ConstantWeights(op, 0, 1, 2);
  const auto& options = op.OptionsAs<fbs::DepthwiseConv2DOptions>();
  DepthwiseConv2DOp conv;
  conv.window = ConvolutionWindow(op, options);
  conv.activation = op.Fused(options.fused_activation_function());
  op.Emit(conv, {op.Input(0), weights, op.OptionalInput(2)}, {op.Output()});
}

void ImportFullyConnected(OperatorContext& op) {
  op.Expect(2, 3);
  RequireRank(op, 1, 2);
  const TensorId weights = ConstantWeights(op, 0, 1, 2);
  const auto& options = op.OptionsAs<fbs::FullyConnectedOptions>();
  if (options.weights_format() != fbs::FullyConnectedOptionsWeightsFormat::DEFAULT) {
    op.Fail("weights are shuffled: expected the default weights_format");
  }
  FullyConnectedOp layer;
  layer.activation = op.Fused(options.fused_activation_function());
  // TensorFlow Lite takes any shape and reads it as [.., K].
  TensorId input = op.Input(0);
  const std::int32_t depth = op.InputShape(1)[1];
  const std::int64_t elements = op.Of(input).elements();
  const Shape shape = op.InputShape(0);
  if (shape.empty() || shape.back() != depth) {
    if (elements % depth != 0) {
      op.Fail(op.Named(0) + " has " + std::to_string(elements) +
              " elements: expected a multiple of " + std::to_string(depth) +
              ", the columns of the weights");
    }
    input = op.Reshaped(input, {static_cast<std::int32_t>(elements / depth), depth});
  }
  op.Emit(layer, {input, weights, op.OptionalInput(2)}, {op.Output()});
}

void ImportAveragePool2D(OperatorContext& op) { ImportPool2D(op, PoolKind::kAverage); }
void ImportMaxPool2D(OperatorContext& op) { ImportPool2D(op, PoolKind::kMax); }

}  // namespace quaver::compiler::tflite
