#include "compiler/compile.h"

#include <gtest/gtest.h>

#include <cstring>

#include "compiler/ir/error.h"
#include "quaver/quaver.hpp"
#include "tests/unit/lower_testing.h"

namespace quaver::compiler {
namespace {

/// A convolution, ReLU, mean, fully connected layer, softmax.
Graph Network() {
  TestGraph test;
  const TensorId input = test.Input({1, 6, 6, 2}, 0.05F, 3);
  const TensorId features = test.Activation({1, 4, 4, 8}, 0.1F, -128);
  test.Add(Conv2DOp(),
           {input, test.Constant({8, 3, 3, 2}, RandomInt8(144, 1), std::vector<float>(8, 0.01F)),
            kNoTensor},
           {features});
  const TensorId relu = test.Activation({1, 4, 4, 8}, 0.1F, -128);
  test.Add(UnaryOp{UnaryKind::kRelu, 0, 0}, {features}, {relu});
  const TensorId mean = test.Activation({1, 8}, 0.05F, -128);
  ReduceOp reduce;
  reduce.axes = {1, 2};
  test.Add(reduce, {relu}, {mean});
  const TensorId logits = test.Activation({1, 4}, 0.1F, 0);
  test.Add(FullyConnectedOp(), {mean, test.Constant({4, 8}, RandomInt8(32, 2), {0.02F}), kNoTensor},
           {logits});
  test.AddOutput(SoftmaxOp(), {logits}, {1, 4}, 1.0F / 256, -128);
  test.graph.name = "network";
  test.graph.labels = {"a", "b", "c", "d"};
  test.graph.metadata["license"] = "none";
  return test.graph;
}

/// Memory for a model or an arena, aligned.
struct alignas(kArenaAlignment) MemoryLine {
  std::uint8_t bytes[kArenaAlignment];
};

class Memory {
 public:
  explicit Memory(std::size_t bytes) : lines_(bytes / sizeof(MemoryLine) + 1), bytes_(bytes) {}
  explicit Memory(const RawBytes& content) : Memory(content.size()) {
    std::memcpy(lines_.data(), content.data(), content.size());
  }
  [[nodiscard]] Span<std::uint8_t> span() { return {lines_.data()->bytes, bytes_}; }

 private:
  std::vector<MemoryLine> lines_;
  std::size_t bytes_;
};

TEST(Compile, GivesAModelThatTestsItself) {
  PlanReport report;
  Memory file(Compile(Network(), {}, &report));
  const Result<Model> model = Model::Load(file.span());
  ASSERT_TRUE(model.ok());
  EXPECT_STREQ(model->Name(), "network");
  EXPECT_STREQ(model->Label(3), "d");
  EXPECT_EQ(model->OperatorCount(), 4U);  // the ReLU is part of the convolution
  EXPECT_EQ(model->root()->format_version(), kFormatVersion);
  EXPECT_EQ(model->root()->producer()->str().rfind("quaver ", 0), 0U);
  EXPECT_EQ(report.activation_bytes, model->root()->banks()->Get(0)->bytes());
  EXPECT_EQ(report.lower_bound_bytes, report.activation_bytes);
  const Result<std::size_t> bytes = model->ArenaBytes();
  ASSERT_TRUE(bytes.ok());
  Memory arena(*bytes);
  Result<Session> session = Session::Create(*model, arena.span());
  ASSERT_TRUE(session.ok());
  EXPECT_TRUE(session->SelfTest().ok());
}

TEST(Compile, IsDeterministic) { EXPECT_EQ(Compile(Network()), Compile(Network())); }

TEST(Compile, LeavesTheGraphAsItIs) {
  const Graph graph = Network();
  const std::string before = Dump(graph);
  static_cast<void>(Compile(graph));
  EXPECT_EQ(Dump(graph), before);
}

TEST(Compile, LeavesOutWhatIsNotWanted) {
  CompileOptions options;
  options.test_vector = false;
  options.strip_names = true;
  const RawBytes full = Compile(Network());
  const RawBytes small = Compile(Network(), options);
  EXPECT_LT(small.size(), full.size());
  const fb::Model& model = *fb::GetModel(small.data());
  EXPECT_TRUE(model.test_vectors() == nullptr || model.test_vectors()->size() == 0);
  for (const fb::Tensor* tensor : *model.tensors()) {
    EXPECT_TRUE(tensor->name() == nullptr || tensor->name()->size() == 0);
  }
}

TEST(Compile, SaysTheArenaOf32BitMachines) {
  const RawBytes bytes = Compile(Network());
  std::uint32_t small = 0;
  std::uint32_t large = 0;
  for (const fb::ArenaSize* size : *fb::GetModel(bytes.data())->arena_sizes()) {
    if (size->isa()->str() != "scalar") continue;
    (size->pointer_bytes() == 4 ? small : large) = size->bytes();
  }
  EXPECT_GT(small, 0U);
  EXPECT_GT(large, small);
}

TEST(Compile, RefusesFloatInside) {
  TestGraph test;
  const TensorId input = test.Input({4}, 0, 0, DataType::kFloat32);
  test.AddOutput(UnaryOp{UnaryKind::kTanh, 0, 0}, {input}, {4}, 0, 0, DataType::kFloat32);
  try {
    static_cast<void>(Compile(test.graph));
    FAIL() << "a float graph was compiled";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("op0"), std::string::npos) << message;
    EXPECT_NE(message.find("found float32"), std::string::npos) << message;
    EXPECT_NE(message.find("quaver quantize"), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace quaver::compiler
