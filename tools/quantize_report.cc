#include "tools/quantize_report.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "compiler/compare/compare_networks.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/weight_form.h"
#include "quaver_generated.h"
#include "tools/model_file.h"
#include "tools/network_file.h"
#include "tools/report/gather.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

using compiler::RangeMethod;
using report::Decision;

const char* WhyMethod(RangeMethod method) {
  switch (method) {
    case RangeMethod::kMinMax:
      return "From the smallest to the largest value: nothing that was seen is clipped, and one "
             "outlier widens the steps for all.";
    case RangeMethod::kMovingAverage:
      return "Each sample's smallest and largest value, averaged: outliers of single samples count "
             "little.";
    case RangeMethod::kPercentile:
      return "The rarest values are clipped, so that the others get finer steps.";
    case RangeMethod::kMse:
      return "The range of least squared error, rounding and clipping together.";
    case RangeMethod::kEntropy:
      return "The range whose distribution in 256 steps is nearest to that of the values "
             "(Kullback-Leibler).";
  }
  return "";
}

Decision MethodDecision(const QuantizeRun& run) {
  const RangeMethod method = run.options.range.method;
  std::string why = WhyMethod(method);
  if (!run.scores.empty()) {
    why += " The best of those tried, on samples held out:";
    for (const compiler::MethodScore& score : run.scores) {
      why += std::string(&score == &run.scores.front() ? " " : ", ") +
             compiler::RangeMethodName(score.method) + " " + Fixed(score.decibels, 1) + " dB";
    }
    why += ".";
  }
  return {"ranges of activations", compiler::RangeMethodName(method), why};
}

std::string PercentText(double share) { return report::Real(100 * share) + " %"; }

bool HasForm(const compiler::WeightOptions& weights) {
  return weights.form.kind != compiler::WeightForm::Kind::kInt8;
}

bool HasInt16(const QuantizeRun& run) {
  return !run.options.int16_layers.empty() || !run.precision.layers.empty();
}

/// "int8 and int16, weights in int4, 50 % of them pruned".
std::string ArithmeticText(const QuantizeRun& run) {
  const compiler::WeightOptions& weights = run.options.weights;
  std::string text = HasInt16(run) ? "int8 and int16" : "int8";
  if (HasForm(weights)) text += ", weights in " + compiler::WeightFormName(weights.form);
  if (weights.prune > 0) text += ", " + PercentText(weights.prune) + " of the weights pruned";
  return text;
}

const char* WhyForm(compiler::WeightForm::Kind kind) {
  using Kind = compiler::WeightForm::Kind;
  switch (kind) {
    case Kind::kInt8:
      return "";
    case Kind::kInt4:
      return "15 or 16 steps for each channel, or for each group of its inputs.";
    case Kind::kTernary:
      return "-1, 0 and 1 times a scale for each channel; small weights are 0.";
    case Kind::kBinary:
      return "The sign, times a scale for each channel.";
    case Kind::kPow2:
      return "0 and powers of two: fine steps near 0, coarse ones far from it.";
    case Kind::kCodebook:
      return "So many values (or pairs) for each layer, chosen by k-means.";
  }
  return "";
}

std::string LayersText(const compiler::WeightOptions& weights) {
  if (weights.layers.empty()) return "all layers but the first and the last";
  std::string text;
  for (const std::string& pattern : weights.layers) text += (text.empty() ? "" : ", ") + pattern;
  return "layers " + text;
}

void AddStorage(const compiler::WeightOptions& weights, std::vector<Decision>* decisions) {
  const std::string layers = LayersText(weights);
  if (HasForm(weights)) {
    decisions->push_back({"weights as stored",
                          compiler::WeightFormName(weights.form) + ", " + layers,
                          WhyForm(weights.form.kind)});
  }
  if (weights.prune > 0) {
    decisions->push_back(
        {"pruning", "the smallest " + PercentText(weights.prune) + " of the weights, " + layers,
         weights.prune_globally
             ? "Of all layers together, as --prune-scope global asks: layers that hardly matter "
               "lose more."
             : "Of each layer as many. A weight that is 0 takes one bit."});
  }
}

report::PrecisionFacts PrecisionOf(const QuantizeRun& run) {
  const compiler::PrecisionReport& found = run.precision;
  report::PrecisionFacts facts;
  facts.by_accuracy = found.by_accuracy;
  facts.met = found.met;
  for (const std::string& name : run.options.int16_layers) {
    facts.layers.push_back({name, std::nullopt});
  }
  for (const compiler::PrecisionReport::Layer& layer : found.layers) {
    facts.layers.push_back({layer.name, layer.decibels});
  }
  if (!run.options.target_drop) return facts;
  const double drop = *run.options.target_drop;
  facts.target = found.by_accuracy ? found.float_accuracy - drop : compiler::LeastDecibels(drop);
  facts.target_note = found.by_accuracy
                          ? "float's " + Fixed(found.float_accuracy, 2) + " % less " +
                                report::Real(drop) + (drop == 1 ? " point" : " points")
                          : "noise of " + report::Real(drop) + " % of the outputs' energy";
  for (const compiler::PrecisionTry& entry : found.tries) {
    const double share =
        entry.macs == 0 ? 0
                        : static_cast<double>(entry.int16_macs) / static_cast<double>(entry.macs);
    facts.tries.push_back({entry.layers, entry.score, share, entry.arena_bytes, entry.met,
                           entry.layers == found.layers.size()});
  }
  return facts;
}

