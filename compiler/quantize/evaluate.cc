#include "compiler/quantize/evaluate.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "compiler/execute/float_executor.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/parallel.h"

namespace quaver::compiler {
namespace {

// The values of output 0 for one sample.
using Run = std::function<std::vector<float>(const Sample&)>;

// `make` gives each thread its own Run.
Accuracy Evaluate(const std::vector<Sample>& samples, const std::vector<std::int32_t>& labels,
                  const EvaluateOptions& options, const std::function<Run()>& make) {
  if (labels.size() < samples.size()) {
    throw Error("there are " + std::to_string(samples.size()) + " samples, but only " +
                std::to_string(labels.size()) + " labels");
  }
  std::atomic<std::size_t> right{0};
  RunParallel(
      samples.size(), options.threads,
      [&] {
        return [&, run = make()](std::size_t i) {
          const std::vector<float> scores = run(samples[i]);
          const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
          if (best == labels[i]) ++right;
        };
      },
      options.progress);
  return {right, samples.size()};
}

}  // namespace

Accuracy EvaluateFloat(const Graph& graph, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels, const EvaluateOptions& options) {
  return Evaluate(samples, labels, options, [&graph]() -> Run {
    auto executor = std::make_shared<FloatExecutor>(graph);
    return [executor](const Sample& sample) { return executor->Run(sample)[0]; };
  });
}

Accuracy EvaluateModel(const Model& model, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels, const EvaluateOptions& options) {
  return Evaluate(samples, labels, options, [&model]() -> Run {
    auto executor = std::make_shared<IntegerExecutor>(model);
    return [executor](const Sample& sample) { return executor->Run(sample)[0]; };
  });
}

}  // namespace quaver::compiler
