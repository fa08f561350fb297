#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/ir/error.h"
#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

struct Range {
  std::int32_t low, high;
};

/// Of the integer types that activations have; false for the others.
bool QuantizedRange(DataType type, Range* range) {
  switch (type) {
    case DataType::kInt8:
      *range = {-128, 127};
      return true;
    case DataType::kUInt8:
      *range = {0, 255};
      return true;
    case DataType::kInt16:
      *range = {-32768, 32767};
      return true;
    default:
      return false;
  }
}

std::int32_t ChannelsOf(const Tensor& tensor) {
  const auto axis = static_cast<std::size_t>(tensor.quantization.axis);
  return tensor.quantization.axis >= 0 && axis < tensor.shape.size() ? tensor.shape[axis] : 0;
}

void CheckQuantization(const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  const Quantization& quantization = tensor.quantization;
  const auto fail = [&](const std::string& what) {
    throw Error(TensorString(graph, id) + ": " + what);
  };
  if (quantization.scale.size() != quantization.zero_point.size()) {
    fail(std::to_string(quantization.scale.size()) + " scales, " +
         std::to_string(quantization.zero_point.size()) + " zero points");
  }
  if (quantization.per_channel() &&
      static_cast<std::size_t>(ChannelsOf(tensor)) != quantization.scale.size()) {
    fail(std::to_string(quantization.scale.size()) + " scales do not fit dimension " +
         std::to_string(quantization.axis) + ": expected 1, or one per index of it");
  }
  for (float scale : quantization.scale) {
    if (!std::isfinite(scale) || scale <= 0) {
      fail("scale " + std::to_string(scale) + ": expected a finite number above 0");
    }
  }
  Range range{};
  if (!QuantizedRange(tensor.type, &range)) return;
  for (std::int32_t zero_point : quantization.zero_point) {
    if (zero_point < range.low || zero_point > range.high) {
      fail("zero point " + std::to_string(zero_point) + " is outside the type");
    }
  }
}

void CheckTensor(const Graph& graph, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  if (CheckedElements(tensor.shape) < 0) {
    throw Error(TensorString(graph, id) + ": expected at most " + std::to_string(kMaxRank) +
                " dimensions, each at least 1, and fewer than 2^31 elements");
  }
  if (tensor.constant() && static_cast<std::int64_t>(tensor.data->size()) != tensor.bytes()) {
    throw Error(TensorString(graph, id) + ": constant of " + std::to_string(tensor.data->size()) +
                " bytes, expected " + std::to_string(tensor.bytes()));
  }
  CheckQuantization(graph, id);
}

