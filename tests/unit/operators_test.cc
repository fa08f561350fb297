// Each operator through a session gives what its scalar kernel gives when it is called directly
// with the operator's own numbers: the runtime passes every parameter on, and to the right place.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "kernels/float_border.h"
#include "kernels/inventory.h"
#include "quaver/quaver.hpp"
#include "tests/util/model_builder.h"
#include "tests/util/sample_models.h"

namespace quaver::testing {
namespace {

using kernels::Work;

/// Runs a sample model on values of its own and keeps what went in and came out.
class OperatorRun {
 public:
  explicit OperatorRun(ModelBuilder builder) : builder_(std::move(builder)) {
    bytes_ = builder_.Build();
    Result<Model> model = Model::Load(bytes_.span());
    EXPECT_TRUE(model.ok());
    arena_ = AlignedBytes(*model->ArenaBytes());
    Result<Session> session = Session::Create(*model, arena_.span());
    EXPECT_TRUE(session.ok());
    for (std::size_t i = 0; i < model->InputCount(); ++i) {
      const TensorView input = session->Input(i);
      if (input.type == DataType::kFloat32) {
        const float values[] = {-100.0F, -1.25F, -0.25F, 0.0F, 0.75F, 1000.0F};
        std::memcpy(input.data, values, input.bytes);
      } else {
        const std::vector<std::int8_t> values =
            SomeValues(input.bytes, static_cast<std::uint32_t>(40 + i));
        std::memcpy(input.data, values.data(), input.bytes);
      }
      const auto* data = static_cast<const std::uint8_t*>(input.data);
      inputs_.emplace_back(data, data + input.bytes);
    }
    EXPECT_TRUE(session->Run().ok());
    const TensorView output = session->Output(0);
    const auto* data = static_cast<const std::uint8_t*>(output.data);
    output_.assign(data, data + output.bytes);
  }

  /// The parameters of the only operator.
  template <typename P>
  const P& params() {
    return *static_cast<const P*>(builder_.model().operators[0]->params.value);
  }
  const std::vector<std::int32_t>& Shape(std::size_t tensor) {
    return builder_.model().tensors[tensor]->shape;
  }
  template <typename T = std::int8_t>
  const T* Input(std::size_t i) const {
    return reinterpret_cast<const T*>(inputs_[i].data());
  }
  const std::int8_t* Weights() {
    return reinterpret_cast<const std::int8_t*>(builder_.model().buffers[0]->data.data());
  }
  const std::vector<std::uint8_t>& output() const { return output_; }

