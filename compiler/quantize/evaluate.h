// Accuracy of float graphs and compiled models as classifiers.
#ifndef QUAVER_COMPILER_QUANTIZE_EVALUATE_H_
#define QUAVER_COMPILER_QUANTIZE_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"
#include "quaver/model.h"

namespace quaver::compiler {

struct Accuracy {
  std::size_t right = 0;  ///< The largest output is the label's (top 1).
  std::size_t total = 0;
  std::size_t right_in_five = 0;  ///< The label's output is among the five largest (top 5).
  std::size_t classes = 0;        ///< Elements of output 0.
  /// [label * classes + answer]: how many samples of a class got each answer.
  std::vector<std::size_t> confusion;
};

struct EvaluateOptions {
  std::size_t threads = 0;  ///< Of the host; 0: one for each CPU.
  /// Told now and then, from one thread at a time: done, total.
  std::function<void(std::size_t, std::size_t)> progress;
  /// If not null, gets output 0 of every sample.
  std::vector<std::vector<float>>* outputs = nullptr;
};

/// The answer is the largest element of output 0, the first of equals. Throw Error: fewer labels
/// than samples, a label that is no index into output 0, a model that cannot be prepared.
Accuracy EvaluateFloat(const Graph& graph, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels,
                       const EvaluateOptions& options = {});
Accuracy EvaluateModel(const Model& model, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels,
                       const EvaluateOptions& options = {});

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_EVALUATE_H_
