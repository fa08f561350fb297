// One valid model of each operator, small and with all parameters used, for tests to run and to
// spoil.
#ifndef QUAVER_TESTS_UTIL_SAMPLE_MODELS_H_
#define QUAVER_TESTS_UTIL_SAMPLE_MODELS_H_

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "kernels/packing.h"
#include "kernels/registry.h"
#include "tests/util/int16_models.h"
#include "tests/util/model_builder.h"

namespace quaver::testing {

/// Repeatable values that are neither sorted nor all of one sign.
inline std::vector<std::int8_t> SomeValues(std::size_t count, std::uint32_t seed = 1) {
  std::vector<std::int8_t> values(count);
  for (std::int8_t& value : values) {
    seed = seed * 1664525U + 1013904223U;
    value = static_cast<std::int8_t>(seed >> 24);
  }
  return values;
}

inline std::unique_ptr<fb::OutputStageT> SomeStage(std::size_t channels) {
  auto stage = std::make_unique<fb::OutputStageT>();
  for (std::size_t c = 0; c < channels; ++c) {
    stage->multiplier.push_back((1 << 30) + static_cast<std::int32_t>(c) * 12345677);
    stage->shift.push_back(static_cast<std::int8_t>(-6 - static_cast<int>(c % 3)));
  }
  stage->zero_point = 3;
  stage->clamp_min = -120;
  stage->clamp_max = 119;
  return stage;
}

inline std::vector<std::int32_t> SomeBias(std::size_t channels) {
  std::vector<std::int32_t> bias;
  for (std::size_t c = 0; c < channels; ++c) {
    bias.push_back(static_cast<std::int32_t>(c) * 700 - 1500);
  }
  return bias;
}

/// [1,5,4,4] * [6,3,2,2] in 2 groups => [1,3,4,6].
inline ModelBuilder Conv2DModel() {
  ModelBuilder b;
  const auto input = b.Input({1, 5, 4, 4});
  const auto weights = b.Constant({6, 3, 2, 2}, SomeValues(72));
  const auto output = b.Activation({1, 3, 4, 6}, "output");
  fb::Conv2DT p;
  p.stride_h = 2;
  p.dilation_w = 2;
  p.pad_top = 1;
  p.pad_bottom = 1;
  p.pad_left = 1;
  p.pad_right = 1;
  p.pad_value = -7;
  p.groups = 2;
  p.bias = SomeBias(6);
  p.output = SomeStage(6);
  b.Operator(fb::OperatorParams::Conv2D, {input, weights}, {output}, std::move(p), "conv");
  b.Output(output);
  return b;
}

/// [1,5,4,3] * [1,3,3,6] => [1,5,2,6].
inline ModelBuilder DepthwiseConv2DModel() {
  ModelBuilder b;
  const auto input = b.Input({1, 5, 4, 3});
  const auto weights = b.Constant({1, 3, 3, 6}, SomeValues(54));
  const auto output = b.Activation({1, 5, 2, 6}, "output");
  fb::DepthwiseConv2DT p;
  p.stride_w = 2;
  p.pad_top = 1;
  p.pad_bottom = 1;
  p.pad_right = 1;
  p.pad_value = 5;
  p.bias = SomeBias(6);
  p.output = SomeStage(6);
  b.Operator(fb::OperatorParams::DepthwiseConv2D, {input, weights}, {output}, std::move(p),
             "depthwise");
  b.Output(output);
  return b;
}

/// [2,10] * [7,10] => [2,7].
inline ModelBuilder FullyConnectedModel() {
  ModelBuilder b;
  const auto input = b.Input({2, 10});
  const auto weights = b.Constant({7, 10}, SomeValues(70));
  const auto output = b.Activation({2, 7}, "output");
  fb::FullyConnectedT p;
  p.bias = SomeBias(7);
  p.output = SomeStage(7);
  b.Operator(fb::OperatorParams::FullyConnected, {input, weights}, {output}, std::move(p), "dense");
  b.Output(output);
  return b;
}

/// The same with its weights packed ahead of time for every kernel that there is.
inline ModelBuilder PackedFullyConnectedModel() {
  ModelBuilder b = FullyConnectedModel();
  auto& p = *b.model().operators[0]->params.AsFullyConnected();
  const kernels::OutputStage stage = {
      p.bias.data(), p.output->multiplier.data(), p.output->shift.data(), 0, 0, 0};
  const kernels::WeightShape shape{7, 10, 1, 10};
  const std::vector<std::int8_t> weights = SomeValues(70);
  const auto& list = kernels::KernelsOfAllIsas<kernels::FullyConnectedParams>();
  for (std::size_t i = 0; i < list.count; ++i) {
    const kernels::WeightLayout& layout = list.rows[i].layout;
    if (layout.plain()) continue;  // a layout that two kernels share is there twice
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(kernels::PackedBytes(layout, shape)));
    kernels::PackWeights(layout, shape, weights.data(), stage, bytes.data());
    auto packed = std::make_unique<fb::PackedWeightsT>();
    packed->layout = std::make_unique<fb::WeightLayout>(static_cast<std::uint8_t>(layout.kind),
                                                        layout.nr, layout.kr, layout.input_offset);
    packed->buffer = b.Buffer(bytes.data(), bytes.size());
    p.packed.push_back(std::move(packed));
  }
  return b;
}

