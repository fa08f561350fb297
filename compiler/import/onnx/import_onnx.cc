// Reads the model: initializers and inputs, then each node by its importer, then the outputs.
#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "compiler/import/import.h"
#include "compiler/import/onnx/operators.h"
#include "compiler/import/qdq/resolve.h"
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
    try {
      ResolveQuantization(&builder_.graph);
    } catch (const Error& error) {
      Fail(error.what());
    }
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
      tensor.type = InputType(input);
      tensor.shape = OrderedShape(value.dims, value.order);
      value.tensor = builder_.graph.AddTensor(std::move(tensor));
      builder_.graph.inputs.push_back(value.tensor);
      builder_.values[input.name()] = std::move(value);
    }
    if (builder_.graph.inputs.empty()) Fail("has no inputs");
  }

  /// int8 and uint8 are for DequantizeLinear, which says their scale.
  DataType InputType(const onnx::ValueInfoProto& input) const {
    switch (const std::int32_t type = input.type().tensor_type().elem_type()) {
      case onnx::TensorProto::FLOAT:
        return DataType::kFloat32;
      case onnx::TensorProto::INT8:
        return DataType::kInt8;
      case onnx::TensorProto::UINT8:
        return DataType::kUInt8;
      default:
        Fail("input '" + input.name() + "' has element type " + std::to_string(type) +
             " (onnx.TensorProto.DataType), expected float32 (1), or int8 (3) or uint8 (2) of a "
             "QDQ model; export the float model");
    }
  }

  Dims InputDims(const onnx::ValueInfoProto& input) const {
    const std::string where = "input '" + input.name() + "'";
    if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
      Fail(where + " is not a tensor with a shape; export with fixed shapes");
    }
    const auto& type = input.type().tensor_type();
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
    return rank == 4 && !OnlyTransposed(name) ? ChannelsLast(rank) : Identity(rank);
  }

  static bool IsQuantization(const onnx::NodeProto& node) {
    return node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear";
  }

  /// Whether all that reads a value is a Transpose from NHWC, maybe after it is quantized.
  bool OnlyTransposed(const std::string& name) const {
    std::set<std::string> names = {name};
    bool transposed = false;
    for (const onnx::NodeProto& node : proto_.node()) {
      const bool reads = std::any_of(node.input().begin(), node.input().end(),
                                     [&](const auto& input) { return names.count(input) > 0; });
      if (!reads) continue;
      if (IsQuantization(node) && node.output_size() > 0) {
        names.insert(node.output(0));
      } else if (IsTranspose(node, {0, 3, 1, 2})) {
        transposed = true;
      } else {
        return false;
      }
    }
    return transposed;
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
    return rank == 4 && !TransposedLast(name) ? ChannelsLast(rank) : Identity(rank);
  }

  /// Whether a Transpose to NHWC writes a value, maybe before it is quantized.
  bool TransposedLast(std::string name) const {
    for (auto node = proto_.node().rbegin(); node != proto_.node().rend(); ++node) {
      const bool writes =
          std::find(node->output().begin(), node->output().end(), name) != node->output().end();
      if (!writes) continue;
      const bool through = IsQuantization(*node) && node->input_size() > 0;
      if (!through) return IsTranspose(*node, {0, 2, 3, 1});
      name = node->input(0);
    }
    return false;
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
