#include "compiler/quantize/materialize.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

class Quantizer {
 public:
  Quantizer(const QuantizationPlan& plan, const Precision& precision, Graph* graph)
      : plan_(plan),
        precision_(precision),
        graph_(*graph),
        shared_(plan.shared),
        float_count_(graph->tensors.size()),
        wide_nodes_(precision.nodes) {}

  void Run(bool float_io) {
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      Node& node = graph_.nodes[n];
      CheckSupported(node);
      const auto layer = plan_.layers.find(n);
      if (layer != plan_.layers.end()) {
        wide_nodes_[n] ? SetWideLayer(&node, n) : SetLayer(&node, layer->second);
      }
      wide_nodes_[n] ? QuantizeOperands<std::int16_t>(&node) : QuantizeOperands<std::int8_t>(&node);
    }
    for (std::size_t t = 0; t < float_count_; ++t) {
      Tensor& tensor = graph_.tensors[t];
      if (tensor.constant() || tensor.type != DataType::kFloat32) continue;
      SetType(precision_.tensors[t], t, &tensor);
    }
    InsertRequantizes();
    InsertTypeBorders();
    if (float_io) AddFloatBorders();
  }

 private:
  [[nodiscard]] const Quantization& Of(TensorId id) const {
    return shared_.tensors[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] const Quantization& WideOf(TensorId id) const {
    return plan_.int16[static_cast<std::size_t>(id)];
  }

  /// `index`: of the float tensor that it stands for.
  void SetType(bool wide, std::size_t index, Tensor* tensor) const {
    tensor->type = wide ? DataType::kInt16 : DataType::kInt8;
    tensor->quantization = wide ? plan_.int16[index] : shared_.tensors[index];
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

  // The same weights, or by channel; biases of 64 bits in units of the finer input.
  void SetWideLayer(Node* node, std::size_t index) {
    QuantizedLayer layer = plan_.layers.at(index);
    if (!plan_.scheme.per_channel_weights) {
      const FloatLayer original = FloatLayerOf(plan_.graph, index);
      SchemeOptions scheme = plan_.scheme;
      scheme.per_channel_weights = true;
      layer = QuantizeLayer(original.weights, original.bias, original.channels, original.axis,
                            Of(node->inputs[0]).scale[0], Of(node->outputs[0]).scale[0], scheme);
    }
    const double input_scale = double{WideOf(node->inputs[0]).scale[0]};
    std::vector<std::int64_t> bias;
    Quantization quantization;
    for (std::size_t c = 0; c < layer.bias.size(); ++c) {
      const double scale = input_scale * double{layer.weights_quantization.scale[c]};
      const double real =
          static_cast<double>(layer.bias[c]) * double{layer.bias_quantization.scale[c]};
      bias.push_back(std::llround(real / scale));
      quantization.scale.push_back(static_cast<float>(scale));
      quantization.zero_point.push_back(0);
    }
    SetLayer(node, layer);
    if (bias.empty()) return;
    Tensor& tensor = graph_.tensor(node->inputs[2]);
    tensor.type = DataType::kInt64;
    tensor.data = MakeBytes(bias);
    tensor.quantization = quantization;
  }

  // Constants where activations could be: an operand of Add, a part of Concat.
  template <typename T>
  void QuantizeOperands(Node* node) {
    for (TensorId& id : node->inputs) {
      if (id == kNoTensor || !graph_.tensor(id).constant() ||
          graph_.tensor(id).type != DataType::kFloat32) {
        continue;
      }
      const Tensor constant = graph_.tensor(id);
      constexpr bool kWide = sizeof(T) == 2;
      const Quantization quantization = kWide ? WideOf(id) : Of(id);
      std::vector<T> values;
      for (float value : constant.As<float>()) {
        if constexpr (kWide) {
          values.push_back(QuantizeInt16(value, quantization));
        } else {
          values.push_back(QuantizeInt8(value, quantization));
        }
      }
      id = AddConstant(constant.name, constant.shape, kWide ? DataType::kInt16 : DataType::kInt8,
                       MakeBytes(values), quantization);
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
      wide_nodes_.insert(wide_nodes_.begin() + static_cast<std::ptrdiff_t>(edge.node + inserted),
                         false);
      ++inserted;
    }
  }

  [[nodiscard]] bool IsActivation(TensorId id) const {
    if (id == kNoTensor || static_cast<std::size_t>(id) >= float_count_) return false;
    const Tensor& tensor = graph_.tensor(id);
    return !tensor.constant() &&
           (tensor.type == DataType::kInt8 || tensor.type == DataType::kInt16);
  }

  /// The same tensor in the other type; made once.
  TensorId TwinOf(TensorId id) {
    const auto known = twins_.find(id);
    if (known != twins_.end()) return known->second;
    Tensor tensor = graph_.tensor(id);
    const bool wide = tensor.type == DataType::kInt8;
    SetType(wide, static_cast<std::size_t>(id), &tensor);
    tensor.name += wide ? "/int16" : "/int8";
    tensor.source_index = -1;
    const TensorId twin = graph_.AddTensor(std::move(tensor));
    twins_.emplace(id, twin);
    return twin;
  }

  /// Each node reads and writes one type: the twins of tensors of the other one. A twin that no
  /// node has written yet comes from a Quantize before its first reader.
  void InsertTypeBorders() {
    std::vector<Node> nodes;
    std::set<TensorId> written;  // twins
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      Node node = graph_.nodes[n];
      const DataType type = wide_nodes_[n] ? DataType::kInt16 : DataType::kInt8;
      for (TensorId& id : node.inputs) {
        if (!IsActivation(id) || graph_.tensor(id).type == type) continue;
        const TensorId from = id;
        id = TwinOf(from);
        if (written.insert(id).second) nodes.push_back(Border(QuantizeOp{}, from, id));
      }
      std::vector<Node> after;
      for (TensorId& id : node.outputs) {
        if (!IsActivation(id) || graph_.tensor(id).type == type) continue;
        const TensorId to = id;
        id = TwinOf(to);
        written.insert(id);
        after.push_back(Border(QuantizeOp{}, id, to));
      }
      nodes.push_back(std::move(node));
      for (Node& border : after) nodes.push_back(std::move(border));
    }
    graph_.nodes = std::move(nodes);
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

  const QuantizationPlan& plan_;
  const Precision& precision_;
  Graph& graph_;
  const SharedQuantization& shared_;
  /// Tensors that the quantizer adds come after these.
  const std::size_t float_count_;
  std::vector<bool> wide_nodes_;
  std::map<TensorId, TensorId> twins_;
};

}  // namespace

Graph Materialize(const QuantizationPlan& plan, const Precision& precision, bool float_io) {
  Graph result = plan.graph;
  Quantizer(plan, precision, &result).Run(float_io);
  result.RemoveDead();
  Validate(result);
  return result;
}

}  // namespace quaver::compiler
