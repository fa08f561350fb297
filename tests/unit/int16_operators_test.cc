// Operators on int16 activations: what a session computes against the formulas written out, and
// what Load refuses of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "quaver/quaver.hpp"
#include "tests/unit/operator_refusals.h"

namespace quaver::testing {
namespace {

std::vector<std::int16_t> Int16Of(const TensorView& tensor) {
  const Span<std::int16_t> values = tensor.As<std::int16_t>();
  return {values.begin(), values.end()};
}

/// A sample model that has run on values of its own.
struct SampleRun {
  ModelBuilder builder;
  AlignedBytes bytes, arena;
  std::vector<std::vector<std::int16_t>> inputs;
  std::vector<std::int16_t> output;

  explicit SampleRun(ModelBuilder made) : builder(std::move(made)), bytes(builder.Build()) {
    const Result<Model> model = Model::Load(bytes.span());
    EXPECT_TRUE(model.ok()) << Text(model.status());
    arena = AlignedBytes(*model->ArenaBytes());
    Result<Session> session = Session::Create(*model, arena.span());
    for (std::size_t i = 0; i < model->InputCount(); ++i) {
      const TensorView input = session->Input(i);
      const std::vector<std::int8_t> values =
          SomeValues(input.bytes, static_cast<std::uint32_t>(70 + i));
      std::memcpy(input.data, values.data(), input.bytes);
      if (input.type == DataType::kInt16) inputs.push_back(Int16Of(input));
    }
    EXPECT_TRUE(session->Run().ok());
    output = Int16Of(session->Output(0));
  }
  template <typename P>
  [[nodiscard]] const P& params() const {
    return *static_cast<const P*>(builder.model().operators[0]->params.value);
  }
};

/// floor(value * multiplier * 2^-right + 1/2), clamped. Exact: the products fit 62 bits.
std::int16_t Scaled(std::int64_t value, std::int64_t multiplier, int right, std::int32_t low,
                    std::int32_t high) {
  const std::int64_t rounded = (value * multiplier + (std::int64_t{1} << (right - 1))) >> right;
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(rounded, low, high));
}

template <typename P>
std::int16_t Finished(const P& p, std::size_t channel, std::int64_t sum) {
  const fb::OutputStageT& stage = *p.output;
  const std::int64_t bias = std::int64_t{p.bias_high[channel]} * (std::int64_t{1} << 32) +
                            static_cast<std::uint32_t>(p.bias[channel]);
  return Scaled(sum + bias, stage.multiplier[channel], 15 - stage.shift[channel], stage.clamp_min,
                stage.clamp_max);
}

TEST(Int16Operators, FullyConnected) {
  const SampleRun run(FullyConnectedInt16Model());
  const auto& p = run.params<fb::FullyConnectedT>();
  const auto& weights = run.builder.model().buffers[0]->data;
  const std::size_t channels = p.bias.size();
  const std::size_t depth = weights.size() / channels;
  ASSERT_EQ(run.output.size(), run.inputs[0].size() / depth * channels);
  for (std::size_t i = 0; i < run.output.size(); ++i) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < depth; ++k) {
      const auto weight = static_cast<std::int8_t>(weights[i % channels * depth + k]);
      sum += std::int64_t{weight} * run.inputs[0][i / channels * depth + k];
    }
    EXPECT_EQ(run.output[i], Finished(p, i % channels, sum)) << i;
  }
}

TEST(Int16Operators, DepthwiseConv2D) {
  const SampleRun run(DepthwiseConv2DInt16Model());
  const auto& p = run.params<fb::DepthwiseConv2DT>();
  const auto& weights = run.builder.model().buffers[0]->data;
  // [1,5,4,3] * [1,3,3,6] => [1,5,2,6], strides 1 and 2, one row of padding above.
  const auto input = [&](std::int32_t y, std::int32_t x, std::int32_t c) -> std::int64_t {
    if (y < 0 || y >= 5 || x < 0 || x >= 4) return 0;
    return run.inputs[0][static_cast<std::size_t>((y * 4 + x) * 3 + c)];
  };
  for (std::int32_t i = 0; i < 60; ++i) {
    const std::int32_t y = i / 12, x = i / 6 % 2, c = i % 6;
    std::int64_t sum = 0;
    for (std::int32_t tap = 0; tap < 9; ++tap) {
      const auto weight = static_cast<std::int8_t>(weights[static_cast<std::size_t>(tap * 6 + c)]);
      sum += weight * input(y + tap / 3 - p.pad_top, 2 * x + tap % 3 - p.pad_left, c / 2);
    }
    EXPECT_EQ(run.output[static_cast<std::size_t>(i)],
              Finished(p, static_cast<std::size_t>(c), sum))
        << i;
  }
}