/// [1,5,4,3] => [1,3,2,3], windows of 3 by 2.
inline ModelBuilder Pool2DModel(fb::OperatorParams type) {
  ModelBuilder b;
  const auto input = b.Input({1, 5, 4, 3});
  const auto output = b.Activation({1, 3, 2, 3}, "output");
  fb::Pool2DT p;
  p.filter_h = 3;
  p.filter_w = 2;
  p.stride_h = 2;
  p.stride_w = 2;
  p.pad_top = 1;
  p.pad_bottom = 1;
  p.clamp_min = -100;
  p.clamp_max = 90;
  b.Operator(type, {input}, {output}, p, "pool");
  b.Output(output);
  return b;
}
inline ModelBuilder AveragePool2DModel() { return Pool2DModel(fb::OperatorParams::AveragePool2D); }
inline ModelBuilder MaxPool2DModel() { return Pool2DModel(fb::OperatorParams::MaxPool2D); }

/// [4,3] and [3], broadcast, => [4,3].
inline std::unique_ptr<fb::BroadcastT> SomeBroadcast() {
  auto broadcast = std::make_unique<fb::BroadcastT>();
  broadcast->dims = {4, 3};
  broadcast->strides1 = {3, 1};
  broadcast->strides2 = {0, 1};
  return broadcast;
}
inline ModelBuilder AddSubModel(fb::OperatorParams type) {
  ModelBuilder b;
  const auto input1 = b.Input({4, 3}, "left");
  const auto input2 = b.Input({3}, "right");
  const auto output = b.Activation({4, 3}, "output");
  fb::AddSubT p;
  p.broadcast = SomeBroadcast();
  p.zero_point1 = 4;
  p.zero_point2 = -9;
  p.multiplier1 = 1 << 30;
  p.multiplier2 = 1500000000;
  p.shift1 = 0;
  p.shift2 = -1;
  p.output_multiplier = 1300000000;
  p.output_shift = -18;
  p.output_zero_point = 2;
  p.clamp_min = -110;
  p.clamp_max = 105;
  b.Operator(type, {input1, input2}, {output}, std::move(p), "sum");
  b.Output(output);
  return b;
}
inline ModelBuilder AddModel() { return AddSubModel(fb::OperatorParams::Add); }
inline ModelBuilder SubModel() { return AddSubModel(fb::OperatorParams::Sub); }

inline ModelBuilder MulModel() {
  ModelBuilder b;
  const auto input1 = b.Input({4, 3}, "left");
  const auto input2 = b.Input({3}, "right");
  const auto output = b.Activation({4, 3}, "output");
  fb::MulT p;
  p.broadcast = SomeBroadcast();
  p.zero_point1 = 4;
  p.zero_point2 = -9;
  p.output_multiplier = 1300000000;
  p.output_shift = -6;
  p.output_zero_point = 2;
  p.clamp_min = -110;
  p.clamp_max = 105;
  b.Operator(fb::OperatorParams::Mul, {input1, input2}, {output}, std::move(p), "product");
  b.Output(output);
  return b;
}

inline ModelBuilder Lut8Model() {
  ModelBuilder b;
  const auto input = b.Input({3, 5});
  const auto output = b.Activation({3, 5}, "output", fb::TensorType::UInt8);
  fb::Lut8T p;
  for (int i = 0; i < 256; ++i) p.table.push_back(static_cast<std::uint8_t>(i * 7 + 3));
  b.Operator(fb::OperatorParams::Lut8, {input}, {output}, std::move(p), "table");
  b.Output(output);
  return b;
}

