#include "compiler/lower/lower.h"

#include <variant>

#include "compiler/lower/operators.h"

namespace quaver::compiler {

void Lower(const BatchNormOp&, const Node& node, Program*) {
  Refuse(node, "batch normalization is float only; run the passes, which fold it, and quantize");
}

fb::ModelT Lower(const Graph& graph) {
  Program program(graph);
  for (const Node& node : graph.nodes) {
    std::visit([&](const auto& op) { Lower(op, node, &program); }, node.attributes);
  }
  return program.Finish();
}

}  // namespace quaver::compiler