Decision PrecisionDecision(const QuantizeRun& run, const report::PrecisionFacts& facts) {
  const std::string count = std::to_string(facts.layers.size());
  std::string why =
      "Their inputs and outputs have 65,536 steps in place of 256; weights stay int8.";
  if (run.options.target_drop) {
    why += facts.met ? " The fewest that meet the target." : " The target was missed.";
  }
  return {"layers in int16",
          facts.layers.empty()       ? "none"
          : facts.layers.size() == 1 ? "1 layer"
                                     : count + " layers",
          why};
}

void AddScheme(const compiler::SchemeOptions& scheme, std::vector<Decision>* decisions) {
  decisions->push_back(
      scheme.per_channel_weights
          ? Decision{"weights", "int8, symmetric, one scale for each output channel",
                     "Channels of small weights keep their precision beside those of large ones."}
          : Decision{"weights", "int8, symmetric, one scale for each layer",
                     "As --per-tensor asks."});
  decisions->push_back(
      scheme.symmetric_activations
          ? Decision{"activations", "int8, symmetric: zero point 0", "As --symmetric asks."}
          : Decision{"activations", "int8, asymmetric: one scale and zero point for each tensor",
                     "After a ReLU nothing is below zero: all 256 steps lie above."});
  if (scheme.power_of_two_scales) {
    decisions->push_back({"scales", "powers of two", "As --power-of-two asks."});
  }
}

void AddSteps(const std::vector<compiler::OptimizeStep>& steps, std::vector<Decision>* decisions) {
  for (const compiler::OptimizeStep& step : steps) {
    decisions->push_back({step.name, step.kept ? "kept" : "not kept",
                          Fixed(step.decibels, 2) + " dB on the samples held out"});
  }
}

Decision PassesDecision(const compiler::Graph& graph) {
  compiler::Graph changed = graph;
  compiler::RunPasses(&changed);
  return {"operators",
          std::to_string(graph.nodes.size()) + " before, " + std::to_string(changed.nodes.size()) +
              " after the passes",
          "Batch norms are folded into weights, activations and padding into the layer beside "
          "them; identities go."};
}

Decision PlanDecision(const LoadedModel& model, const report::MemoryFacts& memory) {
  std::size_t transient = 0;
  for (const fb::Tensor* tensor : *model.model.root()->tensors()) {
    if (tensor->storage() == fb::Storage::Transient) ++transient;
  }
  std::string why = memory.activation_bytes == memory.lower_bound_bytes
                        ? "No plan of this order can use less."
                        : "No plan of this order can use less than " +
                              Grouped(memory.lower_bound_bytes) + " bytes.";
  if (transient > 0) {
    why += " " + std::to_string(transient) +
           " tensors are never whole: they go to the next operator in tiles.";
  }
  return {"memory plan", Grouped(memory.activation_bytes) + " bytes of activations", why};
}

report::ReportFacts StartFacts(const QuantizeRun& run) {
  report::ReportFacts facts;
  facts.title = report::FileName(run.source) + " in " + ArithmeticText(run);
  facts.subtitle = run.source + " is now " + run.target + ", calibrated with " +
                   Grouped(run.samples.size()) + " samples of " + run.data;
  facts.decisions.push_back(MethodDecision(run));
  AddScheme(run.options.scheme, &facts.decisions);
  AddStorage(run.options.weights, &facts.decisions);
  if (HasInt16(run) || run.options.target_drop) {
    facts.precision = PrecisionOf(run);
    facts.decisions.push_back(PrecisionDecision(run, *facts.precision));
  }
  AddSteps(run.steps, &facts.decisions);
  facts.decisions.push_back(PassesDecision(run.graph));
  if (run.options.float_io) {
    facts.decisions.push_back({"inputs and outputs", "float32", "As --float-io asks."});
  }
  return facts;
}

void AddAccuracies(const QuantizeRun& run, const LoadedModel& model, report::ReportFacts* facts) {
  if (run.labels.empty()) return;
  Progress progress("accuracy");
  compiler::EvaluateOptions options;
  options.threads = run.options.threads;
  options.progress = [&](std::size_t done, std::size_t total) { progress.Show(done, total); };
  report::AddAccuracy(
      {run.source, "float", compiler::EvaluateFloat(run.graph, run.samples, run.labels, options)},
      facts);
  report::AddAccuracy({run.target, "integer",
                       compiler::EvaluateModel(model.model, run.samples, run.labels, options)},
                      facts);
  facts->accuracy_note =
      "On the samples that ranges were chosen with; what counts is data that neither training nor "
      "calibration has seen: quaver eval.";
  facts->labels = run.graph.labels;
}

}  // namespace

void WriteQuantizeReport(const QuantizeRun& run, const std::string& path) {
  report::ReportFacts facts = StartFacts(run);
  const LoadedModel model = LoadModel(run.target);
  AddAccuracies(run, model, &facts);
  const std::vector<compiler::Sample> samples = report::SomeOf(run.samples);
  const LoadedNetwork a{run.source, true, {}, compiler::MakeFloatNetwork(run.graph)};
  const LoadedNetwork b{run.target, false, {}, compiler::MakeIntegerNetwork(model.model)};
  {
    Progress progress("comparing");
    const compiler::Comparison comparison = compiler::CompareNetworks(
        *a.network, *b.network, samples, run.options.threads,
        [&](std::size_t done, std::size_t total) { progress.Show(done, total); });
    report::AddLayers(a, b, comparison, samples, run.options.threads, &facts);
  }
  report::AddSizes(run.source, run.target, &facts);
  report::AddWeights(
      model, run.options.weights.any() ? run.weights : std::vector<compiler::WeightSummary>(),
      &facts);
  report::AddMemory(model, &facts);
  facts.decisions.push_back(PlanDecision(model, *facts.memory));
  report::WritePage(facts, path);
}

}  // namespace quaver::tools
