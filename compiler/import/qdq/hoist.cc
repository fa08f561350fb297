// What happens to Quantize nodes while the graph is still float between them.
#include <algorithm>

#include "compiler/import/qdq/resolve.h"
#include "compiler/import/qdq/steps.h"
#include "compiler/passes/rewrite.h"

namespace quaver::compiler::qdq {
namespace {

bool IsUnsigned(const Tensor& tensor) {
  return tensor.type == DataType::kUInt8 && tensor.quantization.scale.size() == 1;
}

/// A uint8 tensor of the same values as the int8 one `id` was made of.
TensorId AddUnsignedTwin(Graph* graph, TensorId id) {
  Tensor twin = graph->tensor(id);
  twin.type = DataType::kUInt8;
  twin.quantization.zero_point[0] += 128;
  graph->tensor(id).name += "/int8";
  return graph->AddTensor(std::move(twin));
}

/// The node that writes `id`, if all that it reads can take its output's Quantize instead.
Node* HoistableProducer(Graph* graph, TensorId id) {
  Node* producer = SoleProducer(graph, id);
  if (producer == nullptr || producer->outputs.size() != 1 ||
      !SelectsValues(producer->attributes)) {
    return nullptr;
  }
  const bool dequantized =
      std::all_of(producer->inputs.begin(), producer->inputs.end(), [graph](TensorId input) {
        const std::int32_t writer = graph->Producer(input);
        return writer >= 0 &&
               graph->nodes[static_cast<std::size_t>(writer)].As<DequantizeOp>() != nullptr;
      });
  return dequantized ? nullptr : producer;
}

/// Moves the Quantize at `index` before the node that feeds it. Returns false where that changes
/// what is computed, or brings nothing.
bool HoistOne(Graph* graph, std::size_t index) {
  const Node quantize = graph->nodes[index];
  if (quantize.As<QuantizeOp>() == nullptr ||
      graph->tensor(quantize.inputs[0]).type != DataType::kFloat32) {
    return false;
  }
  Node* producer = HoistableProducer(graph, quantize.inputs[0]);
  if (producer == nullptr) return false;
  const auto position = static_cast<std::size_t>(producer - graph->nodes.data());
  Node moved = *producer;
  moved.outputs = quantize.outputs;
  std::vector<Node> replacement;
  for (std::size_t i = 0; i < moved.inputs.size(); ++i) {
    if (graph->tensor(moved.inputs[i]).constant()) continue;  // quantized where it is read
    Tensor tensor = graph->tensor(quantize.outputs[0]);
    tensor.name = graph->tensor(moved.inputs[i]).name + "/quantized";
    tensor.shape = graph->tensor(moved.inputs[i]).shape;
    const TensorId id = graph->AddTensor(std::move(tensor));
    replacement.push_back({quantize.name, QuantizeOp{}, {moved.inputs[i]}, {id}});
    moved.inputs[i] = id;
  }
  replacement.push_back(std::move(moved));
  const auto at = [graph](std::size_t i) {
    return graph->nodes.begin() + static_cast<std::ptrdiff_t>(i);
  };
  graph->nodes.erase(at(index));
  graph->nodes.erase(at(position));
  graph->nodes.insert(at(position), std::make_move_iterator(replacement.begin()),
                      std::make_move_iterator(replacement.end()));
  return true;
}

}  // namespace

void ShiftToSigned(Graph* graph) {
  std::vector<bool> is_shifted;
  for (Tensor& tensor : graph->tensors) {
    is_shifted.push_back(IsUnsigned(tensor) && !tensor.constant());
    if (!is_shifted.back()) continue;
    tensor.type = DataType::kInt8;
    tensor.quantization.zero_point[0] -= 128;
  }
  const auto shifted = [&](TensorId id) { return is_shifted[static_cast<std::size_t>(id)]; };
  for (TensorId& id : graph->inputs) {
    if (!shifted(id)) continue;
    const TensorId outer = AddUnsignedTwin(graph, id);
    graph->nodes.insert(graph->nodes.begin(),
                        {graph->tensor(outer).name, QuantizeOp{}, {outer}, {id}});
    id = outer;
  }
  for (TensorId& id : graph->outputs) {
    if (!shifted(id)) continue;
    const TensorId outer = AddUnsignedTwin(graph, id);
    graph->nodes.push_back({graph->tensor(outer).name, QuantizeOp{}, {id}, {outer}});
    id = outer;
  }
}

void MergeQuantizes(Graph* graph) {
  for (std::size_t i = 0; i < graph->nodes.size(); ++i) {
    if (graph->nodes[i].As<QuantizeOp>() == nullptr) continue;
    const TensorId from = graph->nodes[i].inputs[0];
    const TensorId kept = graph->nodes[i].outputs[0];
    for (std::size_t j = graph->nodes.size(); --j > i;) {
      const Node& other = graph->nodes[j];
      if (other.As<QuantizeOp>() == nullptr || other.inputs[0] != from ||
          graph->IsOutput(other.outputs[0]) ||
          !IdenticalQuantization(graph->tensor(kept), graph->tensor(other.outputs[0]))) {
        continue;
      }
      graph->ReplaceUses(other.outputs[0], kept);
      graph->nodes.erase(graph->nodes.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

void HoistQuantizes(Graph* graph) {
  // Each change moves a Quantize towards the inputs: this ends.
  for (std::size_t i = 0; i < graph->nodes.size();) {
    if (HoistOne(graph, i)) {
      MergeQuantizes(graph);
      i = 0;
    } else {
      ++i;
    }
  }
}

}  // namespace quaver::compiler::qdq