inline ModelBuilder SoftmaxModel() {
  ModelBuilder b;
  const auto input = b.Input({2, 5});
  const auto output = b.Activation({2, 5}, "output");
  fb::SoftmaxT p;
  // Halves: exp(-d * ln 2).
  for (std::int32_t value = INT32_MAX; value > 0; value /= 2) p.exp_table.push_back(value);
  b.Operator(fb::OperatorParams::Softmax, {input}, {output}, std::move(p), "softmax");
  b.Output(output);
  return b;
}

/// [1,3,4,2] => [1,2], over height and width.
inline ModelBuilder ReduceModel(fb::ReduceKind kind) {
  ModelBuilder b;
  const auto input = b.Input({1, 3, 4, 2});
  const auto output = b.Activation({1, 2}, "output");
  fb::ReduceT p;
  p.kind = kind;
  p.kept_dims = {2};
  p.kept_strides = {1};
  p.reduced_dims = {12};
  p.reduced_strides = {2};
  p.input_zero_point = 3;
  p.output_multiplier = 1431655765;  // 2/3 * 2^31
  p.output_shift = -3;
  p.output_zero_point = -4;
  b.Operator(fb::OperatorParams::Reduce, {input}, {output}, std::move(p), "reduce");
  b.Output(output);
  return b;
}
inline ModelBuilder ReduceMeanModel() { return ReduceModel(fb::ReduceKind::Mean); }
inline ModelBuilder ReduceSumModel() { return ReduceModel(fb::ReduceKind::Sum); }
inline ModelBuilder ReduceMaxModel() { return ReduceModel(fb::ReduceKind::Max); }
inline ModelBuilder ReduceMinModel() { return ReduceModel(fb::ReduceKind::Min); }

inline std::unique_ptr<fb::CopyPieceT> Piece(std::int32_t input, std::int32_t run_bytes,
                                             std::vector<std::int32_t> dims,
                                             std::int32_t source_offset,
                                             std::vector<std::int32_t> source_strides,
                                             std::int32_t target_offset,
                                             std::vector<std::int32_t> target_strides) {
  auto piece = std::make_unique<fb::CopyPieceT>();
  piece->input = input;
  piece->run_bytes = run_bytes;
  piece->dims = std::move(dims);
  piece->source_offset = source_offset;
  piece->source_strides = std::move(source_strides);
  piece->target_offset = target_offset;
  piece->target_strides = std::move(target_strides);
  return piece;
}

/// [2,3] and [1,3] => [4,4]: rows of the first in reverse order, then the second, each row with
/// padding at its end, and a row of padding.
inline ModelBuilder StridedCopyModel() {
  ModelBuilder b;
  const auto input1 = b.Input({2, 3}, "first");
  const auto input2 = b.Input({1, 3}, "second");
  const auto output = b.Activation({4, 4}, "output");
  fb::StridedCopyT p;
  p.fill = true;
  p.fill_value = 0x85;
  p.pieces.push_back(Piece(0, 3, {2}, 3, {-3}, 0, {4}));
  p.pieces.push_back(Piece(1, 3, {}, 0, {}, 8, {}));
  b.Operator(fb::OperatorParams::StridedCopy, {input1, input2}, {output}, std::move(p), "concat");
  b.Output(output);
  return b;
}

/// [1,2,3,2] => [1,4,3,2].
inline ModelBuilder ResizeNearestModel() {
  ModelBuilder b;
  const auto input = b.Input({1, 2, 3, 2});
  const auto output = b.Activation({1, 4, 3, 2}, "output");
  fb::ResizeNearestT p;
  p.source_y = {0, 0, 1, 1};
  p.source_x = {0, 2, 1};
  b.Operator(fb::OperatorParams::ResizeNearest, {input}, {output}, std::move(p), "resize");
  b.Output(output);
  return b;
}

/// [1,2,3,2] => [1,3,2,2].
inline ModelBuilder ResizeBilinearModel() {
  ModelBuilder b;
  const auto input = b.Input({1, 2, 3, 2});
  const auto output = b.Activation({1, 3, 2, 2}, "output");
  fb::ResizeBilinearT p;
  p.y0 = {0, 0, 1};
  p.y1 = {1, 1, 1};
  p.y_weight = {0, 700, 1024};
  p.x0 = {0, 1};
  p.x1 = {1, 2};
  p.x_weight = {0, 512};
  b.Operator(fb::OperatorParams::ResizeBilinear, {input}, {output}, std::move(p), "resize");
  b.Output(output);
  return b;
}