/// Types and quantization of one node's tensors; shapes are known to fit.
class TypeVisitor {
 public:
  TypeVisitor(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  void operator()(const Conv2DOp&) const { Layer(0); }
  void operator()(const DepthwiseConv2DOp&) const { Layer(3); }
  void operator()(const FullyConnectedOp&) const {
    const TensorId bias = node_.inputs.size() > 2 ? node_.inputs[2] : kNoTensor;
    const bool dynamic = Input().type == DataType::kFloat32 &&
                         graph_.tensor(node_.inputs[1]).type == DataType::kInt8;
    if (!dynamic) return Layer(0);
    // Float activations on int8 weights: quantized while the network runs.
    Result();
    Weights(0);
    if (bias != kNoTensor) Float(bias);
  }
  void operator()(const BinaryOp&) const {
    Arithmetic(node_.inputs[0]);
    Arithmetic(node_.inputs[1]);
    SameKind(node_.inputs[1]);
    Result();
  }
  void operator()(const Pool2DOp& op) const {
    Result();
    if (op.kind == PoolKind::kMax && op.activation == Activation::kNone) Moved();
  }
  void operator()(const UnaryOp&) const { Result(); }
  void operator()(const SoftmaxOp&) const { Result(); }
  void operator()(const ReduceOp&) const { Result(); }
  void operator()(const ResizeOp&) const { Moved(); }

  /// An int32 with a scale, as 16x8 models may have, becomes an activation.
  void operator()(const QuantizeOp&) const {
    if (Input().type != DataType::kInt32 || Input().quantization.scale.size() != 1) {
      Arithmetic(node_.inputs[0]);
    }
    if (Output().type == DataType::kFloat32) FailTensor(node_.outputs[0], "expected an integer");
    Arithmetic(node_.outputs[0]);
  }
  void operator()(const DequantizeOp&) const {
    if (Input().type == DataType::kFloat32) FailTensor(node_.inputs[0], "expected an integer");
    Arithmetic(node_.inputs[0]);
    if (Output().type != DataType::kFloat32) FailTensor(node_.outputs[0], "expected float32");
  }
  void operator()(const ArgMaxOp&) const {
    if (Output().type != DataType::kInt32 && Output().type != DataType::kInt64) {
      FailTensor(node_.outputs[0], "expected int32 or int64");
    }
  }
  void operator()(const BatchNormOp&) const {
    for (TensorId id : node_.inputs) Float(id);
    Float(node_.outputs[0]);
  }

  void operator()(const ReshapeOp&) const { Moved(); }
  void operator()(const TransposeOp&) const { Moved(); }
  void operator()(const PadOp&) const { Moved(); }
  /// Every part is brought to the output's scale, so scales may differ; types may not.
  void operator()(const ConcatOp&) const {
    if (Input().quantization.empty()) return Moved();
    for (TensorId id : node_.inputs) OfType(id, Output().type);
    Arithmetic(node_.outputs[0]);
  }
  void operator()(const SplitOp&) const { Moved(); }
  void operator()(const StridedSliceOp&) const { Moved(); }
  void operator()(const SpaceToDepthOp&) const { Moved(); }
  void operator()(const DepthToSpaceOp&) const { Moved(); }

 private:
  [[noreturn]] void FailTensor(TensorId id, const std::string& what) const {
    throw Error(NodeString(node_) + ": " + TensorString(graph_, id) + ": " + what);
  }
  const Tensor& Input() const { return graph_.tensor(node_.inputs[0]); }
  const Tensor& Output() const { return graph_.tensor(node_.outputs[0]); }

  void Float(TensorId id) const {
    if (graph_.tensor(id).type != DataType::kFloat32) FailTensor(id, "expected float32");
  }

  /// float32, or an integer with one scale and zero point.
  void Arithmetic(TensorId id) const {
    const Tensor& tensor = graph_.tensor(id);
    Range range{};
    if (tensor.type == DataType::kFloat32) return;
    if (!QuantizedRange(tensor.type, &range)) {
      FailTensor(id, "expected float32, int8, uint8 or int16");
    }
    if (tensor.quantization.scale.size() != 1) {
      FailTensor(id, tensor.quantization.empty()
                         ? "has no quantization: expected one scale and zero point"
                         : "is quantized per channel: an activation has one scale");
    }
  }

  /// Float goes with float and integers with integers.
  void SameKind(TensorId id) const {
    const bool is_float = graph_.tensor(id).type == DataType::kFloat32;
    if (is_float != (Input().type == DataType::kFloat32)) {
      FailTensor(id, std::string("does not go with ") + DataTypeName(Input().type) + " input 0");
    }
  }

  void OfType(TensorId id, DataType type) const {
    Arithmetic(id);
    if (graph_.tensor(id).type != type) {
      FailTensor(id, std::string("expected ") + DataTypeName(type) + " as the output is");
    }
  }

  void Result() const {
    Arithmetic(node_.inputs[0]);
    Arithmetic(node_.outputs[0]);
    SameKind(node_.outputs[0]);
  }

  /// The same bytes elsewhere: they must mean the same.
  void Moved() const {
    const Tensor& first = Input();
    const auto check = [&](TensorId id) {
      if (!SameQuantization(first, graph_.tensor(id))) {
        FailTensor(id, "type and quantization must be those of " +
                           TensorString(graph_, node_.inputs[0]) +
                           ", since the values are only moved; requantize first");
      }
    };
    for (TensorId id : node_.inputs) check(id);
    for (TensorId id : node_.outputs) check(id);
  }

  /// Of a float layer everything is float; of an integer one the weights are int8, symmetric,
  /// per tensor or per output channel (dimension `axis`), and the bias is int32 (int64 for int16).
  void Layer(int axis) const {
    Result();
    const TensorId bias = node_.inputs.size() > 2 ? node_.inputs[2] : kNoTensor;
    if (Input().type == DataType::kFloat32) {
      Float(node_.inputs[1]);
      if (bias != kNoTensor) Float(bias);
      return;
    }
    Weights(axis);
    const DataType expected =
        Input().type == DataType::kInt16 ? DataType::kInt64 : DataType::kInt32;
    if (bias != kNoTensor && graph_.tensor(bias).type != expected) {
      FailTensor(bias, std::string("bias: expected ") + DataTypeName(expected));
    }
  }

  void Weights(int axis) const {
    const TensorId id = node_.inputs[1];
    const Tensor& weights = graph_.tensor(id);
    if (weights.type != DataType::kInt8 || weights.quantization.empty()) {
      FailTensor(id, "weights: expected int8 with a scale");
    }
    if (weights.quantization.per_channel() && weights.quantization.axis != axis) {
      FailTensor(id, "weights are quantized along dimension " +
                         std::to_string(weights.quantization.axis) + ": expected " +
                         std::to_string(axis) + ", the output channels");
    }
    for (std::int32_t zero_point : weights.quantization.zero_point) {
      if (zero_point != 0) FailTensor(id, "weights: expected zero point 0");
    }
  }

  const Graph& graph_;
  const Node& node_;
};

class Validator {
 public:
  explicit Validator(const Graph& graph) : graph_(graph), written_(graph.tensors.size(), false) {}

