#include "compiler/import/onnx/builder.h"

#include <algorithm>
#include <utility>

#include "compiler/import/qdq/resolve.h"
#include "compiler/ir/error.h"

namespace quaver::compiler::onnx_import {

Shape OrderedShape(const Dims& dims, const Order& order) {
  Shape shape;
  for (std::int32_t d : order) {
    shape.push_back(static_cast<std::int32_t>(dims[static_cast<std::size_t>(d)]));
  }
  return shape;
}

NodeImporter::NodeImporter(Builder* builder, const onnx::NodeProto& proto)
    : builder_(builder), proto_(proto), name_(proto.name()) {
  if (name_.empty()) name_ = proto.output_size() > 0 ? proto.output(0) : "unnamed";
}

void NodeImporter::Fail(const std::string& what) const {
  throw Error(builder_->source + ": node '" + name_ + "' (" + op() + "): " + what);
}

// --- Attributes --------------------------------------------------------------------------------

const onnx::AttributeProto* NodeImporter::Find(const std::string& name,
                                               onnx::AttributeProto::AttributeType type) const {
  for (const onnx::AttributeProto& attribute : proto_.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.type() != type) {
      Fail("attribute '" + name + "' has type " + std::to_string(attribute.type()) + ", expected " +
           std::to_string(type) +
           " (onnx.AttributeProto.AttributeType); check the model with onnx.checker");
    }
    return &attribute;
  }
  return nullptr;
}

bool NodeImporter::HasAttribute(const std::string& name) const {
  return std::any_of(proto_.attribute().begin(), proto_.attribute().end(),
                     [&](const onnx::AttributeProto& a) { return a.name() == name; });
}

std::int64_t NodeImporter::Int(const std::string& name, std::int64_t missing) const {
  const auto* attribute = Find(name, onnx::AttributeProto::INT);
  return attribute != nullptr ? attribute->i() : missing;
}

float NodeImporter::Float(const std::string& name, float missing) const {
  const auto* attribute = Find(name, onnx::AttributeProto::FLOAT);
  return attribute != nullptr ? attribute->f() : missing;
}

std::string NodeImporter::String(const std::string& name, const std::string& missing) const {
  const auto* attribute = Find(name, onnx::AttributeProto::STRING);
  return attribute != nullptr ? attribute->s() : missing;
}

std::vector<std::int64_t> NodeImporter::Ints(const std::string& name) const {
  const auto* attribute = Find(name, onnx::AttributeProto::INTS);
  if (attribute == nullptr) return {};
  return {attribute->ints().begin(), attribute->ints().end()};
}

Constant NodeImporter::TensorAttribute(const std::string& name) const {
  const auto* attribute = Find(name, onnx::AttributeProto::TENSOR);
  if (attribute == nullptr) Fail("attribute '" + name + "' is missing");
  return DecodeTensor(attribute->t(), builder_->source + ": node '" + name_ + "' (" + op() +
                                          "): attribute '" + name + "'");
}

// --- Inputs ------------------------------------------------------------------------------------

std::size_t NodeImporter::InputCount() const {
  return static_cast<std::size_t>(proto_.input_size());
}

bool NodeImporter::HasInput(std::size_t i) const {
  return i < InputCount() && !proto_.input(static_cast<int>(i)).empty();
}

const Value& NodeImporter::Input(std::size_t i) const {
  if (!HasInput(i)) {
    Fail("input " + std::to_string(i) + " is missing; check the model with onnx.checker");
  }
  const std::string& name = proto_.input(static_cast<int>(i));
  const auto found = builder_->values.find(name);
  if (found == builder_->values.end()) {
    Fail("input " + std::to_string(i) + " '" + name +
         "' is neither an initializer, a graph input nor the output of an earlier node; check the "
         "model with onnx.checker");
  }
  return found->second;
}

const Constant& NodeImporter::FloatConstant(std::size_t i, const std::string& what) const {
  const Value& value = Input(i);
  if (value.constant == nullptr) {
    Fail(what + " (input " + std::to_string(i) + " '" + proto_.input(static_cast<int>(i)) +
         "') is computed by the graph, expected an initializer; fold constants when exporting "
         "(do_constant_folding=True, or onnxsim)");
  }
  if (value.constant->integer) {
    Fail(what + " (input " + std::to_string(i) + " '" + proto_.input(static_cast<int>(i)) +
         "') has integers, expected float32; export the float model");
  }
  return *value.constant;
}

