#include "compiler/ir/graph.h"

#include <algorithm>

namespace quaver::compiler {

TensorId Graph::AddTensor(Tensor tensor) {
  tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(tensors.size() - 1);
}

std::int32_t Graph::Producer(TensorId id) const {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& written = nodes[i].outputs;
    if (std::find(written.begin(), written.end(), id) != written.end()) {
      return static_cast<std::int32_t>(i);
    }
  }
  return -1;
}

std::vector<std::int32_t> Graph::Consumers(TensorId id) const {
  std::vector<std::int32_t> readers;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& read = nodes[i].inputs;
    if (std::find(read.begin(), read.end(), id) != read.end()) {
      readers.push_back(static_cast<std::int32_t>(i));
    }
  }
  return readers;
}

bool Graph::IsOutput(TensorId id) const {
  return std::find(outputs.begin(), outputs.end(), id) != outputs.end();
}

void Graph::ReplaceUses(TensorId from, TensorId to) {
  for (Node& node : nodes) std::replace(node.inputs.begin(), node.inputs.end(), from, to);
  std::replace(outputs.begin(), outputs.end(), from, to);
}

namespace {

/// Keeps the nodes that lead to a graph output; marks the tensors that they and the graph name.
std::vector<bool> DropDeadNodes(Graph* graph) {
  std::vector<bool> used(graph->tensors.size(), false);
  const auto mark = [&used](const std::vector<TensorId>& ids) {
    for (TensorId id : ids) {
      if (id != kNoTensor) used[static_cast<std::size_t>(id)] = true;
    }
  };
  mark(graph->outputs);
  std::vector<Node> kept;
  for (auto node = graph->nodes.rbegin(); node != graph->nodes.rend(); ++node) {
    const bool live = std::any_of(node->outputs.begin(), node->outputs.end(), [&used](TensorId id) {
      return used[static_cast<std::size_t>(id)];
    });
    if (!live) continue;
    mark(node->inputs);
    mark(node->outputs);
    kept.push_back(std::move(*node));
  }
  graph->nodes.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
  mark(graph->inputs);
  return used;
}

}  // namespace

void Graph::RemoveDead() {
  const std::vector<bool> used = DropDeadNodes(this);
  std::vector<TensorId> renumbered(tensors.size(), kNoTensor);
  std::vector<Tensor> kept;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!used[i]) continue;
    renumbered[i] = static_cast<TensorId>(kept.size());
    kept.push_back(std::move(tensors[i]));
  }
  tensors = std::move(kept);
  const auto renumber = [&renumbered](std::vector<TensorId>* ids) {
    for (TensorId& id : *ids) {
      if (id != kNoTensor) id = renumbered[static_cast<std::size_t>(id)];
    }
  };
  for (Node& node : nodes) {
    renumber(&node.inputs);
    renumber(&node.outputs);
  }
  renumber(&inputs);
  renumber(&outputs);
}

}  // namespace quaver::compiler