  void Run() {
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      CheckTensor(graph_, static_cast<TensorId>(i));
      written_[i] = graph_.tensors[i].constant();
    }
    for (TensorId id : graph_.inputs) Write(id, "graph input");
    for (const Node& node : graph_.nodes) CheckNode(node);
    if (graph_.outputs.empty()) throw Error("the graph has no outputs");
    for (TensorId id : graph_.outputs) Read(id, "graph output");
  }

 private:
  void CheckId(TensorId id, const std::string& where) const {
    if (id < 0 || static_cast<std::size_t>(id) >= graph_.tensors.size()) {
      throw Error(where + ": tensor " + std::to_string(id) + " does not exist, there are " +
                  std::to_string(graph_.tensors.size()));
    }
  }

  void Read(TensorId id, const std::string& where) const {
    CheckId(id, where);
    if (!written_[static_cast<std::size_t>(id)]) {
      throw Error(where + ": " + TensorString(graph_, id) + " is read before it is written");
    }
  }

  void Write(TensorId id, const std::string& where) {
    CheckId(id, where);
    if (written_[static_cast<std::size_t>(id)]) {
      throw Error(where + ": " + TensorString(graph_, id) + " is constant or written twice");
    }
    written_[static_cast<std::size_t>(id)] = true;
  }

  void CheckNode(const Node& node) {
    const std::string where = NodeString(node);
    for (TensorId id : node.inputs) {
      if (id != kNoTensor) Read(id, where);
    }
    if (node.outputs.empty()) throw Error(where + ": has no outputs");
    for (TensorId id : node.outputs) Write(id, where);
    const std::vector<Shape> shapes = OutputShapes(graph_, node);
    if (shapes.size() != node.outputs.size()) {
      throw Error(where + ": has " + std::to_string(node.outputs.size()) + " outputs: expected " +
                  std::to_string(shapes.size()));
    }
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (graph_.tensor(node.outputs[i]).shape != shapes[i]) {
        throw Error(where + ": output " + TensorString(graph_, node.outputs[i]) +
                    ": expected shape " + ShapeString(shapes[i]));
      }
    }
    std::visit(TypeVisitor(graph_, node), node.attributes);
  }

  const Graph& graph_;
  std::vector<bool> written_;
};

}  // namespace

void Validate(const Graph& graph) { Validator(graph).Run(); }

}  // namespace quaver::compiler
