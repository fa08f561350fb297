#include "compiler/passes/passes.h"

namespace quaver::compiler {

void RunPasses(Graph* graph) {
  // Each change removes a node, or makes one simpler for good: this ends.
  bool changed = true;
  while (changed) {
    changed = RemoveIdentities(graph);
    changed |= FoldBatchNorm(graph);
    changed |= FuseActivations(graph);
    changed |= FoldPadding(graph);
    changed |= DepthwiseToConv(graph);
    changed |= SimplifyConstantChannels(graph);
    graph->RemoveDead();
  }
  Validate(*graph);
}

}  // namespace quaver::compiler
