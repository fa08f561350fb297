// A model with transient tensors: residual blocks whose convolutions go to the addition in tiles.
#ifndef QUAVER_TESTS_UTIL_RESIDUAL_MODEL_H_
#define QUAVER_TESTS_UTIL_RESIDUAL_MODEL_H_

#include "tests/util/sample_models.h"

namespace quaver::testing {

/// Images of [batch,rows,6,24]:
///   h = conv(x), t = conv(h), y = x + t, over x
///   g = conv(y), u = depthwise(g), z = u - y, over y
///   output = conv(z) of 8 channels, with scratch behind it among the activations
/// where t and u are transient, or lie in the arena.
class ResidualModelBuilder {
 public:
  // Operators and tensors, by index.
  enum Operators { kConvH, kConvT, kAdd, kConvG, kDepthwiseU, kSub, kConvOutput };
  enum Tensors { kX, kH, kT, kY, kG, kU, kZ, kOutput };

  ResidualModelBuilder(std::int32_t batch, std::int32_t rows, bool transient)
      : batch_(batch), rows_(rows) {
    b_.Input(Shape(kChannels), "x");
    for (const char* name : {"h", "t", "y", "g", "u", "z"}) b_.Activation(Shape(kChannels), name);
    b_.Output(b_.Activation(Shape(kOutputChannels), "output"));
    Conv(kX, kH);
    Conv(kH, kT);
    Combine(fb::OperatorParams::Add, kX, kT, kY);
    Conv(kY, kG);
    Depthwise(kG, kU);
    Combine(fb::OperatorParams::Sub, kU, kY, kZ);
    Conv(kZ, kOutput);
    if (transient) Share();
  }

  [[nodiscard]] ModelBuilder Take() { return std::move(b_); }

 private:
  static constexpr std::int32_t kWidth = 6;
  static constexpr std::int32_t kChannels = 24;
  static constexpr std::int32_t kOutputChannels = 8;

  [[nodiscard]] ModelBuilder::Shape Shape(std::int32_t channels) const {
    return {batch_, rows_, kWidth, channels};
  }
  fb::TensorT& Tensor(std::int32_t index) {
    return *b_.model().tensors[static_cast<std::size_t>(index)];
  }

  template <typename Params>
  static Params Window(std::int32_t channels) {
    Params p;
    p.pad_top = p.pad_bottom = p.pad_left = p.pad_right = 1;
    p.pad_value = -3;
    p.bias = SomeBias(static_cast<std::size_t>(channels));
    p.output = SomeStage(static_cast<std::size_t>(channels));
    for (std::int8_t& shift : p.output->shift) shift = static_cast<std::int8_t>(shift - 3);
    return p;
  }

  std::int32_t Weights(const ModelBuilder::Shape& shape) {
    std::size_t count = 1;
    for (const std::int32_t dim : shape) count *= static_cast<std::size_t>(dim);
    return b_.Constant(shape, SomeValues(count, ++seed_));
  }

  void Conv(std::int32_t input, std::int32_t output) {
    const std::int32_t channels = Tensor(output).shape[3];
    b_.Operator(fb::OperatorParams::Conv2D, {input, Weights({channels, 3, 3, kChannels})}, {output},
                Window<fb::Conv2DT>(channels), "conv");
  }

  void Depthwise(std::int32_t input, std::int32_t output) {
    b_.Operator(fb::OperatorParams::DepthwiseConv2D, {input, Weights({1, 3, 3, kChannels})},
                {output}, Window<fb::DepthwiseConv2DT>(kChannels), "depthwise");
  }

  void Combine(fb::OperatorParams type, std::int32_t left, std::int32_t right,
               std::int32_t output) {
    fb::AddSubT p;
    p.broadcast = std::make_unique<fb::BroadcastT>();
    p.broadcast->dims = {batch_ * rows_ * kWidth * kChannels};
    p.broadcast->strides1 = p.broadcast->strides2 = {1};
    p.zero_point1 = 3;
    p.zero_point2 = -5;
    p.multiplier1 = 1 << 30;
    p.multiplier2 = 1500000000;
    p.output_multiplier = 1700000000;
    p.output_shift = -18;
    p.output_zero_point = 4;
    b_.Operator(type, {left, right}, {output}, std::move(p), "combine");
  }

  /// Plans the memory as the compiler would.
  void Share() {
    const std::uint32_t image_bytes = Tensor(kH).arena_offset;
    for (const auto made : {kT, kU}) {
      Tensor(made).storage = fb::Storage::Transient;
      Tensor(made).arena_offset = 0;
    }
    for (const auto over_x : {kY, kZ}) Tensor(over_x).arena_offset = 0;
    for (const auto over_h : {kG, kOutput}) Tensor(over_h).arena_offset = image_bytes;
    const std::int32_t output_bytes = batch_ * rows_ * kWidth * kOutputChannels;
    b_.model().operators[kConvOutput]->scratch_offset =
        image_bytes + static_cast<std::uint32_t>(output_bytes);
    b_.model().banks[0]->bytes = 2 * image_bytes;
  }

  ModelBuilder b_;
  const std::int32_t batch_, rows_;
  std::uint32_t seed_ = 0;
};

inline ModelBuilder ResidualModel(std::int32_t batch, std::int32_t rows, bool transient) {
  return ResidualModelBuilder(batch, rows, transient).Take();
}

/// With several tiles where tiles are small.
inline ModelBuilder SmallResidualModel() { return ResidualModel(1, 14, true); }
/// With several tiles on every machine, the last of them smaller than the others.
inline ModelBuilder LargeResidualModel() { return ResidualModel(2, 60, true); }

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_RESIDUAL_MODEL_H_
