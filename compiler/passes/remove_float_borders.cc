#include "compiler/passes/passes.h"

namespace quaver::compiler {
namespace {

/// The output of the Quantize that alone reads a float input; kNoTensor if there is none.
TensorId QuantizedInput(const Graph& graph, TensorId input) {
  if (graph.tensor(input).type != DataType::kFloat32 || graph.IsOutput(input)) return kNoTensor;
  const std::vector<std::int32_t> readers = graph.Consumers(input);
  if (readers.size() != 1) return kNoTensor;
  const Node& reader = graph.nodes[static_cast<std::size_t>(readers[0])];
  const bool direct = reader.As<QuantizeOp>() != nullptr && !graph.IsOutput(reader.outputs[0]);
  return direct ? reader.outputs[0] : kNoTensor;
}

/// What the Dequantize that writes an output reads; kNoTensor if it is not one, or that is needed
/// as it is.
TensorId DequantizedOutput(const Graph& graph, TensorId output) {
  const std::int32_t writer = graph.Producer(output);
  if (writer < 0 || !graph.Consumers(output).empty()) return kNoTensor;
  const Node& node = graph.nodes[static_cast<std::size_t>(writer)];
  if (node.As<DequantizeOp>() == nullptr || graph.Producer(node.inputs[0]) < 0 ||
      graph.IsOutput(node.inputs[0])) {
    return kNoTensor;
  }
  return node.inputs[0];
}

void Rename(Graph* graph, TensorId from, TensorId to) {
  graph->tensor(to).name = graph->tensor(from).name;
  graph->tensor(to).source_index = graph->tensor(from).source_index;
}

}  // namespace

bool RemoveFloatBorders(Graph* graph) {
  bool changed = false;
  for (TensorId& id : graph->inputs) {
    const TensorId inner = QuantizedInput(*graph, id);
    if (inner == kNoTensor) continue;
    const auto node = graph->nodes.begin() + graph->Producer(inner);
    Rename(graph, id, inner);
    graph->nodes.erase(node);
    id = inner;
    changed = true;
  }
  for (TensorId& id : graph->outputs) {
    const TensorId inner = DequantizedOutput(*graph, id);
    if (inner == kNoTensor) continue;
    const auto node = graph->nodes.begin() + graph->Producer(id);
    Rename(graph, id, inner);
    graph->nodes.erase(node);
    id = inner;
    changed = true;
  }
  graph->RemoveDead();
  return changed;
}

}  // namespace quaver::compiler
