// Runs a float graph on the host: for calibration and as the accuracy to compare with.
#ifndef QUAVER_COMPILER_EXECUTE_FLOAT_EXECUTOR_H_
#define QUAVER_COMPILER_EXECUTE_FLOAT_EXECUTOR_H_

#include <functional>
#include <vector>

#include "compiler/execute/float_gemm.h"
#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// Sums run in one fixed order, so a build gives the same floats on every run and every machine of
/// its architecture. One executor runs on one thread at a time; several may share a graph.
class FloatExecutor {
 public:
  /// Keeps a reference to the graph, which must be valid and must not change. Throws Error if an
  /// operator has no float implementation.
  explicit FloatExecutor(const Graph& graph);

  /// One run: `inputs` in the graph's order, row-major NHWC; the graph's outputs. `observer`, if
  /// set, sees every float tensor as it is written, the inputs first, and may change it before it
  /// is read. Throws Error if an input has the wrong number of elements.
  using Observer = std::function<void(TensorId, std::vector<float>&)>;
  std::vector<std::vector<float>> Run(const std::vector<std::vector<float>>& inputs,
                                      const Observer& observer = nullptr);

 private:
  void RunNode(std::size_t index);
  void SetInputs(const std::vector<std::vector<float>>& inputs);
  void Release(std::size_t index);

  const Graph& graph_;
  /// By tensor: constants for good, activations while they are needed.
  std::vector<std::vector<float>> values_;
  /// By node: constant weights of convolutions (a matrix per group) and fully connected layers.
  std::vector<std::vector<PackedMatrix>> packed_;
  /// By node: activations that nobody reads after it.
  std::vector<std::vector<TensorId>> last_reads_;
};

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_FLOAT_EXECUTOR_H_
