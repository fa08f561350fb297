#include "compiler/quantize/sensitivity.h"

#include <algorithm>

#include "compiler/execute/float_executor.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/fidelity.h"
#include "compiler/quantize/optimize.h"
#include "compiler/quantize/simulate.h"

namespace quaver::compiler {

std::vector<LayerSensitivity> AnalyzeSensitivity(
    const Graph& graph, const SharedQuantization& shared, const QuantizedLayers& layers,
    const std::vector<Sample>& samples, std::size_t threads, const ProgressFunction& progress) {
  const std::vector<Outputs> expected = RunFloat(graph, samples, threads);
  const std::vector<std::pair<const std::size_t, QuantizedLayer>> list(layers.begin(),
                                                                       layers.end());
  std::vector<LayerSensitivity> result(list.size());
  RunParallel(
      list.size(), threads,
      [&] {
        return [&](std::size_t i) {
          const std::size_t node = list[i].first;
          const Graph simulated = WithQuantizedLayers(graph, {list[i]});
          std::vector<bool> rounded(graph.tensors.size(), false);
          rounded[static_cast<std::size_t>(graph.nodes[node].inputs[0])] = true;
          rounded[static_cast<std::size_t>(graph.nodes[node].outputs[0])] = true;
          FloatExecutor executor(simulated);
          SignalToNoise ratio;
          for (std::size_t s = 0; s < samples.size(); ++s) {
            const Outputs found = executor.Run(samples[s], RoundActivations(shared, rounded));
            for (std::size_t o = 0; o < found.size(); ++o) ratio.Add(expected[s][o], found[o]);
          }
          result[i] = {node, graph.nodes[node].name, ratio.Decibels()};
        };
      },
      progress);
  std::stable_sort(
      result.begin(), result.end(),
      [](const LayerSensitivity& a, const LayerSensitivity& b) { return a.decibels < b.decibels; });
  return result;
}

std::vector<LayerSensitivity> AnalyzeSensitivity(const Graph& graph,
                                                 const std::vector<Sample>& samples,
                                                 const QuantizeOptions& options,
                                                 const ProgressFunction& progress) {
  constexpr std::size_t kMost = 64;
  Graph prepared = graph;
  RunPasses(&prepared);
  const QuantizationPlan plan = PlanQuantization(prepared, samples, options);
  std::vector<Sample> some;
  const std::size_t step = (samples.size() + kMost - 1) / kMost;
  for (std::size_t s = 0; s < samples.size(); s += step) some.push_back(samples[s]);
  return AnalyzeSensitivity(prepared, plan.shared, plan.layers, some, options.threads, progress);
}

}  // namespace quaver::compiler
