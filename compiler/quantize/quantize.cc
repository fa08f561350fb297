#include "compiler/quantize/quantize.h"

#include <optional>
#include <utility>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/calibrate.h"
#include "compiler/quantize/scheme.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {
namespace {

std::optional<ChannelAxis> WeightsAxis(const Node& node) {
  if (node.As<DepthwiseConv2DOp>() != nullptr) return ChannelAxis::kLast;
  if (node.As<Conv2DOp>() != nullptr || node.As<FullyConnectedOp>() != nullptr) {
    return ChannelAxis::kFirst;
  }
  return {};
}

void CheckFloat(const Graph& graph) {
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Tensor& tensor = graph.tensors[t];
    if (!tensor.quantization.empty() || tensor.type == DataType::kInt8) {
      throw Error(TensorString(graph, static_cast<TensorId>(t)) +
                  ": is quantized already; the quantizer takes float models. A quantized .tflite "
                  "needs only: quaver convert");
    }
  }
}

class Quantizer {
 public:
  Quantizer(Graph* graph, SharedQuantization shared)
      : graph_(*graph), shared_(std::move(shared)), float_count_(graph->tensors.size()) {}

  void Run(bool float_io) {
    for (Node& node : graph_.nodes) {
      CheckSupported(node);
      if (const auto axis = WeightsAxis(node)) QuantizeLayerOf(&node, *axis);
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
                  "use Add, Sub, Mul, Relu or a constant as the second operand");
    }
  }

  const Tensor& FloatConstant(const Node& node, TensorId id, const std::string& what) const {
    const Tensor& tensor = graph_.tensor(id);
    if (!tensor.constant()) {
      throw Error(NodeString(node) + ": " + what + " " + TensorString(graph_, id) +
                  " are computed by the graph; only constant ones can be quantized");
    }
    return tensor;
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
  void QuantizeLayerOf(Node* node, ChannelAxis axis) {
    // Copies: adding tensors moves the graph's.
    const Tensor weights = FloatConstant(*node, node->inputs[1], "weights");
    node->inputs.resize(3, kNoTensor);
    std::vector<float> bias;
    if (node->inputs[2] != kNoTensor) {
      bias = FloatConstant(*node, node->inputs[2], "bias").As<float>();
    }
    const std::size_t channel_axis = axis == ChannelAxis::kFirst ? 0 : weights.shape.size() - 1;
    const auto channels = static_cast<std::size_t>(weights.shape[channel_axis]);
    QuantizedLayer layer =
        QuantizeLayer(weights.As<float>(), bias, channels, axis, Of(node->inputs[0]).scale[0],
                      Of(node->outputs[0]).scale[0]);
    layer.weights_quantization.axis = static_cast<int>(channel_axis);
    node->inputs[1] = AddConstant(weights.name, weights.shape, DataType::kInt8,
                                  MakeBytes(layer.weights), layer.weights_quantization);
    if (bias.empty()) return;
    const Tensor& old_bias = graph_.tensor(node->inputs[2]);
    const std::string name = old_bias.name;
    const Shape shape = old_bias.shape;
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
  SharedQuantization shared_;
  /// Tensors that the quantizer adds come after these.
  const std::size_t float_count_;
};

}  // namespace

Graph Quantize(const Graph& graph, const std::vector<Sample>& samples,
               const QuantizeOptions& options) {
  CheckFloat(graph);
  Graph result = graph;
  RunPasses(&result);
  const std::vector<ValueRange> ranges = Calibrate(result, samples, options);
  Quantizer(&result, ShareQuantization(result, ranges)).Run(options.float_io);
  result.RemoveDead();
  Validate(result);
  return result;
}

}  // namespace quaver::compiler