 private:
  ModelBuilder builder_;
  AlignedBytes bytes_;
  AlignedBytes arena_;
  std::vector<std::vector<std::uint8_t>> inputs_;
  std::vector<std::uint8_t> output_;
};

/// Runs `kernel` into bytes that are all wrong at first, and compares. `output` is a member of
/// Params or of a base of it.
template <typename Params, typename Base, typename Element>
void ExpectSame(const OperatorRun& run, Params params, Element* Base::*output, std::int32_t units,
                void (*kernel)(const Params&, const Work&)) {
  std::vector<std::uint8_t> expected(run.output());
  for (std::uint8_t& byte : expected) byte = static_cast<std::uint8_t>(~byte);
  params.*output = reinterpret_cast<Element*>(expected.data());
  kernel(params, Work{0, units, 0});
  EXPECT_EQ(run.output(), expected);
}

kernels::OutputStage StageOf(const std::vector<std::int32_t>& bias, const fb::OutputStageT& stage) {
  return {bias.data(),      stage.multiplier.data(), stage.shift.data(),
          stage.zero_point, stage.clamp_min,         stage.clamp_max};
}

TEST(Operators, Conv2D) {
  OperatorRun run(Conv2DModel());
  const auto& p = run.params<fb::Conv2DT>();
  kernels::Conv2DParams k{};
  k.input = run.Input(0);
  k.weights = run.Weights();
  k.stage = StageOf(p.bias, *p.output);
  k.batch = 1;
  k.input_h = 5;
  k.input_w = 4;
  k.input_c = 4;
  k.output_h = 3;
  k.output_w = 4;
  k.output_c = 6;
  k.kernel_h = 3;
  k.kernel_w = 2;
  k.stride_h = 2;
  k.stride_w = 1;
  k.dilation_h = 1;
  k.dilation_w = 2;
  k.pad_top = 1;
  k.pad_left = 1;
  k.groups = 2;
  k.pad_value = -7;
  ExpectSame(run, k, &kernels::Conv2DParams::output, 3, &kernels::Conv2DScalar);
}

TEST(Operators, DepthwiseConv2D) {
  OperatorRun run(DepthwiseConv2DModel());
  const auto& p = run.params<fb::DepthwiseConv2DT>();
  kernels::DepthwiseConv2DParams k{};
  k.input = run.Input(0);
  k.weights = run.Weights();
  k.stage = StageOf(p.bias, *p.output);
  k.batch = 1;
  k.input_h = 5;
  k.input_w = 4;
  k.input_c = 3;
  k.output_h = 5;
  k.output_w = 2;
  k.output_c = 6;
  k.kernel_h = 3;
  k.kernel_w = 3;
  k.stride_h = 1;
  k.stride_w = 2;
  k.dilation_h = 1;
  k.dilation_w = 1;
  k.pad_top = 1;
  k.pad_left = 0;
  k.pad_value = 5;
  ExpectSame(run, k, &kernels::DepthwiseConv2DParams::output, 5, &kernels::DepthwiseConv2DScalar);
}

TEST(Operators, FullyConnected) {
  OperatorRun run(FullyConnectedModel());
  const auto& p = run.params<fb::FullyConnectedT>();
  kernels::FullyConnectedParams k{};
  k.input = run.Input(0);
  k.weights = run.Weights();
  k.stage = StageOf(p.bias, *p.output);
  k.rows = 2;
  k.depth = 10;
  k.output_c = 7;
  ExpectSame(run, k, &kernels::FullyConnectedParams::output, 7, &kernels::FullyConnectedScalar);
}

template <typename Params>
Params PoolParams(const OperatorRun& run) {
  Params k{};
  k.input = run.Input(0);
  k.batch = 1;
  k.input_h = 5;
  k.input_w = 4;
  k.channels = 3;
  k.output_h = 3;
  k.output_w = 2;
  k.filter_h = 3;
  k.filter_w = 2;
  k.stride_h = 2;
  k.stride_w = 2;
  k.pad_top = 1;
  k.pad_left = 0;
  k.clamp_min = -100;
  k.clamp_max = 90;
  return k;
}

/// The kernels' own type of a member of a base.
template <typename Params, typename Base, typename Element>
Element* Params::*MemberOf(Element* Base::*member) {
  return member;
}

TEST(Operators, AveragePool2D) {
  OperatorRun run(AveragePool2DModel());
  using Params = kernels::AveragePool2DParams;
  ExpectSame(run, PoolParams<Params>(run), MemberOf<Params>(&kernels::Pool2DParams::output), 3,
             &kernels::AveragePool2DScalar);
}

TEST(Operators, MaxPool2D) {
  OperatorRun run(MaxPool2DModel());
  using Params = kernels::MaxPool2DParams;
  ExpectSame(run, PoolParams<Params>(run), MemberOf<Params>(&kernels::Pool2DParams::output), 3,
             &kernels::MaxPool2DScalar);
}

constexpr std::int32_t kDims[] = {4, 3};
constexpr std::int32_t kStrides1[] = {3, 1};
constexpr std::int32_t kStrides2[] = {0, 1};

template <typename Params>
Params BroadcastParams(const OperatorRun& run) {
  Params k{};
  k.input1 = run.Input(0);
  k.input2 = run.Input(1);
  k.dims = kDims;
  k.strides1 = kStrides1;
  k.strides2 = kStrides2;
  k.rank = 2;
  return k;
}

template <typename Params>
Params AddSubParams(const OperatorRun& run) {
  Params k = BroadcastParams<Params>(run);
  k.left_shift = 20;
  k.zero_point1 = 4;
  k.zero_point2 = -9;
  k.multiplier1 = 1 << 30;
  k.multiplier2 = 1500000000;
  k.shift1 = 0;
  k.shift2 = -1;
  k.output_multiplier = 1300000000;
  k.output_shift = -18;
  k.output_zero_point = 2;
  k.clamp_min = -110;
  k.clamp_max = 105;
  return k;
}

TEST(Operators, Add) {
  OperatorRun run(AddModel());
  using Params = kernels::AddParams;
  ExpectSame(run, AddSubParams<Params>(run), MemberOf<Params>(&kernels::BroadcastParams::output), 4,
             &kernels::AddScalar);
}

TEST(Operators, Sub) {
  OperatorRun run(SubModel());
  using Params = kernels::SubParams;
  ExpectSame(run, AddSubParams<Params>(run), MemberOf<Params>(&kernels::BroadcastParams::output), 4,
             &kernels::SubScalar);
}

TEST(Operators, Mul) {
  OperatorRun run(MulModel());
  using Params = kernels::MulParams;
  auto k = BroadcastParams<Params>(run);
  k.zero_point1 = 4;
  k.zero_point2 = -9;
  k.output_multiplier = 1300000000;
  k.output_shift = -6;
  k.output_zero_point = 2;
  k.clamp_min = -110;
  k.clamp_max = 105;
  ExpectSame(run, k, MemberOf<Params>(&kernels::BroadcastParams::output), 4, &kernels::MulScalar);
}

TEST(Operators, Lut8) {
  OperatorRun run(Lut8Model());
  std::vector<std::uint8_t> expected;
  for (std::size_t i = 0; i < 15; ++i) {
    expected.push_back(static_cast<std::uint8_t>(run.Input<std::uint8_t>(0)[i] * 7 + 3));
  }
  EXPECT_EQ(run.output(), expected);
}

TEST(Operators, Softmax) {
  OperatorRun run(SoftmaxModel());
  const auto& p = run.params<fb::SoftmaxT>();
  kernels::SoftmaxParams k{};
  k.input = run.Input(0);
  k.exp_table = p.exp_table.data();
  k.table_size = static_cast<std::int32_t>(p.exp_table.size());
  k.rows = 2;
  k.depth = 5;
  ExpectSame(run, k, &kernels::SoftmaxParams::output, 2, &kernels::SoftmaxScalar);
}

template <typename Params>
void ExpectReduce(ModelBuilder builder, void (*kernel)(const Params&, const Work&)) {
  OperatorRun run(std::move(builder));
  const auto& p = run.params<fb::ReduceT>();
  Params k{};
  k.input = run.Input(0);
  k.kept_dims = p.kept_dims.data();
  k.kept_strides = p.kept_strides.data();
  k.reduced_dims = p.reduced_dims.data();
  k.reduced_strides = p.reduced_strides.data();
  k.kept_rank = 1;
  k.reduced_rank = 1;
  k.output_count = 2;
  k.reduced_count = 12;
  k.input_zero_point = 3;
  k.output_multiplier = 1431655765;
  k.output_shift = -3;
  k.output_zero_point = -4;
  k.clamp_min = -128;
  k.clamp_max = 127;
  ExpectSame(run, k, MemberOf<Params>(&kernels::ReduceParams::output), 2, kernel);
}

TEST(Operators, Reduce) {
  ExpectReduce(ReduceMeanModel(), &kernels::ReduceMeanScalar);
  ExpectReduce(ReduceSumModel(), &kernels::ReduceMeanScalar);
  ExpectReduce(ReduceMaxModel(), &kernels::ReduceMaxScalar);
  ExpectReduce(ReduceMinModel(), &kernels::ReduceMinScalar);
}

TEST(Operators, StridedCopy) {
  OperatorRun run(StridedCopyModel());
  const auto* first = run.Input<std::uint8_t>(0);
  const auto* second = run.Input<std::uint8_t>(1);
  const std::uint8_t f = 0x85;
  const std::vector<std::uint8_t> expected = {
      first[3],  first[4],  first[5],  f, first[0], first[1], first[2], f,
      second[0], second[1], second[2], f, f,        f,        f,        f};
  EXPECT_EQ(run.output(), expected);
}

TEST(Operators, ResizeNearest) {
  OperatorRun run(ResizeNearestModel());
  const auto& p = run.params<fb::ResizeNearestT>();
  std::vector<std::uint8_t> expected;
  for (const std::int32_t y : p.source_y) {
    for (const std::int32_t x : p.source_x) {
      for (std::int32_t c = 0; c < 2; ++c) {
        expected.push_back(run.Input<std::uint8_t>(0)[(y * 3 + x) * 2 + c]);
      }
    }
  }
  EXPECT_EQ(run.output(), expected);
}

TEST(Operators, ResizeBilinear) {
  OperatorRun run(ResizeBilinearModel());
  const auto& p = run.params<fb::ResizeBilinearT>();
  kernels::ResizeBilinearParams k{};
  k.input = run.Input(0);
  k.y0 = p.y0.data();
  k.y1 = p.y1.data();
  k.y_weight = p.y_weight.data();
  k.x0 = p.x0.data();
  k.x1 = p.x1.data();
  k.x_weight = p.x_weight.data();
  k.batch = 1;
  k.input_h = 2;
  k.input_w = 3;
  k.output_h = 3;
  k.output_w = 2;
  k.channels = 2;
  ExpectSame(run, k, &kernels::ResizeBilinearParams::output, 3, &kernels::ResizeBilinearScalar);
}

TEST(Operators, ArgMax) {
  OperatorRun run(ArgMaxModel());
  std::vector<std::int64_t> expected;
  for (std::size_t outer = 0; outer < 2; ++outer) {
    for (std::size_t inner = 0; inner < 3; ++inner) {
      const std::int8_t* values = run.Input(0) + outer * 15 + inner;
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < 5; ++i) {
        if (values[i * 3] > values[best * 3]) best = i;
      }
      expected.push_back(best);
    }
  }
  ASSERT_EQ(run.output().size(), expected.size() * sizeof(expected[0]));
  EXPECT_EQ(std::memcmp(run.output().data(), expected.data(), run.output().size()), 0);
}

TEST(Operators, QuantizeFloat) {
  OperatorRun run(QuantizeFloatModel());
  // x / 0.5, halves away from zero, - 3, clamped: of -100, -1.25, -0.25, 0, 0.75, 1000.
  const std::int8_t expected[] = {-128, -6, -4, -3, -1, 127};
  ASSERT_EQ(run.output().size(), sizeof(expected));
  EXPECT_EQ(std::memcmp(run.output().data(), expected, sizeof(expected)), 0);
}

TEST(Operators, DequantizeFloat) {
  OperatorRun run(DequantizeFloatModel());
  std::vector<float> expected;
  for (std::size_t i = 0; i < 6; ++i) {
    expected.push_back(0.25F * static_cast<float>(run.Input(0)[i] - 10));
  }
  ASSERT_EQ(run.output().size(), expected.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(run.output().data(), expected.data(), run.output().size()), 0);
}

TEST(Operators, DynamicQuantize) {
  OperatorRun run(DynamicQuantizeModel());
  // Each row has its range: -100 to 0 in steps of 100 / 255 with zero point 127, of -100, -1.25 and
  // -0.25; 0 to 1000 with zero point -128, of 0, 0.75 and 1000.
  const std::int8_t expected[] = {-128, 124, 126, -128, -128, 127};
  ASSERT_EQ(run.output().size(), sizeof(expected));
  EXPECT_EQ(std::memcmp(run.output().data(), expected, sizeof(expected)), 0);
}

TEST(Operators, DynamicFullyConnected) {
  OperatorRun run(DynamicFullyConnectedModel());
  const auto& p = run.params<fb::DynamicFullyConnectedT>();
  std::vector<float> expected;
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t c = 0; c < 4; ++c) {
      auto sum = std::uint32_t{0} - static_cast<std::uint32_t>(run.Input<std::int32_t>(2)[row]) *
                                        static_cast<std::uint32_t>(p.weight_sums[c]);
      for (std::size_t k = 0; k < 3; ++k) {
        sum += static_cast<std::uint32_t>(run.Input(0)[row * 3 + k] * run.Weights()[c * 3 + k]);
      }
      // volatile: each result is rounded to float32 before the next operation takes it.
      const volatile float scale = run.Input<float>(1)[row] * p.weight_scales[c];
      const volatile float product = static_cast<float>(static_cast<std::int32_t>(sum)) * scale;
      expected.push_back(std::max(0.0F, product + p.bias[c]));  // ReLU
    }
  }
  ASSERT_EQ(run.output().size(), expected.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(run.output().data(), expected.data(), run.output().size()), 0);
}

/// As the model of the same name, with the output in the place of input `tensor`.
ModelBuilder InPlace(ModelBuilder builder, std::size_t tensor) {
  fb::ModelT& model = builder.model();
  model.tensors[static_cast<std::size_t>(model.outputs[0])]->arena_offset =
      model.tensors[tensor]->arena_offset;
  return builder;
}

TEST(Operators, InPlaceGivesTheSameBytes) {
  EXPECT_EQ(OperatorRun(InPlace(AddModel(), 0)).output(), OperatorRun(AddModel()).output());
  EXPECT_EQ(OperatorRun(InPlace(SubModel(), 0)).output(), OperatorRun(SubModel()).output());
  EXPECT_EQ(OperatorRun(InPlace(MulModel(), 0)).output(), OperatorRun(MulModel()).output());
  EXPECT_EQ(OperatorRun(InPlace(Lut8Model(), 0)).output(), OperatorRun(Lut8Model()).output());
  EXPECT_EQ(OperatorRun(InPlace(SoftmaxModel(), 0)).output(), OperatorRun(SoftmaxModel()).output());
}

}  // namespace
}  // namespace quaver::testing
