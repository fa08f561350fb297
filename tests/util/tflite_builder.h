// Small .tflite files for tests.
#ifndef QUAVER_TESTS_UTIL_TFLITE_BUILDER_H_
#define QUAVER_TESTS_UTIL_TFLITE_BUILDER_H_

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tflite_generated.h"

namespace quaver::tflite {

class TfliteBuilder {
 public:
  using Indices = std::vector<std::int32_t>;

  TfliteBuilder() {
    model.version = 3;
    model.subgraphs.push_back(std::make_unique<SubGraphT>());
    model.buffers.push_back(std::make_unique<BufferT>());
  }

  SubGraphT& subgraph() { return *model.subgraphs[0]; }
  TensorT& tensor(std::int32_t index) {
    return *subgraph().tensors[static_cast<std::size_t>(index)];
  }

  /// An activation; quantized where `scale` is not 0.
  std::int32_t Tensor(TensorType type, Indices shape, float scale = 0,
                      std::int64_t zero_point = 0) {
    auto tensor = std::make_unique<TensorT>();
    tensor->type = type;
    tensor->shape = std::move(shape);
    tensor->name = "t" + std::to_string(subgraph().tensors.size());
    if (scale != 0) {
      tensor->quantization = std::make_unique<QuantizationParametersT>();
      tensor->quantization->scale = {scale};
      tensor->quantization->zero_point = {zero_point};
    }
    subgraph().tensors.push_back(std::move(tensor));
    return static_cast<std::int32_t>(subgraph().tensors.size() - 1);
  }
  std::int32_t Int8(Indices shape) { return Tensor(TensorType::INT8, std::move(shape), 0.5F, 3); }
  std::int32_t Float(Indices shape) { return Tensor(TensorType::FLOAT32, std::move(shape)); }

  template <typename T>
  std::int32_t Constant(TensorType type, Indices shape, const std::vector<T>& values,
                        float scale = 0, std::int64_t zero_point = 0) {
    const std::int32_t index = Tensor(type, std::move(shape), scale, zero_point);
    auto buffer = std::make_unique<BufferT>();
    buffer->data.resize(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(buffer->data.data(), values.data(), buffer->data.size());
    tensor(index).buffer = static_cast<std::uint32_t>(model.buffers.size());
    model.buffers.push_back(std::move(buffer));
    return index;
  }
  std::int32_t Ints(const Indices& values) {
    return Constant(TensorType::INT32, {static_cast<std::int32_t>(values.size())}, values);
  }

  OperatorT& Op(BuiltinOperator code, Indices inputs, Indices outputs) {
    auto entry = std::make_unique<OperatorCodeT>();
    entry->builtin_code = code;
    entry->deprecated_builtin_code =
        static_cast<std::int8_t>(code < BuiltinOperator::PLACEHOLDER_FOR_GREATER_OP_CODES
                                     ? code
                                     : BuiltinOperator::PLACEHOLDER_FOR_GREATER_OP_CODES);
    model.operator_codes.push_back(std::move(entry));
    auto op = std::make_unique<OperatorT>();
    op->opcode_index = static_cast<std::uint32_t>(model.operator_codes.size() - 1);
    op->inputs = std::move(inputs);
    op->outputs = std::move(outputs);
    subgraph().operators.push_back(std::move(op));
    return *subgraph().operators.back();
  }
  template <typename Options>
  OperatorT& Op(BuiltinOperator code, Indices inputs, Indices outputs, Options options) {
    OperatorT& op = Op(code, std::move(inputs), std::move(outputs));
    op.builtin_options.Set(std::move(options));
    return op;
  }

  std::vector<std::uint8_t> Finish(Indices inputs, Indices outputs) {
    subgraph().inputs = std::move(inputs);
    subgraph().outputs = std::move(outputs);
    return Bytes();
  }
  [[nodiscard]] std::vector<std::uint8_t> Bytes() const {
    flatbuffers::FlatBufferBuilder builder;
    FinishModelBuffer(builder, CreateModel(builder, &model));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }

  ModelT model;
};

}  // namespace quaver::tflite

#endif  // QUAVER_TESTS_UTIL_TFLITE_BUILDER_H_
