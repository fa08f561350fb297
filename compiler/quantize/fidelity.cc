#include "compiler/quantize/fidelity.h"

#include <memory>
#include <string>

#include "compiler/execute/float_executor.h"
#include "compiler/execute/integer_executor.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/parallel.h"

namespace quaver::compiler {
namespace {

constexpr std::size_t kHeldOut = 5;  // every so many samples one
constexpr std::size_t kLeastSamples = 10;

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

Split SplitSamples(const std::vector<Sample>& samples, const std::vector<std::int32_t>& labels) {
  if (samples.size() < kLeastSamples) {
    throw Error("found " + std::to_string(samples.size()) + " samples, but " +
                std::to_string(kLeastSamples) +
                " or more are needed: some to calibrate with and some to measure");
  }
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

std::vector<Outputs> RunFloat(const Graph& graph, const std::vector<Sample>& samples,
                              std::size_t threads) {
  return RunAll(samples, threads, [&] { return std::make_shared<FloatExecutor>(graph); });
}

std::vector<Outputs> RunInteger(const Model& model, const std::vector<Sample>& samples,
                                std::size_t threads) {
  return RunAll(samples, threads, [&] { return std::make_shared<IntegerExecutor>(model); });
}

SignalToNoise CompareOutputs(const std::vector<Outputs>& expected,
                             const std::vector<Outputs>& found) {
  SignalToNoise ratio;
  for (std::size_t s = 0; s < found.size(); ++s) {
    for (std::size_t o = 0; o < found[s].size(); ++o) ratio.Add(expected[s][o], found[s][o]);
  }
  return ratio;
}

}  // namespace quaver::compiler
