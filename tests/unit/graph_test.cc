#include <gtest/gtest.h>

#include <limits>

#include "compiler/ir/error.h"
#include "tests/unit/graph_builder.h"

namespace quaver::compiler {
namespace {

std::string RefusalOf(const Graph& graph) {
  try {
    Validate(graph);
  } catch (const Error& error) {
    return error.what();
  }
  return "(accepted)";
}

#define EXPECT_REFUSED(graph, part) \
  EXPECT_NE(RefusalOf(graph).find(part), std::string::npos) << RefusalOf(graph)

TEST(Tensor, BytesAndElements) {
  Tensor tensor;
  tensor.shape = {2, 3};
  EXPECT_EQ(tensor.elements(), 6);
  EXPECT_EQ(tensor.bytes(), 24);
  tensor.shape = {};
  EXPECT_EQ(tensor.elements(), 1) << "a scalar";
  const std::vector<std::int16_t> values = {-32768, 0, 7};
  tensor.data = MakeBytes(values);
  EXPECT_EQ(tensor.As<std::int16_t>(), values);
}

TEST(Shapes, CheckedElements) {
  EXPECT_EQ(CheckedElements({}), 1);
  EXPECT_EQ(CheckedElements({3, 4}), 12);
  EXPECT_EQ(CheckedElements({3, 0}), -1);
  EXPECT_EQ(CheckedElements({-1, 4}), -1);
  EXPECT_EQ(CheckedElements({1, 1, 1, 1, 1, 1, 1}), -1) << "seven dimensions";
  EXPECT_EQ(CheckedElements({std::numeric_limits<std::int32_t>::max()}), 2147483647);
  EXPECT_EQ(CheckedElements({65536, 65536, 65536, 65536, 65536, 65536}), -1) << "overflows";
}

TEST(Shapes, WindowOutput) {
  EXPECT_EQ(WindowOutput(5, 3, 1, 1, 1, 1), 5);
  EXPECT_EQ(WindowOutput(49, 10, 2, 1, 4, 5), 25);
  EXPECT_EQ(WindowOutput(7, 3, 1, 2, 0, 0), 3) << "extent 5";
  EXPECT_EQ(WindowOutput(2, 3, 1, 1, 0, 0), 0);
  const std::int32_t huge = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(WindowOutput(1, huge, 1, huge, huge, huge), 0) << "no overflow";
}

TEST(Shapes, Broadcast) {
  EXPECT_EQ(BroadcastShape({2, 1, 4}, {3, 1}), (Shape{2, 3, 4}));
  EXPECT_EQ(BroadcastShape({}, {5}), (Shape{5}));
  EXPECT_THROW(BroadcastShape({2}, {3}), Error);
}

TEST(Graph, ProducersConsumersAndUses) {
  GraphBuilder builder;
  const TensorId in = builder.Input({4});
  const TensorId a = builder.Add(UnaryOp{UnaryKind::kExp}, {in});
  const TensorId b = builder.Add(BinaryOp{}, {a, a});
  Graph graph = builder.Finish({b, a});
  EXPECT_EQ(graph.Producer(in), -1);
  EXPECT_EQ(graph.Producer(b), 1);
  EXPECT_EQ(graph.Consumers(a), std::vector<std::int32_t>{1}) << "a node that reads twice is one";
  EXPECT_TRUE(graph.IsOutput(a));
  EXPECT_FALSE(graph.IsOutput(in));
  graph.ReplaceUses(a, in);
  EXPECT_EQ(graph.nodes[1].inputs, (std::vector<TensorId>{in, in}));
  EXPECT_EQ(graph.outputs, (std::vector<TensorId>{b, in}));
}

TEST(Graph, RemoveDeadKeepsInputsAndRenumbers) {
  GraphBuilder builder;
  const TensorId unused = builder.Input({2});
  const TensorId in = builder.Input({4});
  const TensorId dead = builder.Add(UnaryOp{UnaryKind::kExp}, {in});
  builder.Add(UnaryOp{UnaryKind::kAbs}, {dead});
  const TensorId live = builder.Add(UnaryOp{UnaryKind::kSin}, {in});
  Graph graph = builder.Finish({live});
  graph.RemoveDead();
  EXPECT_EQ(Kinds(graph), "Sin");
  EXPECT_EQ(graph.tensors.size(), 3U);
  EXPECT_EQ(graph.inputs, (std::vector<TensorId>{unused, in}));
  EXPECT_EQ(graph.tensor(graph.outputs[0]).name, "t4");
  EXPECT_NO_THROW(Validate(graph));
}

TEST(Graph, RemoveDeadKeepsAllOutputsOfALiveNode) {
  GraphBuilder builder;
  const TensorId in = builder.Input({4});
  const TensorId part = builder.AddShaped(SplitOp{0}, {in}, {2});
  Tensor other = builder.graph.tensor(part);
  builder.graph.nodes[0].outputs.push_back(builder.graph.AddTensor(other));
  Graph graph = builder.Finish({part});
  graph.RemoveDead();
  EXPECT_EQ(graph.nodes[0].outputs.size(), 2U);
  EXPECT_NO_THROW(Validate(graph));
}

TEST(Graph, DumpNamesTensorsAndOperators) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4}, PerTensor(0.5F, -3));
  const TensorId out =
      builder.Add(BinaryOp{BinaryKind::kAdd, Activation::kRelu6}, {in, in}, PerTensor(1, 0));
  EXPECT_EQ(Dump(builder.Finish({out})),
            "graph ''\n"
            "%0 int8 [1, 4] scale 0.5 zero point -3 't0'\n"
            "%1 int8 [1, 4] scale 1 zero point 0 't1'\n"
            "inputs %0\n"
            "Add 'node0' %0 %0 => %1 + ReLU6\n"
            "outputs %1\n");
}