/// [2,5,3] => [2,3].
inline ModelBuilder ArgMaxModel() {
  ModelBuilder b;
  const auto input = b.Input({2, 5, 3});
  const auto output = b.Activation({2, 3}, "output", fb::TensorType::Int64);
  fb::ArgMaxT p;
  p.outer = 2;
  p.axis = 5;
  p.inner = 3;
  b.Operator(fb::OperatorParams::ArgMax, {input}, {output}, p, "best");
  b.Output(output);
  return b;
}

inline ModelBuilder QuantizeFloatModel() {
  ModelBuilder b;
  const auto input = b.Input({6}, "input", fb::TensorType::Float32);
  const auto output = b.Activation({6}, "output");
  fb::QuantizeFloatT p;
  p.scale = 0.5F;
  p.zero_point = -3;
  b.Operator(fb::OperatorParams::QuantizeFloat, {input}, {output}, p, "quantize");
  b.Output(output);
  return b;
}

inline ModelBuilder DequantizeFloatModel() {
  ModelBuilder b;
  const auto input = b.Input({6});
  const auto output = b.Activation({6}, "output", fb::TensorType::Float32);
  fb::DequantizeFloatT p;
  p.scale = 0.25F;
  p.zero_point = 10;
  b.Operator(fb::OperatorParams::DequantizeFloat, {input}, {output}, p, "dequantize");
  b.Output(output);
  return b;
}

inline ModelBuilder DynamicQuantizeModel() {
  ModelBuilder b;
  const auto input = b.Input({2, 3}, "input", fb::TensorType::Float32);
  const auto output = b.Activation({2, 3}, "output");
  const auto scales = b.Activation({2}, "scales", fb::TensorType::Float32);
  const auto zero_points = b.Activation({2}, "zero points", fb::TensorType::Int32);
  b.Operator(fb::OperatorParams::DynamicQuantize, {input}, {output, scales, zero_points},
             fb::DynamicQuantizeT(), "quantize");
  b.Output(output);
  return b;
}

/// [2,3] => [2,4].
inline ModelBuilder DynamicFullyConnectedModel() {
  ModelBuilder b;
  const auto input = b.Input({2, 3});
  const auto scales = b.Input({2}, "scales", fb::TensorType::Float32);
  const auto zero_points = b.Input({2}, "zero points", fb::TensorType::Int32);
  const auto weights = b.Constant({4, 3}, SomeValues(12));
  const auto output = b.Activation({2, 4}, "output", fb::TensorType::Float32);
  fb::DynamicFullyConnectedT p;
  p.weight_scales = {0.5F, 0.25F, 1.0F, 2.0F};
  p.weight_sums = {1, 2, 3, 4};
  p.bias = {0, 1, 2, 3};
  p.activation = fb::FusedActivation::Relu;
  b.Operator(fb::OperatorParams::DynamicFullyConnected, {input, scales, zero_points, weights},
             {output}, std::move(p), "dense");
  b.Output(output);
  return b;
}

/// Two layers and a reshape between them: [1,5,4,4] => conv [1,3,4,6] => view [2,36] => dense
/// [2,4].
inline ModelBuilder TwoLayerModel() {
  ModelBuilder b = Conv2DModel();
  b.model().outputs.clear();
  const auto flat = b.View(2, {2, 36}, "flat");
  const auto weights = b.Constant({4, 36}, SomeValues(144, 9), "dense weights");
  const auto output = b.Activation({2, 4}, "scores");
  fb::FullyConnectedT p;
  p.bias = SomeBias(4);
  p.output = SomeStage(4);
  b.Operator(fb::OperatorParams::FullyConnected, {flat, weights}, {output}, std::move(p), "dense");
  b.Output(output);
  return b;
}

// --- int16 activations

template <typename Params, ModelBuilder (*kMake)()>
ModelBuilder Int16Layer(fb::OperatorParams kind) {
  ModelBuilder b = kMake();
  auto& p = MakeInt16<Params>(kind, &b);
  SetInt16Stage(&p);
  if constexpr (!std::is_same_v<Params, fb::FullyConnectedT>) p.pad_value = 0;
  return b;
}
inline ModelBuilder Conv2DInt16Model() {
  return Int16Layer<fb::Conv2DT, Conv2DModel>(fb::OperatorParams::Conv2DInt16);
}
inline ModelBuilder DepthwiseConv2DInt16Model() {
  return Int16Layer<fb::DepthwiseConv2DT, DepthwiseConv2DModel>(
      fb::OperatorParams::DepthwiseConv2DInt16);
}
inline ModelBuilder FullyConnectedInt16Model() {
  return Int16Layer<fb::FullyConnectedT, FullyConnectedModel>(
      fb::OperatorParams::FullyConnectedInt16);
}

