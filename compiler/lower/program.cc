#include "compiler/lower/program.h"

#include <algorithm>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "compiler/lower/movement.h"

namespace quaver::compiler {
namespace {

static_assert(static_cast<int>(fb::TensorType::Int8) == static_cast<int>(DataType::kInt8) &&
                  static_cast<int>(fb::TensorType::Bool) == static_cast<int>(DataType::kBool),
              "the file's types are the runtime's, in the same order");

std::unique_ptr<fb::QuantizationT> ToFile(const Quantization& quantization) {
  if (quantization.empty()) return nullptr;
  auto result = std::make_unique<fb::QuantizationT>();
  result->scale = quantization.scale;
  result->zero_point = quantization.zero_point;
  result->zero_point.resize(result->scale.size(), 0);
  result->axis = quantization.axis;
  return result;
}

}  // namespace

Program::Program(const Graph& graph) : graph_(graph), placed_(graph.tensors.size(), -1) {
  model_.name = graph.name;
  model_.labels = graph.labels;
  for (TensorId id : graph.inputs) model_.inputs.push_back(Place(id));
}

std::int32_t Program::AddTensor(const Tensor& tensor) {
  auto result = std::make_unique<fb::TensorT>();
  result->name = tensor.name;
  result->type = static_cast<fb::TensorType>(tensor.type);
  result->shape = tensor.shape;
  result->quantization = ToFile(tensor.quantization);
  result->source_index = tensor.source_index;
  model_.tensors.push_back(std::move(result));
  return static_cast<std::int32_t>(model_.tensors.size()) - 1;
}

std::uint32_t Program::AddBuffer(const std::vector<std::uint8_t>& bytes) {
  const auto next = static_cast<std::uint32_t>(model_.buffers.size());
  const auto [entry, is_new] = buffers_.emplace(bytes, next);
  if (is_new) {
    auto buffer = std::make_unique<fb::BufferT>();
    buffer->data = bytes;
    model_.buffers.push_back(std::move(buffer));
  }
  return entry->second;
}

std::int32_t Program::Place(TensorId id) {
  std::int32_t& index = placed_[static_cast<std::size_t>(id)];
  if (index >= 0) return index;
  const Tensor& tensor = graph_.tensor(id);
  index = AddTensor(tensor);
  if (tensor.constant()) {
    fb::TensorT& placed = *model_.tensors[static_cast<std::size_t>(index)];
    placed.storage = fb::Storage::Constant;
    placed.buffer = AddBuffer(*tensor.data);
  }
  return index;
}

std::int32_t Program::AddTemporary(const Tensor& like) {
  Tensor tensor = like;
  tensor.data = nullptr;
  tensor.source_index = -1;
  return AddTensor(tensor);
}

void Program::PlaceAsView(TensorId id, std::int32_t source) {
  const std::int32_t index = AddTensor(graph_.tensor(id));
  placed_[static_cast<std::size_t>(id)] = index;
  fb::TensorT& view = *model_.tensors[static_cast<std::size_t>(index)];
  const fb::TensorT& target = *model_.tensors[static_cast<std::size_t>(source)];
  view.storage = target.storage;
  if (target.storage == fb::Storage::Constant) {
    view.buffer = target.buffer;
  } else {
    view.view_of = target.view_of >= 0 ? target.view_of : source;
  }
}

std::int32_t Program::CopyOf(const Tensor& tensor, std::int32_t source) {
  Node node;
  node.name = "copy to output '" + tensor.name + "'";
  node.attributes = ReshapeOp{};
  const std::int32_t target = AddTensor(tensor);
  AppendCopy(node, {ContiguousCopy(tensor)}, std::nullopt, {source}, target, this);
  return target;
}

std::int32_t Program::PlaceOutput(TensorId id) {
  const std::int32_t index = Place(id);
  const fb::TensorT& placed = *model_.tensors[static_cast<std::size_t>(index)];
  const auto root = [this](std::int32_t i) {
    const std::int32_t view_of = model_.tensors[static_cast<std::size_t>(i)]->view_of;
    return view_of >= 0 ? view_of : i;
  };
  const auto shares = [&](const std::vector<std::int32_t>& others) {
    return std::any_of(others.begin(), others.end(),
                       [&](std::int32_t other) { return root(other) == root(index); });
  };
  // Inputs may be overwritten while running, constants lie in read-only memory, and a caller may
  // change what it has got as an output.
  if (placed.storage != fb::Storage::Constant && !shares(model_.inputs) &&
      !shares(model_.outputs)) {
    return index;
  }
  return CopyOf(graph_.tensor(id), index);
}

fb::ModelT Program::Finish() {
  for (TensorId id : graph_.outputs) model_.outputs.push_back(PlaceOutput(id));
  for (const auto& [key, value] : graph_.metadata) {
    auto entry = std::make_unique<fb::KeyValueT>();
    entry->key = key;
    entry->value = value;
    model_.metadata.push_back(std::move(entry));
  }
  return std::move(model_);
}

void Refuse(const Node& node, const std::string& what) {
  throw Error(NodeString(node) + ": " + what);
}

void Refuse(const Node& node, const Tensor& tensor, const std::string& what) {
  throw Error(NodeString(node) + ", tensor '" + tensor.name + "': " + what);
}

}  // namespace quaver::compiler
