#include "compiler/quantize/compare_methods.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/execute/float_executor.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/parallel.h"
#include "compiler/quantize/signal_to_noise.h"

namespace quaver::compiler {
namespace {

constexpr std::size_t kHeldOut = 5;  // every so many samples one
constexpr std::size_t kLeastSamples = 10;

struct Split {
  std::vector<Sample> calibration, held_out;
  std::vector<std::int32_t> held_out_labels;
};

Split SplitSamples(const std::vector<Sample>& samples, const std::vector<std::int32_t>& labels) {
  Split split;
  for (std::size_t s = 0; s < samples.size(); ++s) {
    if (s % kHeldOut != kHeldOut - 1) {
      split.calibration.push_back(samples[s]);
      continue;
    }
    split.held_out.push_back(samples[s]);
    if (!labels.empty()) split.held_out_labels.push_back(labels[s]);
  }
  return split;
}

using Outputs = std::vector<std::vector<float>>;

// All outputs of each sample.
template <typename MakeExecutor>
std::vector<Outputs> RunAll(const std::vector<Sample>& samples, std::size_t threads,
                            const MakeExecutor& make_executor) {
  std::vector<Outputs> outputs(samples.size());
  RunParallel(samples.size(), threads, [&] {
    return
        [&, executor = make_executor()](std::size_t s) { outputs[s] = executor->Run(samples[s]); };
  });
  return outputs;
}

}  // namespace

std::vector<MethodScore> CompareMethods(const Graph& graph, const std::vector<Sample>& samples,
                                        const std::vector<std::int32_t>& labels,
                                        const QuantizeOptions& options) {
  if (samples.size() < kLeastSamples) {
    throw Error("comparing methods needs " + std::to_string(kLeastSamples) +
                " samples or more, some to calibrate with and some to measure; found " +
                std::to_string(samples.size()));
  }
  const Split split = SplitSamples(samples, labels);
  const std::vector<Outputs> expected = RunAll(
      split.held_out, options.threads, [&] { return std::make_shared<FloatExecutor>(graph); });
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
    const std::vector<Outputs> found = RunAll(split.held_out, options.threads, [&] {
      return std::make_shared<IntegerExecutor>(compiled.model());
    });
    SignalToNoise ratio;
    for (std::size_t s = 0; s < found.size(); ++s) {
      for (std::size_t o = 0; o < found[s].size(); ++o) ratio.Add(expected[s][o], found[s][o]);
    }
    MethodScore score{method, ratio.Decibels(), {}};
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