template <ModelBuilder (*kMake)()>
ModelBuilder Int16Pool(fb::OperatorParams kind) {
  ModelBuilder b = kMake();
  auto& p = MakeInt16<fb::Pool2DT>(kind, &b);
  p.clamp_min = -20000;
  p.clamp_max = 21000;
  return b;
}
inline ModelBuilder AveragePool2DInt16Model() {
  return Int16Pool<AveragePool2DModel>(fb::OperatorParams::AveragePool2DInt16);
}
inline ModelBuilder MaxPool2DInt16Model() {
  return Int16Pool<MaxPool2DModel>(fb::OperatorParams::MaxPool2DInt16);
}

template <ModelBuilder (*kMake)()>
ModelBuilder Int16Sum(fb::OperatorParams kind) {
  ModelBuilder b = kMake();
  auto& p = MakeInt16<fb::AddSubT>(kind, &b);
  ClearZeroPoints(&p);
  p.left_shift = 15;
  p.output_shift = -14;
  return b;
}
inline ModelBuilder AddInt16Model() { return Int16Sum<AddModel>(fb::OperatorParams::AddInt16); }
inline ModelBuilder SubInt16Model() { return Int16Sum<SubModel>(fb::OperatorParams::SubInt16); }
inline ModelBuilder MulInt16Model() {
  ModelBuilder b = MulModel();
  auto& p = MakeInt16<fb::MulT>(fb::OperatorParams::MulInt16, &b);
  ClearZeroPoints(&p);
  p.output_shift = -15;
  return b;
}
inline ModelBuilder ReduceInt16Model() {
  ModelBuilder b = ReduceMeanModel();
  auto& p = MakeInt16<fb::ReduceT>(fb::OperatorParams::ReduceInt16, &b);
  p.input_zero_point = p.output_zero_point = 0;
  p.clamp_min = -9000;
  p.clamp_max = 9100;
  return b;
}

struct SampleModel {
  const char* name;
  ModelBuilder (*make)();
};

/// All of the above.
inline const std::vector<SampleModel>& SampleModels() {
  static const std::vector<SampleModel> models = {
      {"Conv2D", Conv2DModel},
      {"DepthwiseConv2D", DepthwiseConv2DModel},
      {"FullyConnected", FullyConnectedModel},
      {"PackedFullyConnected", PackedFullyConnectedModel},
      {"AveragePool2D", AveragePool2DModel},
      {"MaxPool2D", MaxPool2DModel},
      {"Add", AddModel},
      {"Sub", SubModel},
      {"Mul", MulModel},
      {"Lut8", Lut8Model},
      {"Softmax", SoftmaxModel},
      {"ReduceMean", ReduceMeanModel},
      {"ReduceSum", ReduceSumModel},
      {"ReduceMax", ReduceMaxModel},
      {"ReduceMin", ReduceMinModel},
      {"StridedCopy", StridedCopyModel},
      {"ResizeNearest", ResizeNearestModel},
      {"ResizeBilinear", ResizeBilinearModel},
      {"ArgMax", ArgMaxModel},
      {"QuantizeFloat", QuantizeFloatModel},
      {"DequantizeFloat", DequantizeFloatModel},
      {"DynamicQuantize", DynamicQuantizeModel},
      {"DynamicFullyConnected", DynamicFullyConnectedModel},
      {"TwoLayers", TwoLayerModel},
      {"Conv2DInt16", Conv2DInt16Model},
      {"DepthwiseConv2DInt16", DepthwiseConv2DInt16Model},
      {"FullyConnectedInt16", FullyConnectedInt16Model},
      {"AveragePool2DInt16", AveragePool2DInt16Model},
      {"MaxPool2DInt16", MaxPool2DInt16Model},
      {"AddInt16", AddInt16Model},
      {"SubInt16", SubInt16Model},
      {"MulInt16", MulInt16Model},
      {"ReduceInt16", ReduceInt16Model},
      {"Requantize", RequantizeModel},
  };
  return models;
}

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_SAMPLE_MODELS_H_
