// Comparing networks layer by layer: which layers belong together, and how far apart they are.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "compiler/compare/compare_networks.h"
#include "compiler/compile.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/quantize.h"
#include "runtime/tensor_access.h"
#include "tests/unit/graph_builder.h"
#include "tests/util/tiny_tflite.h"

namespace quaver::compiler {
namespace {

NetworkLayer Layer(const std::string& kind, const std::string& tensor, std::size_t elements,
                   std::int32_t source_index = -1) {
  NetworkLayer layer;
  layer.kind = kind;
  layer.tensor = tensor;
  layer.elements = elements;
  layer.shape = {static_cast<std::int32_t>(elements)};
  layer.source_index = source_index;
  layer.has_weights = kind == "Conv2D" || kind == "FullyConnected";
  return layer;
}

NetworkLayer Output(NetworkLayer layer, std::int32_t index) {
  layer.output = index;
  return layer;
}

// "0-0:position 1-2:name ..."
std::string Matches(const std::vector<NetworkLayer>& a, const std::vector<NetworkLayer>& b) {
  std::string text;
  for (const LayerMatch& match : MatchLayers(a, b)) {
    text += (text.empty() ? "" : " ") + std::to_string(match.a) + "-" + std::to_string(match.b) +
            ":" + MatchReasonName(match.reason);
  }
  return text;
}

TEST(MatchLayers, ByPositionAndName) {
  EXPECT_EQ(Matches({Layer("Input", "x", 8), Layer("Conv2D", "c", 8), Layer("Add", "d", 4),
                     Output(Layer("Softmax", "y", 2), 0)},
                    {Layer("Input", "image", 8), Layer("Lut8", "x'", 8), Layer("Conv2D", "c", 8),
                     Layer("Add", "d", 4), Output(Layer("Softmax", "probabilities", 2), 0)}),
            "0-0:position 1-2:name 2-3:name 3-4:position");
}

TEST(MatchLayers, TheLastOfANameThatIsWritten) {
  EXPECT_EQ(Matches({Layer("Concat", "c", 4)},
                    {Layer("Lut8", "c", 4), Layer("StridedCopy", "c", 4), Layer("Lut8", "c", 2)}),
            "0-1:name");
}

TEST(MatchLayers, BySourceIndexOnlyWithoutAName) {
  EXPECT_EQ(Matches({Layer("Conv2D", "a", 8, 3), Layer("Conv2D", "b", 8, 5)},
                    {Layer("Conv2D", "", 8, 5)}),
            "1-0:source index");
  // Of two different files, index 3 is not the same tensor: the order decides.
  EXPECT_EQ(Matches({Layer("Conv2D", "a", 8, 3), Layer("Conv2D", "b", 8, 4)},
                    {Layer("Conv2D", "c", 8, 4), Layer("Conv2D", "d", 8, 3)}),
            "0-0:order 1-1:order");
}

TEST(MatchLayers, ByOrderKindAndShape) {
  EXPECT_EQ(Matches({Layer("Conv2D", "a", 8), Layer("Relu", "b", 8), Layer("Conv2D", "c", 8),
                     Layer("Conv2D", "d", 4)},
                    {Layer("Conv2D", "A", 8), Layer("Conv2D", "C", 8), Layer("Conv2D", "D", 4)}),
            "0-0:order 2-1:order 3-2:order");
  // A layer with weights is no element-wise operator, however large.
  EXPECT_EQ(Matches({Layer("Conv2D", "a", 8)}, {Layer("Add", "b", 8)}), "");
}

TEST(MatchLayers, OrderDoesNotCrossAPair) {
  EXPECT_EQ(Matches({Layer("Add", "a", 8), Layer("Conv2D", "same", 8)},
                    {Layer("Conv2D", "same", 8), Layer("Add", "b", 8)}),
            "1-0:name");
}

TEST(LayerError, Formulas) {
  LayerError error;
  error.Add({3, 4}, {3, 5});
  EXPECT_DOUBLE_EQ(error.Decibels(), 10 * std::log10(25.0));
  EXPECT_DOUBLE_EQ(error.Cosine(), 29 / std::sqrt(25.0 * 34));
  EXPECT_DOUBLE_EQ(error.max_error, 1);
  LayerError more;
  more.Add({0}, {-3});
  more.Add(error);
  EXPECT_DOUBLE_EQ(more.max_error, 3);
  EXPECT_DOUBLE_EQ(more.noise, 10);
  LayerError equal;
  equal.Add({0, 0}, {0, 0});
  EXPECT_TRUE(std::isinf(equal.Decibels()));
  EXPECT_DOUBLE_EQ(equal.Cosine(), 1);
  equal.Add({0}, {std::nanf("")});
  EXPECT_TRUE(std::isinf(equal.max_error));
}

TEST(Tolerance, NamesTheFirstLayerInExecutionOrder) {
  Comparison comparison;
  for (const float found : {1.001F, 1.1F, 1.2F}) {
    LayerComparison layer{{0, 0, MatchReason::kName}, {}};
    layer.error.Add({1}, {found});
    comparison.layers.push_back(layer);
  }
  EXPECT_EQ(FirstBeyond(comparison, {}), std::nullopt);
  EXPECT_EQ(FirstBeyond(comparison, {30, {}}), 1U);
  EXPECT_EQ(FirstBeyond(comparison, {10, {}}), std::nullopt);
  EXPECT_EQ(FirstBeyond(comparison, {{}, 0.15}), 2U);
  EXPECT_EQ(WorstFirst(comparison), (std::vector<std::size_t>{2, 1, 0}));
  comparison.layers[0].error.Add({1}, {std::nanf("")});
  EXPECT_EQ(FirstBeyond(comparison, {-100, {}}), 0U) << "what is not a number keeps no tolerance";
  EXPECT_EQ(WorstFirst(comparison)[0], 0U);
}

// Two layers, a reshape and a softmax.
Graph SmallNetwork() {
  GraphBuilder b;
  const TensorId x = b.Input({1, 4, 4, 2});
  const TensorId conv = b.Add(Conv2DOp{{}, 1, Activation::kRelu},
                              {x, b.Ramp({3, 2, 2, 2}, -0.5F, 0.05F), b.Floats({3}, {0, 0.1F, 1})});
  const TensorId flat = b.AddShaped(ReshapeOp{}, {conv}, {1, 27});
  const TensorId dense =
      b.Add(FullyConnectedOp{}, {flat, b.Ramp({2, 27}, -0.3F, 0.01F), kNoTensor});
  return b.Finish({b.Add(SoftmaxOp{}, {dense})});
}

std::vector<Sample> SomeSamples(std::size_t count) {
  std::vector<Sample> samples;
  for (std::size_t s = 0; s < count; ++s) {
    std::vector<float> values;
    for (std::size_t i = 0; i < 32; ++i) {
      values.push_back(std::sin(static_cast<float>(i * 7 + s * 13)));
    }
    samples.push_back({values});
  }
  return samples;
}

TEST(CompareNetworks, FloatWithItselfIsEqual) {
  const auto network = MakeFloatNetwork(SmallNetwork());
  const Comparison comparison = CompareNetworks(*network, *network, SomeSamples(5));
  ASSERT_EQ(comparison.layers.size(), 4U) << "input, convolution, fully connected, softmax";
  EXPECT_TRUE(comparison.only_in_a.empty());
  for (const LayerComparison& layer : comparison.layers) {
    EXPECT_EQ(layer.error.noise, 0);
    EXPECT_GT(layer.error.signal, 0);
  }
}

TEST(CompareNetworks, FloatWithItsQuantizedModel) {
  const Graph graph = SmallNetwork();
  const std::vector<Sample> samples = SomeSamples(20);
  const CheckedModel compiled(Compile(Quantize(graph, samples)));
  const auto expected = MakeFloatNetwork(graph);
  const auto found = MakeIntegerNetwork(compiled.model());
  const Comparison one = CompareNetworks(*expected, *found, samples, 1);
  ASSERT_EQ(one.layers.size(), 4U);
  for (const LayerComparison& layer : one.layers) {
    EXPECT_EQ(expected->layers()[layer.match.a].tensor, found->layers()[layer.match.b].tensor);
    EXPECT_GT(layer.error.Decibels(), 25);
    EXPECT_LT(layer.error.Decibels(), 70);
    EXPECT_GT(layer.error.Cosine(), 0.99);
  }
  // The last layer is what the model gives.
  IntegerExecutor executor(compiled.model());
  LayerError output;
  const auto runner = expected->MakeRunner();
  for (const Sample& sample : samples) {
    output.Add(runner->Run(sample).back(), executor.Run(sample)[0]);
  }
  EXPECT_DOUBLE_EQ(one.layers.back().error.noise, output.noise);
  // Threads change no sum.
  const Comparison three = CompareNetworks(*expected, *found, samples, 3);
  for (std::size_t i = 0; i < one.layers.size(); ++i) {
    EXPECT_EQ(one.layers[i].error.noise, three.layers[i].error.noise);
    EXPECT_EQ(one.layers[i].error.product, three.layers[i].error.product);
  }
}

TEST(CompareNetworks, SeesTensorsThatAreHandedOnInParts) {
  const std::vector<std::uint8_t> bytes = testing::TinyResidual();
  const CheckedModel compiled(Compile(ImportTflite(bytes, "residual")));
  std::size_t transient = 0;
  for (const fb::Tensor* tensor : *compiled.model().root()->tensors()) {
    if (tensor->storage() == fb::Storage::Transient) ++transient;
  }
  ASSERT_GT(transient, 0U);
  const auto network = MakeIntegerNetwork(compiled.model());
  const auto runner = network->MakeRunner();
  std::vector<float> values;
  for (std::size_t i = 0; i < network->layers()[0].elements; ++i) {
    values.push_back(std::sin(static_cast<float>(i)));
  }
  const LayerValues seen = runner->Run({values});
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].size(), network->layers()[i].elements) << network->layers()[i].tensor;
  }
  IntegerExecutor executor(compiled.model());
  EXPECT_EQ(seen.back(), executor.Run({values})[0]);
}

TEST(CompareNetworks, RefusesNetworksOfOtherSizes) {
  GraphBuilder b;
  const TensorId x = b.Input({1, 5});
  const auto other = MakeFloatNetwork(b.Finish({b.Add(SoftmaxOp{}, {x})}));
  try {
    CompareNetworks(*MakeFloatNetwork(SmallNetwork()), *other, SomeSamples(1));
    FAIL() << "compared networks of different inputs";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("different inputs: elements 32 and 5"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace quaver::compiler
