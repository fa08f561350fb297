#include "tools/network_file.h"

#include <cstddef>
#include <utility>

#include "tools/model_file.h"

namespace quaver::tools {

compiler::Graph InputsOf(const Model& model) {
  compiler::Graph graph;
  for (std::size_t i = 0; i < model.InputCount(); ++i) {
    const TensorInfo info = model.Input(i);
    compiler::Tensor tensor;
    tensor.name = info.name;
    tensor.shape.assign(info.shape, info.shape + info.rank);
    graph.inputs.push_back(graph.AddTensor(std::move(tensor)));
  }
  return graph;
}

LoadedNetwork LoadNetwork(const std::string& path) {
  if (!IsFloatModel(path)) {
    const LoadedModel loaded = LoadModel(path);
    return {path, false, InputsOf(loaded.model), compiler::MakeIntegerNetwork(loaded.model)};
  }
  const compiler::Graph graph = ImportGraph(path);
  compiler::Graph inputs;
  for (const compiler::TensorId id : graph.inputs) {
    inputs.inputs.push_back(inputs.AddTensor(graph.tensor(id)));
  }
  return {path, true, std::move(inputs), compiler::MakeFloatNetwork(graph)};
}

}  // namespace quaver::tools
