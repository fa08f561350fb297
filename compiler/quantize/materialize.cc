#include "compiler/quantize/materialize.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

class Quantizer {
 public:
  Quantizer(Graph* graph, const SharedQuantization& shared)
      : graph_(*graph), shared_(shared), float_count_(graph->tensors.size()) {}

  void Run(const QuantizedLayers& layers, bool float_io) {
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      Node& node = graph_.nodes[n];
      CheckSupported(node);
      const auto layer = layers.find(n);
      if (layer != layers.end()) SetLayer(&node, layer->second);
      QuantizeOperands(&node);
    }
    for (std::size_t t = 0; t < float_count_; ++t) {
      Tensor& tensor = graph_.tensors[t];
      if (tensor.constant() || tensor.type != DataType::kFloat32) continue;
      tensor.type = DataType::kInt8;
      tensor.quantization = shared_.tensors[t];
    }
    InsertRequantizes();
    if (float_io) AddFloatBorders();
  }

 private:
  [[nodiscard]] const Quantization& Of(TensorId id) const {
    return shared_.tensors[static_cast<std::size_t>(id)];
  }

  void CheckSupported(const Node& node) const {
    const auto* binary = node.As<BinaryOp>();
    if (binary == nullptr) return;
    const bool number =
        graph_.tensor(node.inputs[1]).constant() || graph_.tensor(node.inputs[0]).constant();
    const bool supported = binary->kind == BinaryKind::kAdd || binary->kind == BinaryKind::kSub ||
                           binary->kind == BinaryKind::kMul || number;
    if (!supported) {
      throw Error(NodeString(node) +
                  ": division, maximum and minimum of two computed tensors cannot be quantized; "
                  "use Add, Sub, Mul, Relu or a constant as the second operand, and batch norm in "
                  "place of layer norm");
    }
  }

  TensorId AddConstant(const std::string& name, const Shape& shape, DataType type, Bytes data,
                       Quantization quantization) {
    Tensor tensor;
    tensor.name = name;
    tensor.type = type;
    tensor.shape = shape;
    tensor.data = std::move(data);
    tensor.quantization = std::move(quantization);
    return graph_.AddTensor(std::move(tensor));
  }

  // The integers replace the floats in this node only: the constants may be shared.
  void SetLayer(Node* node, const QuantizedLayer& layer) {
    // Copies: adding tensors moves the graph's.
    const Tensor weights = graph_.tensor(node->inputs[1]);
    node->inputs.resize(3, kNoTensor);
    Quantization quantization = layer.weights_quantization;
    quantization.axis =
        *WeightsAxis(*node) == ChannelAxis::kFirst ? 0 : static_cast<int>(weights.shape.size()) - 1;
    node->inputs[1] = AddConstant(weights.name, weights.shape, DataType::kInt8,
                                  MakeBytes(layer.weights), quantization);
    if (layer.bias.empty()) return;
    const Shape shape = {static_cast<std::int32_t>(layer.bias.size())};
    const std::string name =
        node->inputs[2] == kNoTensor ? weights.name + "/bias" : graph_.tensor(node->inputs[2]).name;
    node->inputs[2] =
        AddConstant(name, shape, DataType::kInt32, MakeBytes(layer.bias), layer.bias_quantization);
  }

  // Constants where activations could be: an operand of Add, a part of Concat.
  void QuantizeOperands(Node* node) {
    for (TensorId& id : node->inputs) {
      if (id == kNoTensor || !graph_.tensor(id).constant() ||
          graph_.tensor(id).type != DataType::kFloat32) {
        continue;
      }
      const Tensor constant = graph_.tensor(id);
      std::vector<std::int8_t> values;
      for (float value : constant.As<float>()) values.push_back(QuantizeInt8(value, Of(id)));
      id = AddConstant(constant.name, constant.shape, DataType::kInt8, MakeBytes(values), Of(id));
    }
  }

  // A node that gives `from` another quantization or type.
  Node Border(Attributes attributes, TensorId from, TensorId to) const {
    return {graph_.tensor(from).name + "/" +
                (std::holds_alternative<DequantizeOp>(attributes) ? "dequantize" : "quantize"),
            std::move(attributes),
            {from},
            {to}};
  }

  void InsertRequantizes() {
    std::size_t inserted = 0;
    for (const SharedQuantization::Edge& edge : shared_.separate) {
      Node& concat = graph_.nodes[edge.node + inserted];
      const TensorId from = concat.inputs[edge.input];
      Tensor tensor = graph_.tensor(from);
      tensor.name += "/requantized";
      tensor.source_index = -1;
      tensor.quantization = graph_.tensor(concat.outputs[0]).quantization;
      const TensorId to = graph_.AddTensor(std::move(tensor));
      concat.inputs[edge.input] = to;
      graph_.nodes.insert(graph_.nodes.begin() + static_cast<std::ptrdiff_t>(edge.node + inserted),
                          Border(QuantizeOp{}, from, to));
      ++inserted;
    }
  }

  TensorId AddFloatTwin(TensorId id) {
    Tensor tensor = graph_.tensor(id);
    tensor.type = DataType::kFloat32;
    tensor.quantization = {};
    const TensorId twin = graph_.AddTensor(std::move(tensor));
    graph_.tensor(id).name += "/int8";
    return twin;
  }

  void AddFloatBorders() {
    for (TensorId& id : graph_.inputs) {
      const TensorId outer = AddFloatTwin(id);
      graph_.nodes.insert(graph_.nodes.begin(), Border(QuantizeOp{}, outer, id));
      id = outer;
    }
    for (TensorId& id : graph_.outputs) {
      if (graph_.tensor(id).type != DataType::kInt8) continue;
      const TensorId outer = AddFloatTwin(id);
      graph_.nodes.push_back(Border(DequantizeOp{}, id, outer));
      id = outer;
    }
  }

  Graph& graph_;
  const SharedQuantization& shared_;
  /// Tensors that the quantizer adds come after these.
  const std::size_t float_count_;
};

}  // namespace

Graph Materialize(const Graph& graph, const SharedQuantization& shared,
                  const QuantizedLayers& layers, bool float_io) {
  Graph result = graph;
  Quantizer(&result, shared).Run(layers, float_io);
  result.RemoveDead();
  Validate(result);
  return result;
}

}  // namespace quaver::compiler
