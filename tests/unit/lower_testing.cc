#include "tests/unit/lower_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "compiler/emit/emit.h"
#include "compiler/ir/error.h"
#include "compiler/lower/lower.h"
#include "compiler/plan/plan.h"
#include "quaver/quaver.hpp"

namespace quaver::compiler {

TensorId TestGraph::Activation(const Shape& shape, float scale, std::int32_t zero_point,
                               DataType type) {
  Tensor tensor;
  tensor.name = "t" + std::to_string(graph.tensors.size());
  tensor.type = type;
  tensor.shape = shape;
  if (scale != 0) tensor.quantization = {{scale}, {zero_point}, 0};
  return graph.AddTensor(std::move(tensor));
}

TensorId TestGraph::Input(const Shape& shape, float scale, std::int32_t zero_point, DataType type) {
  graph.inputs.push_back(Activation(shape, scale, zero_point, type));
  return graph.inputs.back();
}

TensorId TestGraph::Constant(const Shape& shape, const Int8s& values, std::vector<float> scales,
                             int axis) {
  Tensor tensor;
  tensor.name = "constant" + std::to_string(graph.tensors.size());
  tensor.type = DataType::kInt8;
  tensor.shape = shape;
  tensor.data = MakeBytes(values);
  tensor.quantization.zero_point.assign(scales.size(), 0);
  tensor.quantization.scale = std::move(scales);
  tensor.quantization.axis = axis;
  return graph.AddTensor(std::move(tensor));
}

TensorId TestGraph::Bias(const std::vector<std::int32_t>& values) {
  Tensor tensor;
  tensor.name = "bias" + std::to_string(graph.tensors.size());
  tensor.type = DataType::kInt32;
  tensor.shape = {static_cast<std::int32_t>(values.size())};
  tensor.data = MakeBytes(values);
  return graph.AddTensor(std::move(tensor));
}

void TestGraph::Add(Attributes attributes, std::vector<TensorId> inputs,
                    std::vector<TensorId> outputs) {
  Node node;
  node.name = "op" + std::to_string(graph.nodes.size());
  node.attributes = std::move(attributes);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  graph.nodes.push_back(std::move(node));
}

TensorId TestGraph::AddOutput(Attributes attributes, std::vector<TensorId> inputs,
                              const Shape& shape, float scale, std::int32_t zero_point,
                              DataType type) {
  const TensorId output = Activation(shape, scale, zero_point, type);
  Add(std::move(attributes), std::move(inputs), {output});
  graph.outputs.push_back(output);
  return output;
}

Int8s RandomInt8(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  Int8s values(count);
  for (std::int8_t& value : values) value = static_cast<std::int8_t>(random() >> 24);
  return values;
}

RawBytes ToBytes(const Int8s& values) { return {values.begin(), values.end()}; }

Int8s ToInt8(const RawBytes& bytes) { return {bytes.begin(), bytes.end()}; }

fb::ModelT LowerAndPlan(const Graph& graph) {
  Validate(graph);
  fb::ModelT model = Lower(graph);
  model.format_version = kFormatVersion;
  PlanMemory(&model);
  return model;
}

namespace {

std::string Text(const Status& status) {
  char text[512];
  static_cast<void>(status.Format(text, sizeof(text)));
  return text;
}

struct alignas(kArenaAlignment) Line {
  std::uint8_t bytes[kArenaAlignment];
};

std::vector<Line> Lines(std::size_t bytes) { return std::vector<Line>(bytes / sizeof(Line) + 1); }

}  // namespace

std::vector<RawBytes> RunLowered(const Graph& graph, const std::vector<RawBytes>& inputs) {
  const RawBytes file = Emit(LowerAndPlan(graph));
  std::vector<Line> memory = Lines(file.size());
  std::memcpy(memory.data(), file.data(), file.size());
  const Result<Model> model = Model::Load({memory.data()->bytes, file.size()});
  EXPECT_TRUE(model.ok()) << Text(model.status());
  if (!model) return {};
  SessionOptions options;
  options.isa = "scalar";
  const Result<std::size_t> bytes = model->ArenaBytes(options);
  EXPECT_TRUE(bytes.ok()) << Text(bytes.status());
  std::vector<Line> arena = Lines(*bytes);
  Result<Session> session = Session::Create(*model, {arena.data()->bytes, *bytes}, options);
  EXPECT_TRUE(session.ok()) << Text(session.status());
  if (!session) return {};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorView view = session->Input(i);
    EXPECT_EQ(view.bytes, inputs[i].size());
    std::memcpy(view.data, inputs[i].data(), std::min(view.bytes, inputs[i].size()));
  }
  EXPECT_TRUE(session->Run().ok());
  std::vector<RawBytes> outputs;
  for (std::size_t i = 0; i < model->OutputCount(); ++i) {
    const Span<std::uint8_t> view{static_cast<std::uint8_t*>(session->Output(i).data),
                                  session->Output(i).bytes};
    outputs.emplace_back(view.begin(), view.end());
  }
  return outputs;
}

Int8s RunInt8(const Graph& graph, const Int8s& input) {
  const std::vector<RawBytes> outputs = RunLowered(graph, {ToBytes(input)});
  return outputs.empty() ? Int8s() : ToInt8(outputs[0]);
}

void ExpectRounded(int actual, double value, int zero_point, int low, int high) {
  const auto limited = [&](double q) {
    return static_cast<int>(std::clamp<double>(q + zero_point, low, high));
  };
  const double floor = std::floor(value);
  if (std::abs(value - floor - 0.5) < 1e-6) {
    EXPECT_TRUE(actual == limited(floor) || actual == limited(floor + 1))
        << actual << " for " << value;
  } else {
    EXPECT_EQ(actual, limited(std::floor(value + 0.5))) << value;
  }
}

std::string RefusalOf(const Graph& graph) {
  try {
    static_cast<void>(Lower(graph));
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "the graph was lowered";
  return "";
}

}  // namespace quaver::compiler
