// The graph under construction, and the view of one ONNX node that its importer gets.
#ifndef QUAVER_COMPILER_IMPORT_ONNX_BUILDER_H_
#define QUAVER_COMPILER_IMPORT_ONNX_BUILDER_H_

#include <map>
#include <string>
#include <vector>

#include "compiler/import/onnx/value.h"
#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"
#include "onnx/onnx.pb.h"

namespace quaver::compiler::onnx_import {

struct Builder {
  std::string source;  ///< Names the file in messages.
  std::int64_t opset = 0;
  Graph graph;
  std::map<std::string, Value> values;
  /// How many nodes and graph outputs read each value.
  std::map<std::string, int> uses;
};

/// Shape of the graph's tensor for ONNX dimensions in an order.
Shape OrderedShape(const Dims& dims, const Order& order);

/// One node: its attributes and inputs, and what it adds to the graph. Every refusal names file,
/// node and operator.
class NodeImporter {
 public:
  NodeImporter(Builder* builder, const onnx::NodeProto& proto);

  [[nodiscard]] const std::string& op() const { return proto_.op_type(); }
  [[nodiscard]] std::int64_t opset() const { return builder_->opset; }
  [[nodiscard]] Graph& graph() { return builder_->graph; }
  /// "what; what to do".
  [[noreturn]] void Fail(const std::string& what) const;

  // --- Attributes ---
  [[nodiscard]] bool HasAttribute(const std::string& name) const;
  [[nodiscard]] std::int64_t Int(const std::string& name, std::int64_t missing) const;
  [[nodiscard]] float Float(const std::string& name, float missing) const;
  [[nodiscard]] std::string String(const std::string& name, const std::string& missing) const;
  [[nodiscard]] std::vector<std::int64_t> Ints(const std::string& name) const;
  [[nodiscard]] Constant TensorAttribute(const std::string& name) const;

  // --- Inputs ---
  [[nodiscard]] std::size_t InputCount() const;
  [[nodiscard]] bool HasInput(std::size_t i) const;
  /// Fails if it is absent.
  [[nodiscard]] const Value& Input(std::size_t i) const;
  /// Fails unless it is a constant of floats; `what` names it, "weights".
  [[nodiscard]] const Constant& FloatConstant(std::size_t i, const std::string& what) const;
  [[nodiscard]] std::vector<std::int64_t> IntConstant(std::size_t i, const std::string& what) const;
  /// Whether this node alone reads input i.
  [[nodiscard]] bool OnlyReader(std::size_t i) const;
  /// An attribute of older operator sets that later became an input: whichever is there.
  [[nodiscard]] std::vector<std::int64_t> IntsOrInput(const std::string& name, std::size_t i) const;
  /// A negative axis counts from the end. Fails if it is out of range.
  [[nodiscard]] std::size_t Axis(std::int64_t axis, std::size_t rank) const;

  // --- Layout ---
  /// The value as a tensor of the graph with its dimensions in `order`; adds a Transpose (or a
  /// Reshape, where only dimensions of 1 move) if it has another. Constants become tensors.
  Value WithOrder(const Value& value, const Order& order);
  /// The value in whatever order it has, but with no flattened image in it.
  Value Plain(const Value& value);
  /// With channels last, for operators on images. A sequence [N, C, L] is an image of height 1.
  /// Fails unless it has 3 or 4 dimensions.
  Value Image(std::size_t i);
  /// Output 0 of an operator on images: a sequence again where input 0 is one.
  void SetImage(const Value& image);
  /// The same elements in another shape, moving none where the order allows it.
  Value Reshaped(const Value& value, const Dims& dims);

  // --- Results ---
  TensorId AddConstant(const std::string& what, const Shape& shape,
                       const std::vector<float>& values);
  /// The weights of a layer with output channels along `axis`. `steps` as Constant has them, may be
  /// empty; fails unless all weights of a channel have one.
  TensorId AddWeights(const Shape& shape, int axis, const std::vector<float>& values,
                      const std::vector<float>& steps);
  /// Adds an operator with one output and returns that.
  Value Add(Attributes attributes, const std::vector<TensorId>& inputs, const Dims& dims,
            const Order& order);
  /// As Add with the dimensions and order of `like`.
  Value AddLike(Attributes attributes, const std::vector<TensorId>& inputs, const Value& like);
  [[nodiscard]] std::size_t OutputCount() const;
  /// Whether output i has a name: optional ones may not.
  [[nodiscard]] bool HasOutput(std::size_t i) const;
  void SetOutput(std::size_t i, Value value);
  /// For operators with several outputs.
  TensorId AddTensor(const Dims& dims, const Order& order);
  void AddNode(Attributes attributes, std::vector<TensorId> inputs, std::vector<TensorId> outputs);

 private:
  const onnx::AttributeProto* Find(const std::string& name,
                                   onnx::AttributeProto::AttributeType type) const;
  Value Unflattened(const Value& value);
  Value ConstantTensor(const Value& value, const Order& order);

  Builder* builder_;
  const onnx::NodeProto& proto_;
  std::string name_;
  int added_ = 0;
};

}  // namespace quaver::compiler::onnx_import

#endif  // QUAVER_COMPILER_IMPORT_ONNX_BUILDER_H_