/// A graph of one quantized convolution, to break.
class ValidateConv : public ::testing::Test {
 protected:
  void SetUp() override {
    GraphBuilder builder;
    const TensorId in = builder.Input({1, 8, 8, 3}, PerTensor(0.5F, 3));
    const TensorId weights = builder.Constant(
        {2, 3, 3, 3}, DataType::kInt8, std::vector<std::int8_t>(54), {{0.1F, 0.2F}, {0, 0}, 0});
    const TensorId bias = builder.Constant({2}, DataType::kInt32, std::vector<std::int32_t>(2));
    const TensorId out = builder.Add(Conv2DOp{}, {in, weights, bias}, PerTensor(0.25F, -128));
    graph_ = builder.Finish({out});
  }
  Conv2DOp& conv() { return *graph_.nodes[0].As<Conv2DOp>(); }
  Graph graph_;
};

TEST_F(ValidateConv, Shapes) {
  EXPECT_EQ(graph_.tensor(3).shape, (Shape{1, 6, 6, 2}));
  graph_.tensor(3).shape = {1, 5, 6, 2};
  EXPECT_REFUSED(graph_,
                 "Conv2D 'node0': output tensor 3 't3' int8 [1, 5, 6, 2]: expected shape "
                 "[1, 6, 6, 2]");
}

TEST_F(ValidateConv, Windows) {
  conv().window.stride_h = 0;
  EXPECT_REFUSED(graph_, "must be at least 1");
  conv().window.stride_h = 1;
  conv().window.padding.left = -1;
  EXPECT_REFUSED(graph_, "must not be negative");
  conv().window.padding.left = 0;
  conv().window.dilation_w = 4;
  EXPECT_REFUSED(graph_, "larger than the padded input");
  conv().window.dilation_w = 1;
  conv().groups = 2;
  EXPECT_REFUSED(graph_, "do not fit the 3 channels");
}

TEST_F(ValidateConv, TypesAndQuantization) {
  Graph graph = graph_;
  graph.tensor(0).quantization = {};
  EXPECT_REFUSED(graph, "tensor 0 't0' int8 [1, 8, 8, 3]: has no quantization");
  graph = graph_;
  graph.tensor(3).quantization.scale[0] = 0;
  EXPECT_REFUSED(graph, "scale 0");
  graph = graph_;
  graph.tensor(3).quantization.zero_point[0] = 128;
  EXPECT_REFUSED(graph, "zero point 128 is outside the type");
  graph = graph_;
  graph.tensor(1).quantization.axis = 3;
  EXPECT_REFUSED(graph, "2 scales do not fit dimension 3");
  graph = graph_;
  graph.tensor(1).quantization.zero_point[1] = 5;
  EXPECT_REFUSED(graph, "weights: expected zero point 0");
  graph = graph_;
  graph.tensor(2).type = DataType::kFloat32;
  EXPECT_REFUSED(graph, "bias: expected int32");
  graph = graph_;
  graph.tensor(3).type = DataType::kFloat32;
  EXPECT_REFUSED(graph, "does not go with int8 input 0");
}

TEST_F(ValidateConv, Ids) {
  Graph graph = graph_;
  graph.nodes[0].inputs[1] = 99;
  EXPECT_REFUSED(graph, "tensor 99 does not exist");
  graph = graph_;
  graph.nodes[0].inputs[1] = kNoTensor;
  EXPECT_REFUSED(graph, "input 1 is absent");
  graph = graph_;
  graph.nodes[0].inputs[2] = kNoTensor;
  EXPECT_EQ(RefusalOf(graph), "(accepted)") << "a bias may be absent";
  graph = graph_;
  graph.inputs.clear();
  EXPECT_REFUSED(graph, "is read before it is written");
  graph = graph_;
  graph.nodes.push_back(graph.nodes[0]);
  EXPECT_REFUSED(graph, "written twice");
  graph = graph_;
  graph.tensor(2).data = MakeBytes(std::vector<std::int32_t>(3));
  EXPECT_REFUSED(graph, "constant of 12 bytes, expected 8");
  graph = graph_;
  graph.outputs.clear();
  EXPECT_REFUSED(graph, "no outputs");
}

TEST(Validate, MovedValuesKeepTheirQuantization) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4}, PerTensor(0.5F, 0));
  const TensorId out = builder.AddShaped(ReshapeOp{}, {in}, {4}, PerTensor(0.25F, 0));
  builder.graph.outputs = {out};
  EXPECT_REFUSED(builder.graph, "requantize first");
}

TEST(Validate, SlicesStayInside) {
  GraphBuilder builder;
  const TensorId in = builder.Input({6});
  const TensorId out = builder.AddShaped(StridedSliceOp{{5}, {-2}}, {in}, {3});
  Graph graph = builder.Finish({out});
  graph.tensor(out).shape = {4};
  EXPECT_REFUSED(graph, "leaves dimension 0");
}

TEST(Validate, PoolingWindowsSeeInput) {
  GraphBuilder builder;
  const TensorId in = builder.Input({1, 4, 4, 1});
  Pool2DOp pool;
  pool.filter_h = pool.filter_w = 2;
  const TensorId out = builder.Add(pool, {in});
  Graph graph = builder.Finish({out});
  graph.nodes[0].As<Pool2DOp>()->window.padding.top = 2;
  EXPECT_REFUSED(graph, "a window would see nothing but padding");
}

}  // namespace
}  // namespace quaver::compiler
