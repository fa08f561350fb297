#include "compiler/quantize/optimize.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/quantize/adapt.h"
#include "compiler/quantize/batch_norm_means.h"
#include "compiler/quantize/equalize.h"
#include "compiler/quantize/fidelity.h"
#include "compiler/quantize/materialize.h"
#include "compiler/quantize/patch_statistics.h"
#include "compiler/quantize/ranges.h"
#include "compiler/quantize/simulate.h"
#include "compiler/quantize/statistics.h"

namespace quaver::compiler {
namespace {

// Layer by layer, the network runs once for each layer: on so many samples.
constexpr std::size_t kSequentialSamples = 32;

std::vector<bool> AllActivations(const Graph& graph) {
  std::vector<bool> rounded(graph.tensors.size(), false);
  for (std::size_t t = 0; t < rounded.size(); ++t) {
    rounded[t] = !graph.tensors[t].constant() && graph.tensors[t].type == DataType::kFloat32;
  }
  return rounded;
}

float InputScale(const QuantizationPlan& plan, std::size_t node) {
  return plan.shared.tensors[static_cast<std::size_t>(plan.graph.nodes[node].inputs[0])].scale[0];
}

PatchOptions PatchesOf(const QuantizeOptions& options, bool products) {
  PatchOptions patches;
  patches.products = products;
  patches.threads = options.threads;
  return patches;
}

// Patches that the integer layers see where their activations are rounded, but no weights.
PatchStatistics RoundedPatches(const QuantizationPlan& plan, const std::vector<Sample>& samples,
                               const PatchOptions& options) {
  const std::vector<bool> rounded = AllActivations(plan.graph);
  return CollectPatches(plan.graph, samples, RoundActivations(plan.shared, rounded), options);
}

void AdaptAll(QuantizationPlan* plan, const std::vector<Sample>& samples,
              const QuantizeOptions& options) {
  const PatchStatistics patches = RoundedPatches(*plan, samples, PatchesOf(options, true));
  for (auto& [node, layer] : plan->layers) {
    AdaptRounding(FloatLayerOf(plan->graph, node), patches.at(node), &layer);
  }
}

void CorrectByBatchNorms(QuantizationPlan* plan) {
  for (const auto& [node, patches] : PatchesFromBatchNorms(plan->graph)) {
    CorrectBias(FloatLayerOf(plan->graph, node), patches, patches, InputScale(*plan, node),
                &plan->layers.at(node));
  }
}

void CorrectOwnErrors(QuantizationPlan* plan, const std::vector<Sample>& samples,
                      const QuantizeOptions& options) {
  const PatchStatistics patches = RoundedPatches(*plan, samples, PatchesOf(options, false));
  for (auto& [node, layer] : plan->layers) {
    CorrectBias(FloatLayerOf(plan->graph, node), patches.at(node), patches.at(node),
                InputScale(*plan, node), &layer);
  }
}

void CorrectLayerByLayer(QuantizationPlan* plan, const std::vector<Sample>& samples,
                         const QuantizeOptions& options) {
  const std::vector<Sample> some(
      samples.begin(),
      samples.begin() + static_cast<std::ptrdiff_t>(std::min(samples.size(), kSequentialSamples)));
  const PatchOptions patches = PatchesOf(options, false);
  const PatchStatistics expected = CollectPatches(plan->graph, some, nullptr, patches);
  const std::vector<bool> rounded = AllActivations(plan->graph);
  for (auto& [node, layer] : plan->layers) {
    // What the layer sees behind the corrected ones before it.
    const PatchStatistics found =
        CollectPatches(WithQuantizedLayers(plan->graph, plan->layers), some,
                       RoundActivations(plan->shared, rounded), patches);
    CorrectBias(FloatLayerOf(plan->graph, node), expected.at(node), found.at(node),
                InputScale(*plan, node), &layer);
  }
}

struct Steps {
  bool equalize = false, adapt = false;
  bool correct_analytic = false, correct_own = false, correct_all = false;
};

QuantizationPlan PlanWith(const Steps& steps, const Graph& graph,
                          const std::vector<Sample>& samples, const QuantizeOptions& options) {
  Graph equalized = graph;
  if (steps.equalize) EqualizeLayers(&equalized);
  QuantizationPlan plan = PlanQuantization(equalized, samples, options);
  if (steps.adapt) AdaptAll(&plan, samples, options);
  if (steps.correct_analytic) CorrectByBatchNorms(&plan);
  if (steps.correct_own) CorrectOwnErrors(&plan, samples, options);
  if (steps.correct_all) CorrectLayerByLayer(&plan, samples, options);
  return plan;
}

}  // namespace

QuantizationPlan PlanQuantization(const Graph& graph, const std::vector<Sample>& samples,
                                  const QuantizeOptions& options) {
  const std::vector<TensorStatistics> statistics = CollectStatistics(
      graph, samples, {NeedsHistogram(options.range.method), options.threads, options.progress});
  SharedQuantization shared =
      ShareQuantization(graph, ChooseRanges(graph, statistics, options.range), options.scheme);
  QuantizedLayers layers = QuantizeLayers(graph, shared, options.scheme, options.weights);
  // 16 bits round so little that nothing needs to be clipped.
  RangeOptions whole = options.range;
  whole.method = RangeMethod::kMinMax;
  std::vector<Quantization> int16 =
      ShareInt16Quantization(graph, ChooseRanges(graph, statistics, whole), options.scheme);
  return {graph, std::move(shared), std::move(layers), std::move(int16), options.scheme};
}

QuantizationPlan OptimizeQuantization(const Graph& graph, const std::vector<Sample>& samples,
                                      const QuantizeOptions& options,
                                      std::vector<OptimizeStep>* steps) {
  const Split split = SplitSamples(samples);
  const std::vector<Outputs> expected = RunFloat(graph, split.held_out, options.threads);
  const auto decibels = [&](const Steps& tried) {
    const QuantizationPlan plan = PlanWith(tried, graph, split.calibration, options);
    const CheckedModel compiled(
        Compile(Materialize(plan, Int8Precision(plan.graph), options.float_io)));
    return CompareOutputs(expected, RunInteger(compiled.model(), split.held_out, options.threads))
        .Decibels();
  };
  Steps kept;
  double best = decibels(kept);
  if (steps != nullptr) steps->push_back({"nearest rounding", best, true});
  const std::pair<const char*, bool Steps::*> tries[] = {
      {"cross-layer equalization", &Steps::equalize},
      {"adaptive rounding", &Steps::adapt},
      {"bias correction, from batch norms", &Steps::correct_analytic},
      {"bias correction, each layer's own error", &Steps::correct_own},
      {"bias correction, layer by layer", &Steps::correct_all}};
  const bool has_normals = !PatchesFromBatchNorms(graph).empty();
  for (const auto& [name, step] : tries) {
    if (step == &Steps::correct_analytic && !has_normals) continue;
    Steps tried = kept;
    tried.*step = true;
    const double found = decibels(tried);
    if (steps != nullptr) steps->push_back({name, found, found > best});
    if (found <= best) continue;
    best = found;
    kept = tried;
  }
  return PlanWith(kept, graph, samples, options);
}

}  // namespace quaver::compiler
