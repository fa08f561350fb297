#include "compiler/compress/compress.h"

#include <map>
#include <utility>

#include "kernels/expand.h"
#include "runtime/ops/compressed_weights.h"
#include "runtime/ops/op_definition.h"

namespace quaver::compiler {
namespace {

bool HasWeights(const fb::OperatorT& op) {
  const OpDefinition* definition = FindOperator(op.params.type);
  return definition != nullptr && definition->has_weights;
}

/// By tensor: whether it is int8 weights of operators and nothing else.
std::vector<bool> OnlyWeights(const fb::ModelT& model) {
  std::vector<bool> weights(model.tensors.size(), false);
  std::vector<bool> other(model.tensors.size(), false);
  for (const auto& op : model.operators) {
    for (std::size_t i = 0; i < op->inputs.size(); ++i) {
      const auto tensor = static_cast<std::size_t>(op->inputs[i]);
      (HasWeights(*op) && i == 1 ? weights : other)[tensor] = true;
    }
  }
  for (const auto& tensor : model.tensors) {
    if (tensor->view_of >= 0) other[static_cast<std::size_t>(tensor->view_of)] = true;
  }
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const fb::TensorT& tensor = *model.tensors[t];
    weights[t] = weights[t] && !other[t] && tensor.view_of < 0 &&
                 tensor.storage == fb::Storage::Constant && tensor.type == fb::TensorType::Int8;
  }
  return weights;
}

/// The buffers of a model's constants, each content once.
class Buffers {
 public:
  std::uint32_t Add(std::vector<std::uint8_t> bytes) {
    const auto [entry, is_new] =
        indices_.emplace(std::move(bytes), static_cast<std::uint32_t>(buffers_.size()));
    if (is_new) {
      buffers_.push_back(std::make_unique<fb::BufferT>());
      buffers_.back()->data = entry->first;
    }
    return entry->second;
  }
  [[nodiscard]] std::vector<std::unique_ptr<fb::BufferT>> Take() { return std::move(buffers_); }

 private:
  std::vector<std::unique_ptr<fb::BufferT>> buffers_;
  std::map<std::vector<std::uint8_t>, std::uint32_t> indices_;
};

}  // namespace

void CompressModel(fb::ModelT* model, fb::Expansion expansion) {
  const std::vector<bool> weights = OnlyWeights(*model);
  Buffers buffers;
  for (std::size_t t = 0; t < weights.size(); ++t) {
    fb::TensorT& tensor = *model->tensors[t];
    if (tensor.storage != fb::Storage::Constant || tensor.view_of >= 0) continue;
    std::vector<std::uint8_t> bytes = model->buffers[tensor.buffer]->data;
    std::optional<CompressedBytes> compressed;
    if (weights[t]) {
      compressed =
          CompressWeights({bytes.begin(), bytes.end()}, static_cast<std::size_t>(tensor.shape[0]));
    }
    if (compressed) {
      tensor.storage = fb::Storage::Compressed;
      tensor.compression = std::make_unique<fb::CompressionT>(std::move(compressed->table));
      tensor.compression->expansion = expansion;
      bytes = std::move(compressed->indexes);
    }
    tensor.buffer = buffers.Add(std::move(bytes));
  }
  model->buffers = buffers.Take();
}

std::vector<std::int8_t> PlainWeights(const fb::Model& model, const fb::Tensor& tensor) {
  std::vector<std::int8_t> weights(TensorBytes(tensor));
  if (IsCompressed(tensor)) {
    kernels::ExpandWeights({ToCompressedWeights(model, tensor), weights.data()});
  } else {
    const std::uint8_t* bytes = BufferData(model, tensor.buffer());
    weights.assign(bytes, bytes + weights.size());
  }
  return weights;
}

std::size_t StoredBytes(const fb::Model& model, const fb::Tensor& tensor) {
  std::size_t bytes = model.buffers()->Get(tensor.buffer())->data()->size();
  if (!IsCompressed(tensor)) return bytes;
  const fb::Compression& table = *tensor.compression();
  for (const std::int32_t count :
       {Count(table.values()), Count(table.present()), Count(table.multipliers())}) {
    bytes += static_cast<std::size_t>(count);
  }
  return bytes;
}

std::int32_t WeightsInput(fb::OperatorParams kind) {
  switch (kind) {
    case fb::OperatorParams::Conv2D:
    case fb::OperatorParams::DepthwiseConv2D:
    case fb::OperatorParams::FullyConnected:
    case fb::OperatorParams::Conv2DInt16:
    case fb::OperatorParams::DepthwiseConv2DInt16:
    case fb::OperatorParams::FullyConnectedInt16:
      return 1;
    case fb::OperatorParams::DynamicFullyConnected:
      return 3;
    default:
      return -1;
  }
}

std::string StorageText(const fb::Model& model, const fb::Tensor& tensor) {
  if (!IsCompressed(tensor)) return "int8";
  const fb::Compression& table = *tensor.compression();
  std::string text = std::to_string(table.bits()) + "-bit";
  if (table.vector() > 1) text += " for " + std::to_string(table.vector()) + " each";
  if (ToCompressedWeights(model, tensor).value_stride > 0) text += ", values by channel";
  if (table.multipliers() != nullptr) {
    text += ", groups of " + std::to_string(table.group_weights());
  }
  if (table.present() != nullptr) {
    const std::uint64_t indexes =
        std::uint64_t{model.buffers()->Get(tensor.buffer())->data()->size()} * 8 / table.bits();
    const std::uint64_t weights = TensorBytes(tensor);
    text += ", " + std::to_string((weights - std::min(indexes, weights)) * 100 / weights) +
            " % zeros left out";
  }
  return text;
}

}  // namespace quaver::compiler