TEST(Int16Operators, Mul) {
  const SampleRun run(MulInt16Model());
  const auto& p = run.params<fb::MulT>();
  std::size_t i = 0;
  std::vector<std::int32_t> dims = p.broadcast->dims, at(dims.size(), 0);
  for (std::int16_t found : run.output) {
    std::int32_t first = 0, second = 0;
    for (std::size_t d = 0; d < dims.size(); ++d) {
      first += at[d] * p.broadcast->strides1[d];
      second += at[d] * p.broadcast->strides2[d];
    }
    const std::int64_t product = std::int64_t{run.inputs[0][static_cast<std::size_t>(first)]} *
                                 run.inputs[1][static_cast<std::size_t>(second)];
    EXPECT_EQ(found,
              Scaled(product, p.output_multiplier, 31 - p.output_shift, p.clamp_min, p.clamp_max))
        << i++;
    for (std::size_t d = dims.size(); d-- > 0 && ++at[d] == dims[d];) at[d] = 0;
  }
}

TEST(Int16Operators, SubTakesTheSecondFromTheFirst) {
  const SampleRun sum(AddInt16Model());
  const SampleRun difference(SubInt16Model());
  EXPECT_NE(sum.output, difference.output);
  const auto& p = difference.params<fb::AddSubT>();
  // Real scales: each input m * 2^shift of 2^15, the result m * 2^shift of that. Two roundings,
  // each of a half, where the second shifts right by 14: within one step.
  const auto scale = [](std::int32_t m, std::int32_t shift) { return std::ldexp(m, shift - 31); };
  const double a = scale(p.multiplier1, p.shift1) * scale(p.output_multiplier, p.output_shift);
  const double b = scale(p.multiplier2, p.shift2) * scale(p.output_multiplier, p.output_shift);
  const double expected = 32768 * (a * difference.inputs[0][0] - b * difference.inputs[1][0]);
  EXPECT_NEAR(difference.output[0], std::clamp(expected, double(p.clamp_min), double(p.clamp_max)),
              1);
}

TEST(Int16Operators, AveragePoolRoundsHalvesAwayFromZero) {
  const SampleRun run(AveragePool2DInt16Model());
  const auto& p = run.params<fb::Pool2DT>();
  const auto& shape = run.builder.model().tensors[0]->shape;
  // The first window: its inputs inside the image.
  double sum = 0;
  int count = 0;
  for (std::int32_t y = 0; y < p.filter_h - p.pad_top; ++y) {
    for (std::int32_t x = 0; x < p.filter_w - p.pad_left; ++x, ++count) {
      sum += run.inputs[0][static_cast<std::size_t>((y * shape[2] + x) * shape[3])];
    }
  }
  EXPECT_EQ(run.output[0], std::clamp<double>(std::round(sum / count), p.clamp_min, p.clamp_max));
}

TEST(Int16Operators, MeanAndRequantize) {
  const SampleRun mean(ReduceInt16Model());
  const auto& p = mean.params<fb::ReduceT>();
  std::int64_t sum = 0;
  for (std::int32_t i = 0; i < p.reduced_dims[0]; ++i) {
    if (p.reduced_dims.size() > 1) {
      for (std::int32_t j = 0; j < p.reduced_dims[1]; ++j) {
        sum += mean.inputs[0][static_cast<std::size_t>(i * p.reduced_strides[0] +
                                                       j * p.reduced_strides[1])];
      }
    } else {
      sum += mean.inputs[0][static_cast<std::size_t>(i * p.reduced_strides[0])];
    }
  }
  EXPECT_EQ(mean.output[0],
            Scaled(sum, p.output_multiplier, 31 - p.output_shift, p.clamp_min, p.clamp_max));

  const SampleRun requantized(RequantizeModel());
  const auto& q = requantized.params<fb::RequantizeT>();
  const std::vector<std::int8_t> values = SomeValues(14, 70);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int32_t value = values[i] - q.input_zero_point;
    EXPECT_EQ(requantized.output[i],
              Scaled(value, value < 0 ? q.negative_multiplier : q.multiplier,
                     31 - (value < 0 ? q.negative_shift : q.shift), q.clamp_min, q.clamp_max))
        << i;
  }
}

class RefusesInt16 : public RefusalTest {};
TEST_P(RefusesInt16, WithCodeAndMessage) { Check(); }

