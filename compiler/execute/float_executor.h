// Runs a float graph on the host: for calibration and as the accuracy to compare with.
#ifndef QUAVER_COMPILER_EXECUTE_FLOAT_EXECUTOR_H_
#define QUAVER_COMPILER_EXECUTE_FLOAT_EXECUTOR_H_

#include <functional>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

class FloatExecutor {
 public:
  /// Keeps a reference to the graph. Throws Error if an operator has no float implementation.
  explicit FloatExecutor(const Graph& graph);

  /// One run: `inputs` in the graph's order, row-major NHWC; the graph's outputs. `observer`, if
  /// set, sees every float tensor as it is written.
  using Observer = std::function<void(TensorId, const std::vector<float>&)>;
  std::vector<std::vector<float>> Run(const std::vector<std::vector<float>>& inputs,
                                      const Observer& observer = nullptr);

 private:
  const Graph& graph_;
};

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_FLOAT_EXECUTOR_H_
