// Movement of bytes: each operator against its definition by indices; views and outputs.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/lower_testing.h"

namespace quaver::compiler {
namespace {

Int8s Counting(std::size_t count) {
  Int8s values(count);
  std::iota(values.begin(), values.end(), std::int8_t{0});
  return values;
}

Int8s Move(Attributes op, const Shape& from, const Shape& to) {
  TestGraph test;
  const TensorId input = test.Input(from, 0.5F, 3);
  test.AddOutput(std::move(op), {input}, to, 0.5F, 3);
  return RunInt8(test.graph,
                 Counting(static_cast<std::size_t>(test.graph.tensor(input).elements())));
}

TEST(LowerTranspose, ReversesTheDimensions) {
  const Int8s outputs = Move(TransposeOp{{2, 1, 0}}, {2, 3, 4}, {4, 3, 2});
  ASSERT_EQ(outputs.size(), 24U);
  for (int i = 0; i < 24; ++i) {
    EXPECT_EQ(outputs[static_cast<std::size_t>(i)], i % 2 * 12 + i / 2 % 3 * 4 + i / 6);
  }
}

TEST(LowerStridedSlice, StepsForwardAndBack) {
  EXPECT_EQ(Move(StridedSliceOp{{1, 0}, {1, 2}}, {3, 5}, {2, 3}), (Int8s{5, 7, 9, 10, 12, 14}));
  EXPECT_EQ(Move(StridedSliceOp{{2, 4}, {-2, -1}}, {3, 5}, {2, 5}),
            (Int8s{14, 13, 12, 11, 10, 4, 3, 2, 1, 0}));
}

TEST(LowerPad, FillsWithTheQuantizedValue) {
  PadOp op;
  op.before = {1, 0};
  op.after = {0, 2};
  EXPECT_EQ(Move(op, {2, 2}, {3, 4}), (Int8s{3, 3, 3, 3, 0, 1, 3, 3, 2, 3, 3, 3}));
  op.value = -1;  // -1 / 0.5 + 3
  EXPECT_EQ(Move(op, {2, 2}, {3, 4}), (Int8s{1, 1, 1, 1, 0, 1, 1, 1, 2, 3, 1, 1}));
}

TEST(LowerPad, Mirrors) {
  PadOp op;
  op.mode = PadMode::kReflect;
  op.before = {1, 2};
  op.after = {1, 0};
  EXPECT_EQ(Move(op, {2, 3}, {4, 5}),
            (Int8s{5, 4, 3, 4, 5, 2, 1, 0, 1, 2, 5, 4, 3, 4, 5, 2, 1, 0, 1, 2}));
  op.mode = PadMode::kSymmetric;
  EXPECT_EQ(Move(op, {2, 3}, {4, 5}),
            (Int8s{1, 0, 0, 1, 2, 1, 0, 0, 1, 2, 4, 3, 3, 4, 5, 4, 3, 3, 4, 5}));
}

TEST(LowerConcat, JoinsAndRequantizes) {
  TestGraph test;
  const TensorId a = test.Input({2, 2}, 0.5F, 3);
  const TensorId b = test.Input({2, 1}, 1.0F, 0);
  test.AddOutput(ConcatOp{1}, {a, b}, {2, 3}, 0.5F, 3);
  const std::vector<RawBytes> outputs =
      RunLowered(test.graph, {ToBytes({1, 2, 3, 4}), ToBytes({10, -20})});
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(ToInt8(outputs[0]), (Int8s{1, 2, 23, 3, 4, -37}));
}

TEST(LowerSplit, GivesTheParts) {
  TestGraph test;
  const TensorId input = test.Input({2, 5}, 0.5F, 3);
  const TensorId first = test.Activation({2, 2}, 0.5F, 3);
  const TensorId second = test.Activation({2, 3}, 0.5F, 3);
  test.Add(SplitOp{1}, {input}, {first, second});
  test.graph.outputs = {first, second};
  const std::vector<RawBytes> outputs = RunLowered(test.graph, {ToBytes(Counting(10))});
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(ToInt8(outputs[0]), (Int8s{0, 1, 5, 6}));
  EXPECT_EQ(ToInt8(outputs[1]), (Int8s{2, 3, 4, 7, 8, 9}));
}

TEST(LowerSpaceToDepth, AndBack) {
  const Int8s deep = Move(SpaceToDepthOp{2}, {1, 4, 4, 1}, {1, 2, 2, 4});
  EXPECT_EQ(deep, (Int8s{0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15}));
  const Int8s wide = Move(DepthToSpaceOp{2}, {1, 2, 2, 4}, {1, 4, 4, 1});
  EXPECT_EQ(wide, (Int8s{0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15}));
}

TEST(LowerReshape, VanishesInside) {
  TestGraph test;
  const TensorId input = test.Input({2, 6}, 0.5F, 3);
  const TensorId middle = test.Activation({2, 6}, 0.5F, 3);
  const TensorId view = test.Activation({3, 4}, 0.5F, 3);
  test.Add(UnaryOp{UnaryKind::kAbs, 0, 0}, {input}, {middle});
  test.Add(ReshapeOp(), {middle}, {view});
  test.AddOutput(TransposeOp{{1, 0}}, {view}, {4, 3}, 0.5F, 3);
  const fb::ModelT model = LowerAndPlan(test.graph);
  EXPECT_EQ(model.operators.size(), 2U);
  EXPECT_EQ(RunInt8(test.graph, {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}),
            (Int8s{3, 7, 11, 4, 8, 12, 5, 9, 13, 6, 10, 14}));
}

TEST(LowerReshape, OfTheInputAsTheOutputIsACopy) {
  TestGraph test;
  const TensorId input = test.Input({2, 3}, 0.5F, 3);
  test.AddOutput(ReshapeOp(), {input}, {6}, 0.5F, 3);
  EXPECT_EQ(RunInt8(test.graph, Counting(6)), Counting(6));
}

TEST(LowerOutputs, ConstantsAndRepeatedTensorsAreCopied) {
  TestGraph test;
  const TensorId input = test.Input({4}, 0.5F, 3);
  const TensorId constant = test.Constant({4}, {9, 8, 7, 6}, {0.5F});
  const TensorId twice = test.AddOutput(TransposeOp{{0}}, {input}, {4}, 0.5F, 3);
  test.graph.outputs = {twice, twice, constant};
  const std::vector<RawBytes> outputs = RunLowered(test.graph, {ToBytes(Counting(4))});
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_EQ(outputs[0], outputs[1]);
  EXPECT_EQ(ToInt8(outputs[0]), Counting(4));
  EXPECT_EQ(ToInt8(outputs[2]), (Int8s{9, 8, 7, 6}));
}

TEST(LowerBuffers, EqualConstantsShareOne) {
  TestGraph test;
  const TensorId input = test.Input({4}, 0.5F, 3);
  const TensorId first = test.Constant({4}, {1, 2, 3, 4}, {0.5F});
  const TensorId second = test.Constant({4}, {1, 2, 3, 4}, {0.25F});
  const TensorId middle = test.Activation({4}, 0.5F, 3);
  test.Add(BinaryOp(), {input, first}, {middle});
  test.AddOutput(BinaryOp(), {middle, second}, {4}, 0.5F, 3);
  EXPECT_EQ(LowerAndPlan(test.graph).buffers.size(), 1U);
}

}  // namespace
}  // namespace quaver::compiler
