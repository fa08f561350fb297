// Small graphs for tests.
#ifndef QUAVER_TESTS_UNIT_GRAPH_BUILDER_H_
#define QUAVER_TESTS_UNIT_GRAPH_BUILDER_H_

#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {

inline Quantization PerTensor(float scale, std::int32_t zero_point) {
  return {{scale}, {zero_point}, 0};
}

/// Tensors are float32, or int8 where a quantization is given.
class GraphBuilder {
 public:
  TensorId Input(Shape shape, Quantization quantization = {}) {
    const TensorId id = AddTensor(std::move(shape), std::move(quantization));
    graph.inputs.push_back(id);
    return id;
  }

  template <typename T>
  TensorId Constant(Shape shape, DataType type, const std::vector<T>& values,
                    Quantization quantization = {}) {
    const TensorId id = AddTensor(std::move(shape), std::move(quantization));
    graph.tensor(id).type = type;
    graph.tensor(id).data = MakeBytes(values);
    return id;
  }
  TensorId Floats(Shape shape, const std::vector<float>& values) {
    return Constant(std::move(shape), DataType::kFloat32, values);
  }
  /// value(i) = start + i * step.
  TensorId Ramp(const Shape& shape, float start, float step) {
    std::vector<float> values(static_cast<std::size_t>(CheckedElements(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = start + step * static_cast<float>(i);
    }
    return Floats(shape, values);
  }

  /// A node with one output of the shape that its inputs and attributes give.
  TensorId Add(Attributes attributes, std::vector<TensorId> inputs,
               Quantization quantization = {}) {
    Node node{
        "node" + std::to_string(graph.nodes.size()), std::move(attributes), std::move(inputs), {}};
    Shape shape = OutputShapes(graph, node)[0];
    return Add(std::move(node), std::move(shape), std::move(quantization));
  }
  /// The same with a stated shape, for Reshape and slices.
  TensorId AddShaped(Attributes attributes, std::vector<TensorId> inputs, Shape shape,
                     Quantization quantization = {}) {
    Node node{
        "node" + std::to_string(graph.nodes.size()), std::move(attributes), std::move(inputs), {}};
    return Add(std::move(node), std::move(shape), std::move(quantization));
  }

  Graph Finish(std::vector<TensorId> outputs) {
    graph.outputs = std::move(outputs);
    Validate(graph);
    return graph;
  }

  Graph graph;

 private:
  TensorId Add(Node node, Shape shape, Quantization quantization) {
    node.outputs = {AddTensor(std::move(shape), std::move(quantization))};
    graph.nodes.push_back(std::move(node));
    return graph.nodes.back().outputs[0];
  }

  TensorId AddTensor(Shape shape, Quantization quantization) {
    Tensor tensor;
    tensor.name = "t" + std::to_string(graph.tensors.size());
    tensor.type = quantization.empty() ? DataType::kFloat32 : DataType::kInt8;
    tensor.shape = std::move(shape);
    tensor.quantization = std::move(quantization);
    return graph.AddTensor(std::move(tensor));
  }
};

/// "Conv2D Add ...": the graph's operators in order.
inline std::string Kinds(const Graph& graph) {
  std::string kinds;
  for (const Node& node : graph.nodes) {
    if (!kinds.empty()) kinds += " ";
    kinds += KindName(node);
  }
  return kinds;
}

}  // namespace quaver::compiler

#endif  // QUAVER_TESTS_UNIT_GRAPH_BUILDER_H_
