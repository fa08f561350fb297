// Reads the model: initializers and inputs, then each node by its importer, then the outputs.
#include <limits>
#include <utility>

#include "compiler/import/import.h"
#include "compiler/import/onnx/operators.h"
#include "compiler/ir/error.h"

namespace quaver::compiler {
namespace onnx_import {
namespace {

constexpr std::int64_t kOldestOpset = 11;
constexpr std::int64_t kNewestOpset = 21;

bool IsStandard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

class ModelImporter {
 public:
  ModelImporter(const onnx::ModelProto& model, const std::string& source)
      : model_(model), proto_(model.graph()) {
    builder_.source = source;
    builder_.graph.name = proto_.name();
    if (!model.producer_name().empty()) {
      builder_.graph.metadata["producer"] = model.producer_name();
    }
  }

  Graph Run() {
    ReadOpset();
    CountUses();
    ReadInitializers();
    ReadInputs();
    for (const onnx::NodeProto& node : proto_.node()) ReadNode(node);
    for (const onnx::ValueInfoProto& output : proto_.output()) WriteOutput(output.name());
    builder_.graph.RemoveDead();
    return std::move(builder_.graph);
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw Error(builder_.source + ": " + what);
  }

  void ReadOpset() {
    for (const onnx::OperatorSetIdProto& set : model_.opset_import()) {
      if (IsStandard(set.domain())) builder_.opset = set.version();
    }
    if (builder_.opset < kOldestOpset || builder_.opset > kNewestOpset) {
      Fail("uses operator set " + std::to_string(builder_.opset) + ", expected " +
           std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset) +
           "; export with opset_version=17, or convert with onnx.version_converter");
    }
  }

  void CountUses() {
    for (const onnx::NodeProto& node : proto_.node()) {
      for (const std::string& name : node.input()) ++builder_.uses[name];
    }
    for (const onnx::ValueInfoProto& output : proto_.output()) ++builder_.uses[output.name()];
  }

  void ReadInitializers() {
    if (proto_.sparse_initializer_size() > 0) {
      Fail("has sparse initializers, which are not supported; save them dense");
    }
    for (const onnx::TensorProto& tensor : proto_.initializer()) {
      const std::string where = builder_.source + ": initializer '" + tensor.name() + "'";
      builder_.values[tensor.name()] = MakeConstant(DecodeTensor(tensor, where));
    }
  }

  void ReadInputs() {
    for (const onnx::ValueInfoProto& input : proto_.input()) {
      if (builder_.values.count(input.name()) > 0) continue;  // the default value of an input
      Tensor tensor;
      tensor.name = input.name();
      Value value;
      value.dims = InputDims(input);
      value.order = InputOrder(input.name(), value.dims.size());
      tensor.shape = OrderedShape(value.dims, value.order);
      value.tensor = builder_.graph.AddTensor(std::move(tensor));
      builder_.graph.inputs.push_back(value.tensor);
      builder_.values[input.name()] = std::move(value);
    }
    if (builder_.graph.inputs.empty()) Fail("has no inputs");
  }

  Dims InputDims(const onnx::ValueInfoProto& input) const {
    const std::string where = "input '" + input.name() + "'";
    if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
      Fail(where + " is not a tensor with a shape; export with fixed shapes");
    }
    const auto& type = input.type().tensor_type();
    if (type.elem_type() != onnx::TensorProto::FLOAT) {
      Fail(where + " has element type " + std::to_string(type.elem_type()) +
           " (onnx.TensorProto.DataType), expected float32 (1); export the float model");
    }
    Dims dims;
    for (const auto& dim : type.shape().dim()) {
      const bool dynamic = !dim.has_dim_value() || dim.dim_value() < 1;
      if (dynamic && !dims.empty()) {
        Fail(where + ": dimension " + std::to_string(dims.size()) + " '" + dim.dim_param() +
             "' is not fixed, only the batch (dimension 0) may be; export with fixed shapes");
      }
      dims.push_back(dynamic ? 1 : dim.dim_value());
    }
    if (ElementCount(dims) < 1 || dims.size() > static_cast<std::size_t>(kMaxRank)) {
      Fail(where + " has shape " + DimsString(dims) + ", expected at most " +
           std::to_string(kMaxRank) + " dimensions and fewer than 2^31 elements");
    }
    return dims;
  }

  /// Images become NHWC; but one that the model itself transposes from NHWC first, as exports from
  /// TensorFlow do, already is.
  Order InputOrder(const std::string& name, std::size_t rank) const {
    if (rank != 4) return Identity(rank);
    bool channels_last = false;
    for (const onnx::NodeProto& node : proto_.node()) {
      for (const std::string& input : node.input()) {
        if (input != name) continue;
        if (!IsTranspose(node, {0, 3, 1, 2})) return ChannelsLast(rank);
        channels_last = true;
      }
    }
    return channels_last ? Identity(rank) : ChannelsLast(rank);
  }

  static bool IsTranspose(const onnx::NodeProto& node, const Dims& permutation) {
    if (node.op_type() != "Transpose") return false;
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.name() != "perm") continue;
      return Dims(attribute.ints().begin(), attribute.ints().end()) == permutation;
    }
    return false;
  }

  void ReadNode(const onnx::NodeProto& proto) {
    NodeImporter node(&builder_, proto);
    if (!IsStandard(proto.domain())) {
      node.Fail("operators of domain '" + proto.domain() +
                "' are not supported; export with the standard ONNX operators");
    }
    const Importer import = FindImporter(proto.op_type());
    if (import == nullptr) node.Fail("is not supported; " + Alternative(proto.op_type()));
    import(node);
  }

  void WriteOutput(const std::string& name) {
    const auto found = builder_.values.find(name);
    if (found == builder_.values.end()) {
      Fail("output '" + name + "' is not written by any node; check the model with onnx.checker");
    }
    if (found->second.constant != nullptr) {
      Fail("output '" + name + "' does not depend on the inputs; remove it");
    }
    onnx::NodeProto where;
    where.set_name(name);
    where.set_op_type("output");
    NodeImporter node(&builder_, where);
    const Value value = node.WithOrder(found->second, OutputOrder(name, found->second.rank()));
    Graph& graph = builder_.graph;
    if (graph.Producer(value.tensor) >= 0) graph.tensor(value.tensor).name = name;
    graph.outputs.push_back(value.tensor);
  }

  /// As InputOrder: images are NHWC, also where the model itself transposes them to it at its end.
  Order OutputOrder(const std::string& name, std::size_t rank) const {
    if (rank != 4) return Identity(rank);
    for (const onnx::NodeProto& node : proto_.node()) {
      for (const std::string& output : node.output()) {
        if (output == name && IsTranspose(node, {0, 2, 3, 1})) return Identity(rank);
      }
    }
    return ChannelsLast(rank);
  }

  const onnx::ModelProto& model_;
  const onnx::GraphProto& proto_;
  Builder builder_;
};

}  // namespace
}  // namespace onnx_import

Graph ImportOnnx(Span<const std::uint8_t> bytes, const std::string& source) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<int>::max());
  onnx::ModelProto model;
  if (bytes.size() > kMost || !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !model.has_graph() || model.graph().node_size() == 0) {
    throw Error(source +
                ": is not an ONNX model, or is damaged; export it again, and check it "
                "with onnx.checker");
  }
  Graph graph = onnx_import::ModelImporter(model, source).Run();
  try {
    Validate(graph);
  } catch (const Error& error) {
    throw Error(source + ": " + error.what());
  }
  return graph;
}

}  // namespace quaver::compiler
