#include <map>
#include <utility>

#include "compiler/compare/network.h"
#include "compiler/compress/compress.h"
#include "compiler/emit/checked_model.h"
#include "compiler/emit/emit.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/plan/plan.h"
#include "quaver/session.h"
#include "runtime/tensor_access.h"

namespace quaver::compiler {
namespace {

/// The same network with every tensor whole in the arena while it is needed.
std::vector<std::uint8_t> WithWholeTensors(const Model& model) {
  fb::ModelT changed;
  model.root()->UnPackTo(&changed);
  for (auto& tensor : changed.tensors) {
    if (tensor->storage == fb::Storage::Transient) tensor->storage = fb::Storage::Activation;
  }
  // They are of the other plan.
  changed.arena_sizes.clear();
  changed.test_vectors.clear();
  PlanMemory(&changed);
  return Emit(changed);
}

bool HoldsReals(const TensorInfo& info) {
  switch (info.type) {
    case DataType::kFloat32:
      return true;
    case DataType::kInt8:
    case DataType::kUInt8:
    case DataType::kInt16:
      return info.scale_bits != 0;
    default:
      return false;
  }
}

/// The layer of each tensor that is one.
using LayerOfTensor = std::map<std::int32_t, std::size_t>;

class IntegerRunner : public NetworkRunner {
 public:
  IntegerRunner(const Model& model, const LayerOfTensor& layer_of)
      : executor_(model), layer_of_(layer_of) {}

  LayerValues Run(const Sample& sample) override {
    LayerValues values(layer_of_.size());
    executor_.Run(sample, [&](const Session& session, Span<const std::int32_t> written) {
      for (const std::int32_t tensor : written) {
        const auto layer = layer_of_.find(tensor);
        if (layer == layer_of_.end()) continue;
        values[layer->second] = ReadTensor(session.Tensor(static_cast<std::size_t>(tensor)));
      }
    });
    return values;
  }

 private:
  IntegerExecutor executor_;
  const LayerOfTensor& layer_of_;
};

// Weights and tables in tensors, and what a layer holds for each output channel: bias, multiplier,
// shift.
std::uint64_t ConstantBytes(const fb::Model& root, const fb::Operator& op) {
  std::uint64_t bytes = 0;
  for (const std::int32_t input : *op.inputs()) {
    if (IsConstant(TensorAt(root, input))) bytes += StoredBytes(root, TensorAt(root, input));
  }
  const auto add = [&](const auto* layer) {
    if (layer == nullptr) return;
    bytes += sizeof(std::int32_t) *
                 static_cast<std::uint64_t>(Count(layer->bias()) + Count(layer->bias_high()) +
                                            Count(layer->output()->multiplier())) +
             static_cast<std::uint64_t>(Count(layer->output()->shift()));
  };
  add(op.params_as_Conv2D());
  add(op.params_as_Conv2DInt16());
  add(op.params_as_DepthwiseConv2D());
  add(op.params_as_DepthwiseConv2DInt16());
  add(op.params_as_FullyConnected());
  add(op.params_as_FullyConnectedInt16());
  if (const auto* layer = op.params_as_DynamicFullyConnected()) {
    // Each channel's scale, sum and bias.
    bytes += 3 * sizeof(std::int32_t) * static_cast<std::uint64_t>(Count(layer->bias()));
  }
  if (const auto* lut = op.params_as_Lut8()) bytes += lut->table()->size();
  return bytes;
}

LayerWeights RealWeights(const fb::Model& root, const fb::Tensor& tensor) {
  const fb::Quantization* quantization = tensor.quantization();
  if (!IsConstant(tensor) || tensor.type() != fb::TensorType::Int8 || quantization == nullptr ||
      Count(quantization->scale()) == 0) {
    return {};
  }
  LayerWeights weights;
  weights.scales.assign(quantization->scale()->begin(), quantization->scale()->end());
  // Values that follow each other with one scale.
  std::size_t inner = 1;
  for (std::int32_t d = quantization->axis() + 1; d < Rank(tensor); ++d) {
    inner *= static_cast<std::size_t>(Dim(tensor, d));
  }
  const std::vector<std::int8_t> values = PlainWeights(root, tensor);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scale = weights.scales[i / inner % weights.scales.size()];
    weights.values.push_back(scale * static_cast<float>(values[i]));
  }
  return weights;
}

class IntegerNetwork : public Network {
 public:
  explicit IntegerNetwork(const Model& model) : whole_(WithWholeTensors(model)) {
    const fb::Model& root = *whole_.model().root();
    for (const std::int32_t input : *root.inputs()) AddLayer(input, nullptr);
    for (const fb::Operator* op : *root.operators()) {
      // Its integers mean something only together with the scales that it finds.
      if (op->params_type() == fb::OperatorParams::DynamicQuantize) continue;
      for (const std::int32_t output : *op->outputs()) AddLayer(output, op);
    }
    for (std::int32_t i = 0; i < Count(root.outputs()); ++i) {
      const std::int32_t tensor = At(*root.outputs(), i);
      const std::int32_t view_of = TensorAt(root, tensor).view_of();
      const auto layer = layer_of_.find(view_of < 0 ? tensor : view_of);
      if (layer != layer_of_.end()) layers_[layer->second].output = i;
    }
  }

  [[nodiscard]] const std::vector<NetworkLayer>& layers() const override { return layers_; }
  [[nodiscard]] std::unique_ptr<NetworkRunner> MakeRunner() const override {
    return std::make_unique<IntegerRunner>(whole_.model(), layer_of_);
  }
  [[nodiscard]] LayerWeights Weights(std::size_t index) const override {
    if (!layers_[index].has_weights) return {};
    const fb::Model& root = *whole_.model().root();
    const fb::Operator& op = *operators_[index];
    return RealWeights(root, TensorAt(root, At(*op.inputs(), WeightsInput(op.params_type()))));
  }

 private:
  void AddLayer(std::int32_t tensor, const fb::Operator* op) {
    const TensorInfo info = whole_.model().Tensor(static_cast<std::size_t>(tensor));
    if (!HoldsReals(info)) return;
    layer_of_[tensor] = layers_.size();
    NetworkLayer layer;
    layer.kind = op == nullptr ? "Input" : fb::EnumNameOperatorParams(op->params_type());
    layer.name = op == nullptr ? "" : TextOr(op->name(), "");
    layer.tensor = info.name;
    layer.source_index = TensorAt(*whole_.model().root(), tensor).source_index();
    layer.shape.assign(info.shape, info.shape + info.rank);
    layer.elements = info.bytes / DataTypeBytes(info.type);
    layer.type = info.type;
    layer.scale = info.Scale();
    layer.zero_point = info.zero_point;
    layer.has_weights = op != nullptr && WeightsInput(op->params_type()) >= 0;
    if (op != nullptr) layer.constant_bytes = ConstantBytes(*whole_.model().root(), *op);
    layers_.push_back(std::move(layer));
    operators_.push_back(op);
  }

  const CheckedModel whole_;
  LayerOfTensor layer_of_;
  std::vector<NetworkLayer> layers_;
  std::vector<const fb::Operator*> operators_;  // by layer; null: an input
};

}  // namespace

std::unique_ptr<Network> MakeIntegerNetwork(const Model& model) {
  return std::make_unique<IntegerNetwork>(model);
}

}  // namespace quaver::compiler
