#include "tests/util/tiny_tflite.h"

#include <memory>
#include <string>
#include <utility>

#include "tests/util/tflite_builder.h"

namespace quaver::testing {
namespace {

namespace tfl = quaver::tflite;

/// Weights that look random and are the same everywhere.
class Generator {
 public:
  std::uint8_t Byte() {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<std::uint8_t>(state_ >> 24);
  }

 private:
  std::uint32_t state_ = 12345;
};

/// TfliteBuilder with names, quantization per channel and made-up weights.
class Builder : public tfl::TfliteBuilder {
 public:
  std::int32_t Activation(const std::string& name, Indices shape, float scale,
                          std::int64_t zero_point) {
    return Named(name, Tensor(tfl::TensorType::INT8, std::move(shape), scale, zero_point));
  }

  /// Weights with one scale for each index of dimension `axis`.
  std::int32_t Weights(const std::string& name, const Indices& shape, int axis, float scale) {
    std::size_t count = 1;
    for (const std::int32_t size : shape) count *= static_cast<std::size_t>(size);
    std::vector<std::uint8_t> bytes(count);
    for (std::uint8_t& byte : bytes) byte = generator_.Byte();
    const std::int32_t index = Named(name, Constant(tfl::TensorType::INT8, shape, bytes));
    return PerChannel(index, shape[static_cast<std::size_t>(axis)], axis, scale);
  }

  std::int32_t Bias(const std::string& name, std::int32_t channels, float scale) {
    std::vector<std::int32_t> values;
    for (std::int32_t i = 0; i < channels; ++i) values.push_back(generator_.Byte() * 4 - 512);
    const std::int32_t index = Named(name, Constant(tfl::TensorType::INT32, {channels}, values));
    return PerChannel(index, channels, 0, scale);
  }

  std::int32_t Named(const std::string& name, std::int32_t index) {
    tensor(index).name = name;
    return index;
  }

 private:
  std::int32_t PerChannel(std::int32_t index, std::int32_t channels, int axis, float scale) {
    auto quantization = std::make_unique<tfl::QuantizationParametersT>();
    quantization->zero_point.assign(static_cast<std::size_t>(channels), 0);
    quantization->scale.assign(static_cast<std::size_t>(channels), scale);
    quantization->quantized_dimension = axis;
    tensor(index).quantization = std::move(quantization);
    return index;
  }