using Conv = fb::Conv2DT;
const std::vector<Refusal> kRefusals = {
    {"Int8Input",
     Conv2DInt16Model,
     [](fb::ModelT* m) { T(m, 0).type = fb::TensorType::Int8; },
     kOperator,
     {"operator 0 (conv)", "tensor 0 (input)", "tensor type", "expected 2, found 0"}},
    {"Int8Output",
     FullyConnectedInt16Model,
     [](fb::ModelT* m) { T(m, 2).type = fb::TensorType::Int8; },
     kOperator,
     {"tensor type", "expected 2, found 0"}},
    {"Int16InputOfInt8",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 0).type = fb::TensorType::Int16;
       m->banks[0]->bytes *= 2;
     },
     kOperator,
     {"tensor 0 (input)", "tensor type", "expected 0, found 2"}},
    {"MixedOperands",
     AddInt16Model,
     [](fb::ModelT* m) { T(m, 1).type = fb::TensorType::Int8; },
     kOperator,
     {"tensor 1", "tensor type", "expected 2, found 0"}},
    {"NoUpperBias",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->bias_high.clear(); }),
     kOperator,
     {"entries of bias_high", "expected 6, found 0"}},
    {"UpperBias",
     DepthwiseConv2DInt16Model,
     Set<fb::DepthwiseConv2DT>([](fb::DepthwiseConv2DT* p) { p->bias_high[2] = 1 << 14; }),
     kOperator,
     {"upper half of a bias", "expected 16383, found 16384"}},
    {"UpperBiasLow",
     FullyConnectedInt16Model,
     Set<fb::FullyConnectedT>([](fb::FullyConnectedT* p) { p->bias_high[0] = -16385; }),
     kOperator,
     {"upper half of a bias", "expected -16384, found -16385"}},
    {"WideMultiplier",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->output->multiplier[1] = 1 << 30; }),
     kOperator,
     {"output multiplier of int16", "expected 32767, found 1073741824"}},
    {"SmallMultiplier",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->output->multiplier[1] = 16383; }),
     kOperator,
     {"output multiplier of int16", "expected 16384, found 16383"}},
    {"Shift",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->output->shift[5] = 8; }),
     kOperator,
     {"output shift of int16", "expected 7, found 8"}},
    {"ZeroPoint",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->output->zero_point = 1; }),
     kOperator,
     {"output zero point of int16", "expected 0, found 1"}},
    {"PadValue",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->pad_value = -1; }),
     kOperator,
     {"pad_value of int16", "expected 0, found -1"}},
    {"Clamp",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) { p->output->clamp_max = 32768; }),
     kOperator,
     {"clamp_max", "expected 32767, found 32768"}},
    {"Packed",
     Conv2DInt16Model,
     Set<Conv>([](Conv* p) {
       auto packed = std::make_unique<fb::PackedWeightsT>();
       packed->layout = std::make_unique<fb::WeightLayout>(1, 8, 2, 0);
       p->packed.push_back(std::move(packed));
     }),
     kOperator,
     {"packed weights of an operator on int16", "expected 0, found 1"}},
    {"LeftShift",
     SubInt16Model,
     Set<fb::AddSubT>([](fb::AddSubT* p) { p->left_shift = 16; }),
     kOperator,
     {"left_shift of int16", "expected 15, found 16"}},
    {"SumZeroPoint",
     AddInt16Model,
     Set<fb::AddSubT>([](fb::AddSubT* p) { p->zero_point2 = 3; }),
     kOperator,
     {"zero_point2 of int16", "expected 0, found 3"}},
    {"ProductZeroPoint",
     MulInt16Model,
     Set<fb::MulT>([](fb::MulT* p) { p->output_zero_point = -3; }),
     kOperator,
     {"output_zero_point of int16", "expected 0, found -3"}},
    {"ReduceKind",
     ReduceInt16Model,
     Set<fb::ReduceT>([](fb::ReduceT* p) { p->kind = fb::ReduceKind::Max; }),
     kOperator,
     {"kind of reduction of int16", "expected 1, found 2"}},
    {"PoolType",
     MaxPool2DInt16Model,
     [](fb::ModelT* m) { T(m, 0).type = fb::TensorType::UInt8; },
     kOperator,
     {"tensor type", "expected 2, found 1"}},
    {"RequantizeFromUInt8",
     RequantizeModel,
     [](fb::ModelT* m) { T(m, 0).type = fb::TensorType::UInt8; },
     kOperator,
     {"tensor 0 (input)", "tensor type", "found 1"}},
    {"RequantizeToInt32",
     RequantizeModel,
     [](fb::ModelT* m) {
       T(m, 1).type = fb::TensorType::Int32;
       m->banks[0]->bytes += 32;
     },
     kOperator,
     {"tensor 1 (output)", "tensor type", "expected 2, found 3"}},
    {"RequantizeZeroPoint",
     RequantizeModel,
     [](fb::ModelT* m) {
       T(m, 0).type = fb::TensorType::Int16;
       T(m, 1).arena_offset += 16;
       m->banks[0]->bytes += 16;
     },
     kOperator,
     {"input_zero_point of more than 8 bits", "expected 0, found -5"}},
    {"RequantizeElements",
     RequantizeModel,
     [](fb::ModelT* m) { T(m, 1).shape = {13}; },
     kOperator,
     {"tensor 1 (output)", "number of elements", "expected 14, found 13"}},
};
INSTANTIATE_TEST_SUITE_P(Int16, RefusesInt16, ::testing::ValuesIn(kRefusals), NameOf);

}  // namespace
}  // namespace quaver::testing
