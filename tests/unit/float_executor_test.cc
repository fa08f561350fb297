// The float executor beyond what the ONNX tests run: its interface, and operators that only
// TensorFlow Lite models bring.
#include "compiler/execute/float_executor.h"

#include <gtest/gtest.h>

#include "compiler/execute/float_gemm.h"
#include "compiler/ir/error.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

using Floats = std::vector<float>;

/// One operator on one input.
Floats RunOne(Attributes attributes, const Shape& in, const Shape& out, const Floats& values) {
  GraphBuilder builder;
  const TensorId x = builder.Input(in);
  const TensorId y = builder.AddShaped(std::move(attributes), {x}, out);
  if (std::holds_alternative<ArgMaxOp>(builder.graph.nodes[0].attributes)) {
    builder.graph.tensor(y).type = DataType::kInt32;
  }
  const Graph graph = builder.Finish({y});
  return FloatExecutor(graph).Run({values})[0];
}

TEST(PackedMatrix, EveryTailOfTheTile) {
  for (const std::int64_t n : {1, 7, 8, 9, 15, 16, 17, 33}) {
    for (const std::int64_t m : {1, 2, 3, 4, 5, 9}) {
      const std::int64_t k = 5;
      Floats rows, a, bias;
      for (std::int64_t i = 0; i < n * k; ++i) rows.push_back(static_cast<float>(i % 11 - 5));
      for (std::int64_t i = 0; i < m * k; ++i) a.push_back(static_cast<float>(i % 7 - 3));
      for (std::int64_t i = 0; i < n; ++i) bias.push_back(static_cast<float>(i));
      const std::int64_t stride = n + 3;
      Floats out(static_cast<std::size_t>(m * stride), -1000);
      PackedMatrix(rows.data(), n, k).Multiply(a.data(), m, bias.data(), out.data(), stride);
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < stride; ++j) {
          float expected = -1000;  // beyond the row: untouched
          if (j < n) {
            expected = bias[static_cast<std::size_t>(j)];
            for (std::int64_t l = 0; l < k; ++l) {
              expected += a[static_cast<std::size_t>(i * k + l)] *
                          rows[static_cast<std::size_t>(j * k + l)];
            }
          }
          ASSERT_EQ(out[static_cast<std::size_t>(i * stride + j)], expected) << n << " " << m;
        }
      }
    }
  }
}

TEST(FloatExecutor, ResizeBilinear) {
  const auto resize = [](bool align_corners, bool half_pixel_centers) {
    return RunOne(ResizeOp{ResizeKind::kBilinear, align_corners, half_pixel_centers}, {1, 1, 2, 1},
                  {1, 1, 4, 1}, {0, 6});
  };
  EXPECT_EQ(resize(false, false), (Floats{0, 3, 6, 6}));
  EXPECT_EQ(resize(true, false), (Floats{0, 2, 4, 6}));
  EXPECT_EQ(resize(false, true), (Floats{0, 1.5F, 4.5F, 6}));
}

TEST(FloatExecutor, ResizeNearest) {
  const auto resize = [](bool align_corners, bool half_pixel_centers) {
    return RunOne(ResizeOp{ResizeKind::kNearest, align_corners, half_pixel_centers}, {1, 1, 5, 1},
                  {1, 1, 3, 1}, {0, 1, 2, 3, 4});
  };
  EXPECT_EQ(resize(false, false), (Floats{0, 1, 3}));
  EXPECT_EQ(resize(true, false), (Floats{0, 2, 4}));
  EXPECT_EQ(resize(false, true), (Floats{0, 2, 4}));
}

TEST(FloatExecutor, PadSymmetricRepeatsTheEdge) {
  EXPECT_EQ(RunOne(PadOp{PadMode::kSymmetric, {0, 2}, {0, 1}, 0}, {1, 3}, {1, 6}, {1, 2, 3}),
            (Floats{2, 1, 1, 2, 3, 3}));
  EXPECT_EQ(RunOne(PadOp{PadMode::kReflect, {0, 2}, {0, 1}, 0}, {1, 3}, {1, 6}, {1, 2, 3}),
            (Floats{3, 2, 1, 2, 3, 2}));
}

TEST(FloatExecutor, ArgMaxTakesTheFirstOfEquals) {
  EXPECT_EQ(RunOne(ArgMaxOp{1, false}, {2, 3}, {2}, {1, 5, 5, 7, 2, 7}), (Floats{1, 0}));
  EXPECT_EQ(RunOne(ArgMaxOp{0, true}, {2, 3}, {3}, {1, 5, 5, 7, 2, 5}), (Floats{0, 1, 0}));
}

TEST(FloatExecutor, SliceWithNegativeStride) {
  EXPECT_EQ(RunOne(StridedSliceOp{{0, 4}, {1, -2}}, {1, 5}, {1, 3}, {0, 1, 2, 3, 4}),
            (Floats{4, 2, 0}));
}

TEST(FloatExecutor, FusedActivationsClamp) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 4});
  const TensorId zero = builder.Floats({1}, {0});
  std::vector<TensorId> outputs;
  for (const Activation activation :
       {Activation::kNone, Activation::kRelu, Activation::kRelu6, Activation::kReluN1To1}) {
    outputs.push_back(builder.Add(BinaryOp{BinaryKind::kAdd, activation}, {x, zero}));
  }
  const Graph graph = builder.Finish(outputs);
  const auto found = FloatExecutor(graph).Run({{-2, -0.5F, 0.5F, 8}});
  EXPECT_EQ(found[0], (Floats{-2, -0.5F, 0.5F, 8}));
  EXPECT_EQ(found[1], (Floats{0, 0, 0.5F, 8}));
  EXPECT_EQ(found[2], (Floats{0, 0, 0.5F, 6}));
  EXPECT_EQ(found[3], (Floats{-1, -0.5F, 0.5F, 1}));
}

TEST(FloatExecutor, ObserverSeesInputsAndEveryTensorOnce) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 2});
  const TensorId y = builder.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {x});
  const TensorId z = builder.Add(UnaryOp{UnaryKind::kNegate, 0, 0}, {y});
  const Graph graph = builder.Finish({z});
  std::vector<TensorId> seen;
  FloatExecutor executor(graph);
  for (int run = 0; run < 2; ++run) {
    seen.clear();
    const auto outputs = executor.Run({{-1, 3}}, [&](TensorId id, const Floats& values) {
      seen.push_back(id);
      EXPECT_EQ(values.size(), 2U);
    });
    EXPECT_EQ(seen, (std::vector<TensorId>{x, y, z}));
    EXPECT_EQ(outputs[0], (Floats{-0.0F, -3}));
  }
}

TEST(FloatExecutor, RefusesWrongInputsAndIntegerGraphs) {
  GraphBuilder builder;
  const TensorId x = builder.Input({1, 2});
  const Graph graph = builder.Finish({builder.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {x})});
  FloatExecutor executor(graph);
  EXPECT_THROW(executor.Run({}), Error);
  EXPECT_THROW(executor.Run({{1, 2, 3}}), Error);

  GraphBuilder integer;
  const TensorId q = integer.Input({1, 2}, PerTensor(0.5F, 0));
  const TensorId r = integer.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {q}, PerTensor(0.5F, 0));
  const Graph integer_graph = integer.Finish({r});
  EXPECT_THROW(FloatExecutor{integer_graph}, Error);
}

}  // namespace
}  // namespace quaver::compiler