  Generator generator_;
};

}  // namespace

std::vector<std::uint8_t> TinyConvNet() {
  Builder b;
  const std::int32_t image = b.Activation("image", {1, 8, 8, 3}, 1.0F / 255, -128);
  const std::int32_t conv_weights = b.Weights("conv/weights", {8, 3, 3, 3}, 0, 0.01F);
  const std::int32_t conv_bias = b.Bias("conv/bias", 8, 0.01F / 255);
  const std::int32_t conv = b.Activation("conv", {1, 4, 4, 8}, 0.02F, -128);
  tfl::Conv2DOptionsT conv_options;
  conv_options.padding = tfl::Padding::SAME;
  conv_options.stride_w = conv_options.stride_h = 2;
  conv_options.fused_activation_function = tfl::ActivationFunctionType::RELU;
  b.Op(tfl::BuiltinOperator::CONV_2D, {image, conv_weights, conv_bias}, {conv}, conv_options);

  const std::int32_t depthwise_weights = b.Weights("depthwise/weights", {1, 3, 3, 8}, 3, 0.01F);
  const std::int32_t depthwise_bias = b.Bias("depthwise/bias", 8, 0.02F * 0.01F);
  const std::int32_t depthwise = b.Activation("depthwise", {1, 2, 2, 8}, 0.05F, 3);
  tfl::DepthwiseConv2DOptionsT depthwise_options;
  depthwise_options.padding = tfl::Padding::VALID;
  depthwise_options.stride_w = depthwise_options.stride_h = 1;
  b.Op(tfl::BuiltinOperator::DEPTHWISE_CONV_2D, {conv, depthwise_weights, depthwise_bias},
       {depthwise}, depthwise_options);

  const std::int32_t flat_shape = b.Ints({1, 32});
  const std::int32_t flat = b.Activation("flat", {1, 32}, 0.05F, 3);
  b.Op(tfl::BuiltinOperator::RESHAPE, {depthwise, flat_shape}, {flat});

  const std::int32_t dense_weights = b.Weights("dense/weights", {10, 32}, 0, 0.01F);
  const std::int32_t dense_bias = b.Bias("dense/bias", 10, 0.05F * 0.01F);
  const std::int32_t dense = b.Activation("dense", {1, 10}, 0.1F, 0);
  b.Op(tfl::BuiltinOperator::FULLY_CONNECTED, {flat, dense_weights, dense_bias}, {dense},
       tfl::FullyConnectedOptionsT());

  const std::int32_t softmax = b.Activation("softmax", {1, 10}, 1.0F / 256, -128);
  tfl::SoftmaxOptionsT softmax_options;
  softmax_options.beta = 1;
  b.Op(tfl::BuiltinOperator::SOFTMAX, {dense}, {softmax}, softmax_options);
  return b.Finish({image}, {softmax});
}

std::vector<std::uint8_t> TinyMovement() {
  Builder b;
  const std::int32_t left = b.Activation("left", {1, 4, 4, 4}, 0.05F, 5);
  const std::int32_t right = b.Activation("right", {1, 4, 4, 4}, 0.1F, -7);
  const std::int32_t sum = b.Activation("sum", {1, 4, 4, 4}, 0.1F, -7);
  b.Op(tfl::BuiltinOperator::ADD, {left, right}, {sum}, tfl::AddOptionsT());

  const std::int32_t paddings =
      b.Constant<std::int32_t>(tfl::TensorType::INT32, {4, 2}, {0, 0, 1, 1, 2, 0, 0, 0});
  const std::int32_t padded = b.Activation("padded", {1, 6, 6, 4}, 0.1F, -7);
  b.Op(tfl::BuiltinOperator::PAD, {sum, paddings}, {padded});

  const std::int32_t pooled = b.Activation("pooled", {1, 4, 4, 4}, 0.1F, -7);
  tfl::Pool2DOptionsT pool;
  pool.padding = tfl::Padding::VALID;
  pool.stride_w = pool.stride_h = 1;
  pool.filter_width = pool.filter_height = 3;
  b.Op(tfl::BuiltinOperator::MAX_POOL_2D, {padded}, {pooled}, pool);

  const std::int32_t joined = b.Activation("joined", {1, 4, 4, 8}, 0.1F, -7);
  tfl::ConcatenationOptionsT concatenation;
  concatenation.axis = 3;
  b.Op(tfl::BuiltinOperator::CONCATENATION, {pooled, right}, {joined}, concatenation);

  const std::int32_t axes = b.Ints({1, 2});
  const std::int32_t mean = b.Activation("mean", {1, 8}, 0.08F, -3);
  b.Op(tfl::BuiltinOperator::MEAN, {joined, axes}, {mean}, tfl::ReducerOptionsT());
  return b.Finish({left, right}, {mean});
}

std::vector<std::uint8_t> TinyResidual() {
  Builder b;
  const auto convolve = [&b](std::int32_t input, const std::string& name, float scale) {
    const std::int32_t weights = b.Weights(name + "/weights", {8, 3, 3, 8}, 0, 0.01F);
    const std::int32_t bias = b.Bias(name + "/bias", 8, scale * 0.01F);
    const std::int32_t output = b.Activation(name, {1, 10, 10, 8}, 0.05F, 3);
    tfl::Conv2DOptionsT options;
    options.padding = tfl::Padding::SAME;
    options.stride_w = options.stride_h = 1;
    b.Op(tfl::BuiltinOperator::CONV_2D, {input, weights, bias}, {output}, options);
    return output;
  };
  const std::int32_t image = b.Activation("image", {1, 10, 10, 8}, 0.02F, -5);
  const std::int32_t first = convolve(image, "first", 0.02F);
  const std::int32_t second = convolve(first, "second", 0.05F);
  const std::int32_t sum = b.Activation("sum", {1, 10, 10, 8}, 0.06F, 1);
  b.Op(tfl::BuiltinOperator::ADD, {second, image}, {sum}, tfl::AddOptionsT());

  const std::int32_t axes = b.Ints({1, 2});
  const std::int32_t mean = b.Activation("mean", {1, 8}, 0.05F, -3);
  b.Op(tfl::BuiltinOperator::MEAN, {sum, axes}, {mean}, tfl::ReducerOptionsT());
  return b.Finish({image}, {mean});
}

std::vector<std::uint8_t> UnsupportedOperator() {
  Builder b;
  const std::int32_t input = b.Activation("input", {1, 4}, 0.1F, 0);
  const std::int32_t output = b.Activation("output", {1, 4}, 0.1F, 0);
  b.Op(tfl::BuiltinOperator::HASHTABLE_LOOKUP, {input}, {output});
  return b.Finish({input}, {output});
}

std::vector<std::uint8_t> TinyFloat() {
  Builder b;
  const std::int32_t input = b.Float({1, 4});
  const std::int32_t weights =
      b.Constant<float>(tfl::TensorType::FLOAT32, {2, 4}, {1, -2, 3, -4, 0.5F, 0.25F, 0, 1});
  const std::int32_t output = b.Float({1, 2});
  b.Op(tfl::BuiltinOperator::FULLY_CONNECTED, {input, weights, -1}, {output},
       tfl::FullyConnectedOptionsT());
  return b.Finish({input}, {output});
}

}  // namespace quaver::testing
