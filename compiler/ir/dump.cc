#include <sstream>

#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

void DumpTensor(const Graph& graph, TensorId id, std::ostream& out) {
  const Tensor& tensor = graph.tensor(id);
  const Quantization& quantization = tensor.quantization;
  out << "%" << id << " " << DataTypeName(tensor.type) << " " << ShapeString(tensor.shape);
  if (quantization.per_channel()) {
    out << " " << quantization.scale.size() << " scales on axis " << quantization.axis;
  } else if (!quantization.empty()) {
    out << " scale " << quantization.scale[0] << " zero point " << quantization.zero_point[0];
  }
  if (tensor.constant()) out << " constant";
  if (tensor.source_index >= 0) out << " source " << tensor.source_index;
  out << " '" << tensor.name << "'\n";
}

void DumpIds(const std::vector<TensorId>& ids, std::ostream& out) {
  for (TensorId id : ids) out << " %" << id;
}

Activation FusedActivation(const Node& node) {
  if (const auto* op = node.As<Conv2DOp>()) return op->activation;
  if (const auto* op = node.As<DepthwiseConv2DOp>()) return op->activation;
  if (const auto* op = node.As<FullyConnectedOp>()) return op->activation;
  if (const auto* op = node.As<Pool2DOp>()) return op->activation;
  if (const auto* op = node.As<BinaryOp>()) return op->activation;
  return Activation::kNone;
}

}  // namespace

std::string Dump(const Graph& graph) {
  std::ostringstream out;
  out << "graph '" << graph.name << "'\n";
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    DumpTensor(graph, static_cast<TensorId>(i), out);
  }
  out << "inputs";
  DumpIds(graph.inputs, out);
  out << "\n";
  for (const Node& node : graph.nodes) {
    out << NodeString(node);
    DumpIds(node.inputs, out);
    out << " =>";
    DumpIds(node.outputs, out);
    const Activation activation = FusedActivation(node);
    if (activation != Activation::kNone) out << " + " << ActivationName(activation);
    out << "\n";
  }
  out << "outputs";
  DumpIds(graph.outputs, out);
  out << "\n";
  return out.str();
}

}  // namespace quaver::compiler
