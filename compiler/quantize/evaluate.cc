#include "compiler/quantize/evaluate.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "compiler/execute/float_executor.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/parallel.h"

namespace quaver::compiler {
namespace {

// The values of output 0 for one sample.
using Run = std::function<std::vector<float>(const Sample&)>;

struct Answer {
  std::size_t classes = 0;
  std::size_t answer = 0;
  std::size_t larger = 0;  // outputs that come before the label's: larger, or equal and earlier
};

Answer Judge(const std::vector<float>& scores, std::int32_t label) {
  if (label < 0 || static_cast<std::size_t>(label) >= scores.size()) {
    throw Error("there is a label " + std::to_string(label) +
                ", but the model's first output has " + std::to_string(scores.size()) +
                " elements: classes 0 to " + std::to_string(scores.size() - 1) +
                "; give the labels that belong to the model");
  }
  const auto own = static_cast<std::size_t>(label);
  Answer result;
  result.classes = scores.size();
  result.answer =
      static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (scores[c] > scores[own] || (scores[c] == scores[own] && c < own)) ++result.larger;
  }
  return result;
}

// `make` gives each thread its own Run.
Accuracy Evaluate(const std::vector<Sample>& samples, const std::vector<std::int32_t>& labels,
                  const EvaluateOptions& options, const std::function<Run()>& make) {
  if (labels.size() < samples.size()) {
    throw Error("there are " + std::to_string(samples.size()) + " samples, but only " +
                std::to_string(labels.size()) + " labels");
  }
  std::vector<Answer> answers(samples.size());
  if (options.outputs != nullptr) options.outputs->resize(samples.size());
  RunParallel(
      samples.size(), options.threads,
      [&] {
        return [&, run = make()](std::size_t i) {
          std::vector<float> scores = run(samples[i]);
          answers[i] = Judge(scores, labels[i]);
          if (options.outputs != nullptr) (*options.outputs)[i] = std::move(scores);
        };
      },
      options.progress);
  Accuracy accuracy;
  accuracy.total = samples.size();
  accuracy.classes = answers.empty() ? 0 : answers[0].classes;
  accuracy.confusion.resize(accuracy.classes * accuracy.classes);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    if (answers[i].answer == label) ++accuracy.right;
    if (answers[i].larger < 5) ++accuracy.right_in_five;
    ++accuracy.confusion[label * accuracy.classes + answers[i].answer];
  }
  return accuracy;
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
