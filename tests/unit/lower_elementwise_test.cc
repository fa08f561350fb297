// Binary operators, tables, borders.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "tests/unit/lower_testing.h"

namespace quaver::compiler {
namespace {

Int8s AllInt8() {
  Int8s values;
  for (int q = -128; q <= 127; ++q) values.push_back(static_cast<std::int8_t>(q));
  return values;
}

struct BinaryCase {
  Shape a, b, output;
};

double Real(BinaryKind kind, double x, double y) {
  return kind == BinaryKind::kAdd ? x + y : kind == BinaryKind::kSub ? x - y : x * y;
}

std::size_t BroadcastIndex(const Shape& shape, const Shape& output, std::size_t flat) {
  std::size_t index = 0;
  std::size_t stride = 1;
  for (std::size_t d = output.size(); d-- > 0;) {
    const auto size = static_cast<std::size_t>(output[d]);
    const std::size_t missing = output.size() - shape.size();
    if (d >= missing && shape[d - missing] != 1) {
      index += flat % size * stride;
      stride *= size;
    }
    flat /= size;
  }
  return index;
}

TEST(LowerBinary, AddSubMulWithBroadcast) {
  const BinaryCase cases[] = {{{1, 3, 2, 4}, {1, 3, 2, 4}, {1, 3, 2, 4}},
                              {{1, 3, 2, 4}, {4}, {1, 3, 2, 4}},
                              {{1, 3, 1, 4}, {1, 1, 2, 1}, {1, 3, 2, 4}},
                              {{4}, {1, 3, 2, 4}, {1, 3, 2, 4}}};
  for (const BinaryKind kind : {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul}) {
    for (const BinaryCase& c : cases) {
      TestGraph test;
      const TensorId a = test.Input(c.a, 0.05F, 10);
      const TensorId b = test.Input(c.b, 0.02F, -30);
      BinaryOp op;
      op.kind = kind;
      test.AddOutput(op, {a, b}, c.output, 0.06F, 4);
      const Int8s x = RandomInt8(static_cast<std::size_t>(test.graph.tensor(a).elements()), 10);
      const Int8s y = RandomInt8(static_cast<std::size_t>(test.graph.tensor(b).elements()), 11);
      const std::vector<RawBytes> outputs = RunLowered(test.graph, {ToBytes(x), ToBytes(y)});
      ASSERT_EQ(outputs.size(), 1U);
      const Int8s result = ToInt8(outputs[0]);
      for (std::size_t i = 0; i < result.size(); ++i) {
        const double rx = 0.05 * (x[BroadcastIndex(c.a, c.output, i)] - 10);
        const double ry = 0.02 * (y[BroadcastIndex(c.b, c.output, i)] + 30);
        const double value = std::round(Real(kind, rx, ry) / 0.06) + 4;
        // Add and Sub round three times; the first two at 2^-20 of a step.
        EXPECT_NEAR(
            result[i], std::clamp(value, -128.0, 127.0),
            std::abs(std::abs(std::fmod(Real(kind, rx, ry) / 0.06, 1)) - 0.5) < 1e-4 ? 1 : 0);
      }
    }
  }
}

TEST(LowerBinary, MergesDimensionsAndWritesInPlace) {
  TestGraph test;
  const TensorId a = test.Input({1, 8, 8, 4}, 0.05F, 10);
  const TensorId b = test.Input({1, 8, 8, 4}, 0.02F, -30);
  test.AddOutput(BinaryOp(), {a, b}, {1, 8, 8, 4}, 0.06F, 4);
  const fb::ModelT model = LowerAndPlan(test.graph);
  EXPECT_EQ(model.operators[0]->params.AsAdd()->broadcast->dims, (std::vector<std::int32_t>{256}));
  EXPECT_EQ(model.banks[0]->bytes, 512U);
}

TEST(LowerBinary, AConstantNumberGivesTheSameBytesFromATable) {
  const Int8s values = AllInt8();
  for (const BinaryKind kind : {BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul}) {
    for (const bool constant_first : {false, true}) {
      BinaryOp op;
      op.kind = kind;
      op.activation = Activation::kRelu;
      TestGraph table;
      TestGraph full;
      const TensorId input = table.Input({256}, 0.05F, 10);
      const TensorId number = table.Constant({1}, {77}, {0.03F});
      table.AddOutput(op, constant_first ? std::vector{number, input} : std::vector{input, number},
                      {256}, 0.06F, 4);
      const TensorId full_input = full.Input({256}, 0.05F, 10);
      const TensorId numbers = full.Constant({256}, Int8s(256, 77), {0.03F});
      full.AddOutput(
          op, constant_first ? std::vector{numbers, full_input} : std::vector{full_input, numbers},
          {256}, 0.06F, 4);
      const fb::ModelT model = LowerAndPlan(table.graph);
      EXPECT_EQ(model.operators[0]->params.type, fb::OperatorParams::Lut8);
      EXPECT_EQ(RunInt8(table.graph, values), RunInt8(full.graph, values));
    }
  }
}

TEST(LowerBinary, MaximumWithANumber) {
  TestGraph test;
  const TensorId input = test.Input({256}, 0.5F, 0);
  BinaryOp op;
  op.kind = BinaryKind::kMaximum;
  test.AddOutput(op, {input, test.Constant({1}, {10}, {0.5F})}, {256}, 0.5F, 0);
  const Int8s outputs = RunInt8(test.graph, AllInt8());
  ASSERT_EQ(outputs.size(), 256U);
  for (int q = -128; q <= 127; ++q) {
    EXPECT_EQ(outputs[static_cast<std::size_t>(q + 128)], std::max(q, 10));
  }
}

TEST(LowerBinary, RefusesTheMaximumOfTwoTensors) {
  TestGraph test;
  const TensorId a = test.Input({4}, 0.5F, 0);
  const TensorId b = test.Input({4}, 0.5F, 0);
  BinaryOp op;
  op.kind = BinaryKind::kMaximum;
  test.AddOutput(op, {a, b}, {4}, 0.5F, 0);
  EXPECT_NE(RefusalOf(test.graph).find("Maximum"), std::string::npos);
}

struct UnaryCase {
  UnaryOp op;
  float input_scale;
  int input_zero_point;
  float output_scale;
  int output_zero_point;
  std::function<double(double)> function;
  /// Half steps around a rounding where both neighbours are right: fixed-point algorithms.
  double slack;
};

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Each table against the real function. Slack, in steps of the output: multipliers of 31 bits and
// floats decide ties only; the 16-bit hard swish is off by up to a step.
TEST(LowerUnary, TablesAreTheFunctions) {
  const UnaryCase cases[] = {
      {{UnaryKind::kRelu, 0, 0},
       0.1F,
       5,
       0.08F,
       -128,
       [](double x) { return std::max(x, 0.0); },
       1e-5},
      {{UnaryKind::kRelu6, 0, 0},
       0.1F,
       5,
       0.1F,
       5,
       [](double x) { return std::clamp(x, 0.0, 6.0); },
       1e-5},
      {{UnaryKind::kReluN1To1, 0, 0},
       0.01F,
       5,
       0.01F,
       5,
       [](double x) { return std::clamp(x, -1.0, 1.0); },
       1e-5},
      {{UnaryKind::kClip, -0.5F, 2},
       0.1F,
       5,
       0.1F,
       5,
       [](double x) { return std::clamp(x, -0.5, 2.0); },
       1e-5},
      {{UnaryKind::kLeakyRelu, 0.2F, 0},
       0.1F,
       5,
       0.07F,
       -3,
       [](double x) { return x < 0 ? 0.2 * x : x; },
       1e-5},
      {{UnaryKind::kLeakyRelu, -0.2F, 0},
       0.1F,
       5,
       0.07F,
       -3,
       [](double x) { return x < 0 ? -0.2 * x : x; },
       1e-5},
      {{UnaryKind::kElu, 1, 0},
       0.03F,
       5,
       0.03F,
       -3,
       [](double x) { return x < 0 ? std::expm1(x) : x; },
       1e-5},
      {{UnaryKind::kSigmoid, 0, 0}, 0.05F, 5, 1.0F / 256, -128, Logistic, 1e-4},
      {{UnaryKind::kSigmoid, 0, 0}, 0.05F, 5, 0.01F, 0, Logistic, 1e-5},
      {{UnaryKind::kTanh, 0, 0},
       0.03F,
       5,
       1.0F / 128,
       0,
       [](double x) { return std::tanh(x); },
       1e-4},
      {{UnaryKind::kHardSwish, 0, 0},
       0.05F,
       5,
       0.04F,
       -100,
       [](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; },
       0.05},
      {{UnaryKind::kAbs, 0, 0}, 0.1F, 5, 0.08F, -128, [](double x) { return std::abs(x); }, 1e-5},
      {{UnaryKind::kNegate, 0, 0}, 0.1F, 5, 0.1F, -5, [](double x) { return -x; }, 1e-5},
      {{UnaryKind::kExp, 0, 0}, 0.03F, 5, 0.2F, -128, [](double x) { return std::exp(x); }, 1e-5},
      {{UnaryKind::kSquare, 0, 0}, 0.03F, 5, 0.05F, -128, [](double x) { return x * x; }, 1e-5},
      {{UnaryKind::kSilu, 0, 0},
       0.05F,
       5,
       0.04F,
       -100,
       [](double x) { return x * Logistic(x); },
       1e-5},
      {{UnaryKind::kSqrt, 0, 0},
       0.05F,
       -128,
       0.04F,
       -128,
       [](double x) { return std::sqrt(x); },
       1e-5},
  };
  for (const UnaryCase& c : cases) {
    TestGraph test;
    const TensorId input = test.Input({256}, c.input_scale, c.input_zero_point);
    test.AddOutput(c.op, {input}, {256}, c.output_scale, c.output_zero_point);
    SCOPED_TRACE(KindName(test.graph.nodes[0]));
    const Int8s outputs = RunInt8(test.graph, AllInt8());
    ASSERT_EQ(outputs.size(), 256U);
    for (int q = -128; q <= 127; ++q) {
      const double x = double{c.input_scale} * (q - c.input_zero_point);
      const double y = c.function(x) / double{c.output_scale} + c.output_zero_point;
      const double low = std::clamp(std::floor(y + 0.5 - c.slack), -128.0, 127.0);
      const double high = std::clamp(std::floor(y + 0.5 + c.slack), -128.0, 127.0);
      const int actual = outputs[static_cast<std::size_t>(q + 128)];
      EXPECT_GE(actual, low) << "q " << q << " real " << y;
      EXPECT_LE(actual, high) << "q " << q << " real " << y;
    }
  }
}

TEST(LowerUnary, ValuesOutsideTheFunctionBecomeZero) {
  TestGraph test;
  const TensorId input = test.Input({256}, 0.05F, 0);
  test.AddOutput(UnaryOp{UnaryKind::kSqrt, 0, 0}, {input}, {256}, 0.04F, -9);
  EXPECT_EQ(RunInt8(test.graph, AllInt8())[0], -9);
}

TEST(LowerQuantize, UInt8ToInt8FlipsTheTopBit) {
  TestGraph test;
  const TensorId input = test.Input({256}, 0.5F, 127, DataType::kUInt8);
  test.AddOutput(QuantizeOp(), {input}, {256}, 0.5F, -1);
  RawBytes bytes(256);
  RawBytes expected(256);
  for (std::size_t i = 0; i < 256; ++i) {
    bytes[i] = static_cast<std::uint8_t>(i);
    expected[i] = static_cast<std::uint8_t>(i ^ 0x80U);
  }
  EXPECT_EQ(RunLowered(test.graph, {bytes})[0], expected);
}

TEST(LowerQuantize, RequantizesToAnotherScale) {
  TestGraph test;
  const TensorId input = test.Input({256}, 0.1F, 20);
  test.AddOutput(QuantizeOp(), {input}, {256}, 0.07F, -4);
  const Int8s outputs = RunInt8(test.graph, AllInt8());
  for (int q = -128; q <= 127; ++q) {
    ExpectRounded(outputs[static_cast<std::size_t>(q + 128)],
                  double{0.1F} * (q - 20) / double{0.07F}, -4);
  }
}

RawBytes FloatBytes(const std::vector<float>& values) {
  RawBytes bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(LowerBorder, FloatToInt8AndUInt8AndBack) {
  const std::vector<float> values = {0, 0.25F, -0.25F, 1, 1000, -1000};
  for (const DataType type : {DataType::kInt8, DataType::kUInt8}) {
    const int zero_point = type == DataType::kInt8 ? 3 : 131;
    TestGraph test;
    const TensorId input = test.Input({6}, 0, 0, DataType::kFloat32);
    const TensorId middle = test.AddOutput(QuantizeOp(), {input}, {6}, 0.5F, zero_point, type);
    test.AddOutput(DequantizeOp(), {middle}, {6}, 0, 0, DataType::kFloat32);
    const std::vector<RawBytes> outputs = RunLowered(test.graph, {FloatBytes(values)});
    ASSERT_EQ(outputs.size(), 2U);
    // Halves round away from zero: 0.5 steps to 1, -0.5 to -1.
    const Int8s expected = {3, 4, 2, 5, 127, -128};
    RawBytes raw = ToBytes(expected);
    if (type == DataType::kUInt8) {
      for (std::uint8_t& byte : raw) byte ^= 0x80U;
    }
    EXPECT_EQ(outputs[0], raw);
    EXPECT_EQ(outputs[1], FloatBytes({0, 0.5F, -0.5F, 1, 62, -65.5F}));
  }
}

}  // namespace
}  // namespace quaver::compiler
