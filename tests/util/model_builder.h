// Small models for tests, in memory.
#ifndef QUAVER_TESTS_UTIL_MODEL_BUILDER_H_
#define QUAVER_TESTS_UTIL_MODEL_BUILDER_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quaver/span.h"
#include "quaver/tensor.h"
#include "quaver_generated.h"

namespace quaver::testing {

/// Bytes at a 64-byte boundary, as models and arenas need them; `shift` bytes behind one to test
/// what happens otherwise. Moved, not copied.
class AlignedBytes {
 public:
  explicit AlignedBytes(std::size_t size = 0, std::size_t shift = 0)
      : storage_(size + shift + kAlignment), size_(size), shift_(shift) {}
  AlignedBytes(const void* data, std::size_t size, std::size_t shift = 0)
      : AlignedBytes(size, shift) {
    if (size > 0) std::memcpy(this->data(), data, size);
  }
  AlignedBytes(AlignedBytes&&) = default;
  AlignedBytes& operator=(AlignedBytes&&) = default;

  [[nodiscard]] std::uint8_t* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    return storage_.data() + (kAlignment - address % kAlignment) % kAlignment + shift_;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Span<std::uint8_t> span() { return {data(), size_}; }

 private:
  static constexpr std::size_t kAlignment = 64;
  std::vector<std::uint8_t> storage_;
  std::size_t size_;
  std::size_t shift_;
};

/// Serializes a model, aligned as files are when they are mapped.
inline AlignedBytes Serialize(const fb::ModelT& model) {
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishModelBuffer(builder, fb::Model::Pack(builder, &model));
  return {builder.GetBufferPointer(), builder.GetSize()};
}

/// Puts a model together: tensors in the arena one behind the other, without reuse of memory.
class ModelBuilder {
 public:
  using Shape = std::vector<std::int32_t>;

  ModelBuilder() {
    model_.format_version = 1;
    model_.name = "test model";
    model_.banks.push_back(std::make_unique<fb::MemoryBankT>());
    model_.banks[0]->name = "arena";
  }

  /// Each returns the tensor's index. `name` is for messages.
  std::int32_t Activation(const Shape& shape, const std::string& name = "activation",
                          fb::TensorType type = fb::TensorType::Int8) {
    return InArena(fb::Storage::Activation, shape, name, type);
  }
  std::int32_t State(const Shape& shape, const std::string& name = "state") {
    return InArena(fb::Storage::State, shape, name, fb::TensorType::Int8);
  }
  std::int32_t View(std::int32_t of, const Shape& shape, const std::string& name = "view") {
    const fb::TensorType type = model_.tensors[static_cast<std::size_t>(of)]->type;
    fb::TensorT& tensor = NewTensor(shape, name, type);
    tensor.view_of = of;
    return Last();
  }
  template <typename T>
  std::int32_t Constant(const Shape& shape, const std::vector<T>& values,
                        const std::string& name = "weights",
                        fb::TensorType type = fb::TensorType::Int8) {
    fb::TensorT& tensor = NewTensor(shape, name, type);
    tensor.storage = fb::Storage::Constant;
    tensor.buffer = Buffer(values.data(), values.size() * sizeof(T));
    return Last();
  }
  std::uint32_t Buffer(const void* data, std::size_t size) {
    auto buffer = std::make_unique<fb::BufferT>();
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    buffer->data.assign(bytes, bytes + size);
    model_.buffers.push_back(std::move(buffer));
    return static_cast<std::uint32_t>(model_.buffers.size() - 1);
  }

  std::int32_t Input(const Shape& shape, const std::string& name = "input",
                     fb::TensorType type = fb::TensorType::Int8) {
    model_.inputs.push_back(Activation(shape, name, type));
    return Last();
  }
  ModelBuilder& Output(std::int32_t tensor) {
    model_.outputs.push_back(tensor);
    return *this;
  }

  /// `Params` is the object of `type`: Pool2DT for AveragePool2D, ...
  template <typename Params>
  ModelBuilder& Operator(fb::OperatorParams type, const std::vector<std::int32_t>& inputs,
                         const std::vector<std::int32_t>& outputs, Params params,
                         const std::string& name = "operator") {
    auto op = std::make_unique<fb::OperatorT>();
    op->params.type = type;
    op->params.value = new Params(std::move(params));  // the union's destructor deletes it
    op->inputs = inputs;
    op->outputs = outputs;
    op->name = name;
    model_.operators.push_back(std::move(op));
    return *this;
  }

  [[nodiscard]] fb::ModelT& model() { return model_; }
  [[nodiscard]] const fb::ModelT& model() const { return model_; }
  [[nodiscard]] AlignedBytes Build() const { return Serialize(model_); }

 private:
  std::int32_t Last() const { return static_cast<std::int32_t>(model_.tensors.size()) - 1; }

  fb::TensorT& NewTensor(const Shape& shape, const std::string& name, fb::TensorType type) {
    auto tensor = std::make_unique<fb::TensorT>();
    tensor->name = name;
    tensor->type = type;
    tensor->shape = shape;
    model_.tensors.push_back(std::move(tensor));
    return *model_.tensors.back();
  }

  std::int32_t InArena(fb::Storage storage, const Shape& shape, const std::string& name,
                       fb::TensorType type) {
    fb::TensorT& tensor = NewTensor(shape, name, type);
    tensor.storage = storage;
    tensor.arena_offset = model_.banks[0]->bytes;
    std::size_t bytes = DataTypeBytes(static_cast<DataType>(type));
    for (const std::int32_t dim : shape) bytes *= static_cast<std::size_t>(dim);
    model_.banks[0]->bytes += static_cast<std::uint32_t>((bytes + 15) / 16 * 16);
    return Last();
  }

  fb::ModelT model_;
};

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UTIL_MODEL_BUILDER_H_
