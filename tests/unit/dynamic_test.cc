// Dynamic quantization, from the float graph to the runtime's output.
#include "compiler/quantize/dynamic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/compile.h"
#include "compiler/execute/float_executor.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/signal_to_noise.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

// Between -2 and 2, the same each time.
std::vector<float> Noise(std::size_t count, std::uint32_t seed) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 1664525U + 1013904223U;
    values.push_back(static_cast<float>(seed >> 8) / 4194304.0F - 2);
  }
  return values;
}

// Two rows through two layers, the first with a fused ReLU, the second without a bias.
Graph TwoLayers() {
  GraphBuilder b;
  const TensorId x = b.Input({2, 40});
  const TensorId hidden = b.Add(FullyConnectedOp{Activation::kRelu},
                                {x, b.Floats({16, 40}, Noise(640, 1)), b.Ramp({16}, -1, 0.2F)});
  return b.Finish(
      {b.Add(FullyConnectedOp{}, {hidden, b.Floats({4, 16}, Noise(64, 2)), kNoTensor})});
}

TEST(DynamicQuantization, IsNearFloatWithoutData) {
  const Graph graph = TwoLayers();
  const CheckedModel compiled(Compile(QuantizeDynamically(graph)));
  IntegerExecutor executor(compiled.model());
  FloatExecutor reference(graph);
  // The range follows the input: a thousandth of it loses no precision.
  for (const float scale : {1.0F, 1e-3F, 1e4F}) {
    std::vector<float> values = Noise(80, 3);
    for (float& value : values) value *= scale;
    SignalToNoise ratio;
    ratio.Add(reference.Run({values})[0], executor.Run({values})[0]);
    EXPECT_GT(ratio.Decibels(), 35) << scale;
  }
}

TEST(DynamicQuantization, RowsDoNotInfluenceEachOther) {
  const CheckedModel compiled(Compile(QuantizeDynamically(TwoLayers())));
  IntegerExecutor executor(compiled.model());
  std::vector<float> values = Noise(80, 3);
  const std::vector<float> before = executor.Run({values})[0];
  for (std::size_t i = 40; i < 80; ++i) values[i] *= 1000;
  const std::vector<float> after = executor.Run({values})[0];
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(before[i], after[i]);
}

TEST(DynamicQuantization, KeepsIntegersOfOneScale) {
  std::vector<float> weights;
  std::vector<std::int8_t> integers;
  for (int i = 0; i < 32; ++i) {
    integers.push_back(static_cast<std::int8_t>(i == 5 ? -127 : i * 3 - 40));
    weights.push_back(0.0123F * static_cast<float>(integers.back()));
  }
  GraphBuilder b;
  const TensorId x = b.Input({1, 8});
  const Graph quantized = QuantizeDynamically(
      b.Finish({b.Add(FullyConnectedOp{}, {x, b.Floats({4, 8}, weights), kNoTensor})}));
  const Tensor& kept = quantized.tensor(quantized.nodes[0].inputs[1]);
  EXPECT_EQ(kept.As<std::int8_t>(), integers);
  for (float scale : kept.quantization.scale) EXPECT_FLOAT_EQ(scale, 0.0123F);
}

TEST(DynamicQuantization, PassesItsSelfTest) {
  const CheckedModel compiled(Compile(QuantizeDynamically(TwoLayers())));
  const Result<std::size_t> bytes = compiled.model().ArenaBytes();
  ASSERT_TRUE(bytes.ok());
  AlignedBytes arena(*bytes);
  Result<Session> session = Session::Create(compiled.model(), arena.span());
  ASSERT_TRUE(session.ok());
  EXPECT_TRUE(session->SelfTest().ok());
}

TEST(DynamicQuantization, RefusesWhatIsNotLinear) {
  GraphBuilder b;
  const TensorId x = b.Input({1, 8});
  const TensorId y = b.Add(FullyConnectedOp{}, {x, b.Ramp({4, 8}, 0, 1), kNoTensor});
  const Graph graph = b.Finish({b.Add(SoftmaxOp{}, {y})});
  try {
    QuantizeDynamically(graph);
    FAIL() << "quantized a Softmax";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("Softmax 'node1'"), std::string::npos) << text;
    EXPECT_NE(text.find("--data"), std::string::npos) << text;
  }
}

TEST(DynamicQuantization, RefusesANetworkWithoutLayers) {
  GraphBuilder b;
  const TensorId x = b.Input({1, 8});
  const Graph graph = b.Finish({b.AddShaped(ReshapeOp{}, {x}, {2, 4})});
  try {
    QuantizeDynamically(graph);
    FAIL() << "quantized nothing";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("no fully connected layer"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace quaver::compiler