std::vector<std::int64_t> NodeImporter::IntConstant(std::size_t i, const std::string& what) const {
  const Value& value = Input(i);
  if (value.constant == nullptr || !value.constant->integer) {
    Fail(what + " (input " + std::to_string(i) + " '" + proto_.input(static_cast<int>(i)) +
         "') is not a constant of integers; export with fixed shapes and constant folding "
         "(onnxsim does both)");
  }
  return value.constant->ints;
}

bool NodeImporter::OnlyReader(std::size_t i) const {
  return builder_->uses.at(proto_.input(static_cast<int>(i))) == 1;
}

std::vector<std::int64_t> NodeImporter::IntsOrInput(const std::string& name, std::size_t i) const {
  return HasInput(i) ? IntConstant(i, name) : Ints(name);
}

std::size_t NodeImporter::Axis(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) {
    Fail("axis " + std::to_string(axis) + " does not exist, expected " + std::to_string(-count) +
         " to " + std::to_string(count - 1) + "; check the model with onnx.checker");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

// --- Results -----------------------------------------------------------------------------------

TensorId NodeImporter::AddTensor(const Dims& dims, const Order& order) {
  if (ElementCount(dims) < 1 || dims.size() > static_cast<std::size_t>(kMaxRank)) {
    Fail("a result has shape " + DimsString(dims) + ", expected at most " +
         std::to_string(kMaxRank) +
         " dimensions, each at least 1, and fewer than 2^31 elements; "
         "check the input's shape");
  }
  Tensor tensor;
  tensor.name = name_ + (added_ > 0 ? "/" + std::to_string(added_) : "");
  tensor.shape = OrderedShape(dims, order);
  return graph().AddTensor(std::move(tensor));
}

TensorId NodeImporter::AddConstant(const std::string& what, const Shape& shape,
                                   const std::vector<float>& values) {
  Tensor tensor;
  tensor.name = name_ + "/" + what;
  tensor.shape = shape;
  tensor.data = MakeBytes(values);
  return graph().AddTensor(std::move(tensor));
}

TensorId NodeImporter::AddWeights(const Shape& shape, int axis, const std::vector<float>& values,
                                  const std::vector<float>& steps) {
  const TensorId id = AddConstant("weights", shape, values);
  if (steps.empty()) return id;
  const auto channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
  const std::size_t inner = steps.size() / channels;
  Quantization grid{std::vector<float>(channels), std::vector<std::int32_t>(channels, 0), axis};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t channel = axis == 0 ? i / inner : i % channels;
    if (grid.scale[channel] == 0) grid.scale[channel] = steps[i];
    if (grid.scale[channel] != steps[i]) {
      Fail(
          "the weights have several scales in one output channel; quantize them per tensor, or "
          "along the axis of the output channels");
    }
  }
  graph().tensor(id).quantization = std::move(grid);
  return id;
}

void NodeImporter::AddNode(Attributes attributes, std::vector<TensorId> inputs,
                           std::vector<TensorId> outputs) {
  // Between QuantizeLinear and DequantizeLinear: integers that are only moved.
  const Tensor& input = graph().tensor(inputs[0]);
  if (!input.constant() && !input.quantization.empty() && SelectsValues(attributes)) {
    for (TensorId id : outputs) {
      graph().tensor(id).type = input.type;
      graph().tensor(id).quantization = input.quantization;
    }
  }
  Node node;
  node.name = name_ + (added_ > 0 ? "/" + std::to_string(added_) : "");
  node.attributes = std::move(attributes);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  graph().nodes.push_back(std::move(node));
  ++added_;
}

Value NodeImporter::Add(Attributes attributes, const std::vector<TensorId>& inputs,
                        const Dims& dims, const Order& order) {
  Value value;
  value.dims = dims;
  value.order = order;
  value.tensor = AddTensor(dims, order);
  AddNode(std::move(attributes), inputs, {value.tensor});
  return value;
}

Value NodeImporter::AddLike(Attributes attributes, const std::vector<TensorId>& inputs,
                            const Value& like) {
  Value value = Add(std::move(attributes), inputs, like.dims, like.order);
  value.flattened = like.flattened;
  return value;
}

std::size_t NodeImporter::OutputCount() const {
  return static_cast<std::size_t>(proto_.output_size());
}

bool NodeImporter::HasOutput(std::size_t i) const {
  return i < OutputCount() && !proto_.output(static_cast<int>(i)).empty();
}

void NodeImporter::SetOutput(std::size_t i, Value value) {
  if (!HasOutput(i)) return;
  const std::string& name = proto_.output(static_cast<int>(i));
  if (!builder_->values.emplace(name, std::move(value)).second) {
    Fail("output '" + name + "' is written twice; check the model with onnx.checker");
  }
}

}  // namespace quaver::compiler::onnx_import
