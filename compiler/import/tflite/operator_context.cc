#include <cstring>

#include "compiler/import/tflite/importer.h"
#include "compiler/ir/error.h"

namespace quaver::compiler::tflite {
namespace {

std::size_t SizeOf(const flatbuffers::Vector<std::int32_t>* ids) {
  return ids == nullptr ? 0 : ids->size();
}

std::int32_t At(const flatbuffers::Vector<std::int32_t>* ids, std::size_t i) {
  return ids->Get(static_cast<flatbuffers::uoffset_t>(i));
}

template <typename T>
std::vector<std::int64_t> Widen(Span<const std::uint8_t> data) {
  std::vector<std::int64_t> values;
  for (std::size_t offset = 0; offset < data.size(); offset += sizeof(T)) {
    T value;
    std::memcpy(&value, data.data() + offset, sizeof(T));
    values.push_back(value);
  }
  return values;
}

}  // namespace

void OperatorContext::Fail(const std::string& what) const {
  throw Error("operator " + index_ + " " + kind_ + ": " + what);
}

std::size_t OperatorContext::InputCount() const { return SizeOf(source_.inputs()); }
std::size_t OperatorContext::OutputCount() const { return SizeOf(source_.outputs()); }

void OperatorContext::Expect(std::size_t least, std::size_t most) const {
  if (InputCount() < least || InputCount() > most) {
    Fail("has " + std::to_string(InputCount()) + " inputs: expected " +
         (InputCount() < least ? "at least " + std::to_string(least)
                               : "at most " + std::to_string(most)));
  }
  if (OutputCount() != 1) {
    Fail("has " + std::to_string(OutputCount()) + " outputs: expected 1");
  }
}

bool OperatorContext::HasInput(std::size_t i) const {
  return i < InputCount() && At(source_.inputs(), i) != -1;
}

TensorId OperatorContext::Input(std::size_t i) const {
  if (!HasInput(i)) Fail("input " + std::to_string(i) + " is absent");
  return tensors_.Import(At(source_.inputs(), i));
}

TensorId OperatorContext::OptionalInput(std::size_t i) const {
  return HasInput(i) ? Input(i) : kNoTensor;
}

TensorId OperatorContext::Output(std::size_t i) const {
  return tensors_.Import(At(source_.outputs(), i));
}

std::string OperatorContext::Named(std::size_t input) const {
  return tensors_.Named(At(source_.inputs(), input));
}

std::vector<std::int64_t> OperatorContext::Ints(std::size_t input) const {
  if (!HasInput(input)) Fail("input " + std::to_string(input) + " is absent");
  const std::int32_t index = At(source_.inputs(), input);
  const fbs::Tensor& tensor = tensors_.Source(index);
  const Span<const std::uint8_t> data = tensors_.ConstantData(index);
  const bool wide = tensor.type() == fbs::TensorType::INT64;
  if (!wide && tensor.type() != fbs::TensorType::INT32) {
    Fail(Named(input) + ": expected int32 or int64");
  }
  const std::size_t width = wide ? sizeof(std::int64_t) : sizeof(std::int32_t);
  std::size_t elements = 1;
  if (tensor.shape() != nullptr) {
    for (std::int32_t dimension : *tensor.shape()) {
      // A parameter has at most a few values per dimension of a tensor.
      if (dimension < 0 || dimension > 4 * kMaxRank) {
        Fail(Named(input) + " has a dimension of " + std::to_string(dimension) +
             ": expected at most " + std::to_string(4 * kMaxRank));
      }
      elements *= static_cast<std::size_t>(dimension);
    }
  }
  if (data.size() != elements * width) {
    Fail(data.empty() ? Named(input) +
                            " is computed at run time: expected a constant; convert "
                            "the model again with a fixed input shape"
                      : Named(input) + " has " + std::to_string(data.size()) +
                            " bytes of data, its shape needs " + std::to_string(elements * width));
  }
  return wide ? Widen<std::int64_t>(data) : Widen<std::int32_t>(data);
}

std::vector<std::int64_t> OperatorContext::Ints(std::size_t input, std::size_t count) const {
  std::vector<std::int64_t> values = Ints(input);
  if (values.size() != count) {
    Fail(Named(input) + " has " + std::to_string(values.size()) + " values: expected " +
         std::to_string(count));
  }
  return values;
}

std::int32_t OperatorContext::Axis(std::int64_t axis, std::size_t rank) const {
  const auto dimensions = static_cast<std::int64_t>(rank);
  if (axis < -dimensions || axis >= dimensions) {
    Fail("axis " + std::to_string(axis) + " of a tensor of " + std::to_string(rank) +
         " dimensions");
  }
  return static_cast<std::int32_t>(axis < 0 ? axis + dimensions : axis);
}

Activation OperatorContext::Fused(fbs::ActivationFunctionType function) const {
  switch (function) {
    case fbs::ActivationFunctionType::NONE:
      return Activation::kNone;
    case fbs::ActivationFunctionType::RELU:
      return Activation::kRelu;
    case fbs::ActivationFunctionType::RELU_N1_TO_1:
      return Activation::kReluN1To1;
    case fbs::ActivationFunctionType::RELU6:
      return Activation::kRelu6;
    default:
      break;
  }
  const std::string found = fbs::EnumNameActivationFunctionType(function);
  Fail("fused activation " + (found.empty() ? std::to_string(static_cast<int>(function)) : found) +
       " is not supported: expected NONE, RELU, RELU_N1_TO_1 or RELU6; put the function into an "
       "operator of its own");
}

void OperatorContext::Emit(Attributes attributes, std::vector<TensorId> inputs,
                           std::vector<TensorId> outputs) {
  Node node;
  node.name = graph_.tensor(outputs[0]).name;
  if (node.name.empty()) node.name = kind_ + "#" + index_;
  node.attributes = std::move(attributes);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  graph_.nodes.push_back(std::move(node));
}

TensorId OperatorContext::Temporary(TensorId like, Shape shape, const std::string& suffix) {
  Tensor tensor;
  tensor.name = graph_.tensor(Output()).name + suffix;
  tensor.type = graph_.tensor(like).type;
  tensor.shape = std::move(shape);
  tensor.quantization = graph_.tensor(like).quantization;
  return graph_.AddTensor(std::move(tensor));
}

TensorId OperatorContext::Reshaped(TensorId id, const Shape& shape) {
  if (graph_.tensor(id).shape == shape) return id;
  const TensorId reshaped = Temporary(id, shape, "/reshaped");
  Emit(ReshapeOp{}, {id}, {reshaped});
  return reshaped;
}

void OperatorContext::SetConstantOutput(Bytes data) {
  graph_.tensor(Output()).data = std::move(data);
}

}  // namespace quaver::compiler::tflite
