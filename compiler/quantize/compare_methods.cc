#include "compiler/quantize/compare_methods.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/fidelity.h"

namespace quaver::compiler {
std::vector<MethodScore> CompareMethods(const Graph& graph, const std::vector<Sample>& samples,
                                        const std::vector<std::int32_t>& labels,
                                        const QuantizeOptions& options) {
  const Split split = SplitSamples(samples, labels);
  const std::vector<Outputs> expected = RunFloat(graph, split.held_out, options.threads);
  std::vector<MethodScore> scores;
  for (RangeMethod method : AllRangeMethods()) {
    QuantizeOptions with_method = options;
    with_method.range.method = method;
    if (options.progress) {
      with_method.progress = [&](std::size_t done, std::size_t total) {
        options.progress(scores.size() * total + done, AllRangeMethods().size() * total);
      };
    }
    const CheckedModel compiled(Compile(Quantize(graph, split.calibration, with_method)));
    const std::vector<Outputs> found =
        RunInteger(compiled.model(), split.held_out, options.threads);
    MethodScore score{method, CompareOutputs(expected, found).Decibels(), {}};
    if (!labels.empty()) {
      score.accuracy = EvaluateModel(compiled.model(), split.held_out, split.held_out_labels,
                                     {options.threads, nullptr});
    }
    scores.push_back(score);
  }
  return scores;
}

const MethodScore& BestMethod(const std::vector<MethodScore>& scores) {
  return *std::max_element(scores.begin(), scores.end(),
                           [](const MethodScore& a, const MethodScore& b) {
                             const std::size_t right_a = a.accuracy ? a.accuracy->right : 0;
                             const std::size_t right_b = b.accuracy ? b.accuracy->right : 0;
                             if (right_a != right_b) return right_a < right_b;
                             return a.decibels < b.decibels;
                           });
}

}  // namespace quaver::compiler
