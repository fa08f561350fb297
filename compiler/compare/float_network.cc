#include <utility>

#include "compiler/compare/network.h"
#include "compiler/execute/float_executor.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/layers.h"

namespace quaver::compiler {
namespace {

constexpr std::int32_t kNoLayer = -1;

class FloatRunner : public NetworkRunner {
 public:
  FloatRunner(const Graph& graph, const std::vector<std::int32_t>& layer_of, std::size_t layers)
      : executor_(graph), layer_of_(layer_of), layers_(layers) {}

  LayerValues Run(const Sample& sample) override {
    LayerValues values(layers_);
    executor_.Run(sample, [&](TensorId id, const std::vector<float>& value) {
      const std::int32_t layer = layer_of_[static_cast<std::size_t>(id)];
      if (layer != kNoLayer) values[static_cast<std::size_t>(layer)] = value;
    });
    return values;
  }

 private:
  FloatExecutor executor_;
  const std::vector<std::int32_t>& layer_of_;
  const std::size_t layers_;
};

class FloatNetwork : public Network {
 public:
  explicit FloatNetwork(Graph graph)
      : graph_(std::move(graph)), layer_of_(graph_.tensors.size(), kNoLayer) {
    for (TensorId id : graph_.inputs) AddLayer(id, nullptr);
    for (const Node& node : graph_.nodes) {
      if (node.As<ReshapeOp>() != nullptr) continue;
      for (TensorId id : node.outputs) AddLayer(id, &node);
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const std::int32_t layer = layer_of_[static_cast<std::size_t>(Reshaped(graph_.outputs[i]))];
      if (layer != kNoLayer) {
        layers_[static_cast<std::size_t>(layer)].output = static_cast<std::int32_t>(i);
      }
    }
  }

  [[nodiscard]] const std::vector<NetworkLayer>& layers() const override { return layers_; }
  [[nodiscard]] LayerWeights Weights(std::size_t index) const override {
    if (!layers_[index].has_weights) return {};
    const Tensor& weights = graph_.tensor(nodes_[index]->inputs[1]);
    if (!weights.constant() || weights.type != DataType::kFloat32) return {};
    return {weights.As<float>(), {}};
  }
  [[nodiscard]] std::unique_ptr<NetworkRunner> MakeRunner() const override {
    return std::make_unique<FloatRunner>(graph_, layer_of_, layers_.size());
  }

 private:
  void AddLayer(TensorId id, const Node* node) {
    const Tensor& tensor = graph_.tensor(id);
    if (tensor.type != DataType::kFloat32) return;
    layer_of_[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(layers_.size());
    NetworkLayer layer;
    layer.kind = node == nullptr ? "Input" : KindName(*node);
    layer.name = node == nullptr ? "" : node->name;
    layer.tensor = tensor.name;
    layer.source_index = tensor.source_index;
    layer.shape = tensor.shape;
    layer.elements = static_cast<std::size_t>(tensor.elements());
    layer.has_weights = node != nullptr && WeightsAxis(*node).has_value();
    if (node != nullptr) layer.constant_bytes = ConstantBytes(*node);
    layers_.push_back(std::move(layer));
    nodes_.push_back(node);
  }

  [[nodiscard]] std::uint64_t ConstantBytes(const Node& node) const {
    std::uint64_t bytes = 0;
    for (TensorId id : node.inputs) {
      if (id == kNoTensor || !graph_.tensor(id).constant()) continue;
      bytes += static_cast<std::uint64_t>(graph_.tensor(id).bytes());
    }
    return bytes;
  }

  // The tensor whose values `id` has in another shape.
  [[nodiscard]] TensorId Reshaped(TensorId id) const {
    for (std::int32_t n = graph_.Producer(id);
         n >= 0 && graph_.nodes[static_cast<std::size_t>(n)].As<ReshapeOp>() != nullptr;
         n = graph_.Producer(id)) {
      id = graph_.nodes[static_cast<std::size_t>(n)].inputs[0];
    }
    return id;
  }

  const Graph graph_;
  std::vector<std::int32_t> layer_of_;  // by tensor
  std::vector<NetworkLayer> layers_;
  std::vector<const Node*> nodes_;  // by layer; null: an input
};

}  // namespace

std::unique_ptr<Network> MakeFloatNetwork(const Graph& graph) {
  Graph prepared = graph;
  RunPasses(&prepared);
  return std::make_unique<FloatNetwork>(std::move(prepared));
}

}  // namespace quaver::compiler
