#include "compiler/quantize/mixed_precision.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "compiler/compile.h"
#include "compiler/emit/checked_model.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/fidelity.h"
#include "compiler/quantize/materialize.h"
#include "compiler/quantize/optimize.h"
#include "compiler/quantize/precision.h"
#include "compiler/quantize/sensitivity.h"

namespace quaver::compiler {
namespace {

constexpr std::size_t kMostRankingSamples = 64;

std::vector<Sample> Some(const std::vector<Sample>& samples) {
  std::vector<Sample> some;
  const std::size_t step = (samples.size() + kMostRankingSamples - 1) / kMostRankingSamples;
  for (std::size_t s = 0; s < samples.size(); s += step) some.push_back(samples[s]);
  return some;
}

double Percent(const Accuracy& accuracy) {
  return 100.0 * static_cast<double>(accuracy.right) / static_cast<double>(accuracy.total);
}

/// Measures integer models of the same network with the first layers of a ranking in int16.
class Search {
 public:
  Search(const Graph& graph, const std::vector<Sample>& samples, const QuantizeOptions& options,
         std::set<std::size_t> forced, PrecisionReport* report)
      : options_(options),
        split_(SplitSamples(samples, options.labels)),
        plan_(options.optimize ? OptimizeQuantization(graph, split_.calibration, options, nullptr)
                               : PlanQuantization(graph, split_.calibration, options)),
        forced_(std::move(forced)),
        report_(*report),
        expected_(RunFloat(graph, split_.held_out, options.threads)) {
    report_.by_accuracy = !options.labels.empty();
    if (report_.by_accuracy) {
      report_.float_accuracy = Percent(EvaluateFloat(graph, split_.held_out, split_.held_out_labels,
                                                     EvaluateOptions{options.threads, nullptr}));
    }
    ranking_ = AnalyzeSensitivity(plan_.graph, plan_.shared, plan_.layers, Some(split_.calibration),
                                  options.threads);
  }

  std::set<std::size_t> Run() {
    const std::size_t count = LeastThatMeets();
    for (std::size_t i = 0; i < count; ++i) {
      report_.layers.push_back({ranking_[i].name, ranking_[i].decibels});
    }
    report_.met = tries_.at(count).met;
    return WithFirst(count);
  }

 private:
  std::size_t LeastThatMeets() {
    std::size_t missed = 0;
    std::size_t count = 0;
    while (!Try(count).met) {
      missed = count;
      if (count == ranking_.size()) return Nearest();
      count = std::min(ranking_.size(), count == 0 ? 1 : 2 * count);
    }
    while (count > missed + 1) {
      const std::size_t middle = (missed + count) / 2;
      (Try(middle).met ? count : missed) = middle;
    }
    return count;
  }

  /// Of those tried; the fewest layers among equals.
  [[nodiscard]] std::size_t Nearest() const {
    std::size_t nearest = 0;
    for (const auto& [count, found] : tries_) {
      if (found.score > tries_.at(nearest).score) nearest = count;
    }
    return nearest;
  }

  [[nodiscard]] std::set<std::size_t> WithFirst(std::size_t count) const {
    std::set<std::size_t> layers = forced_;
    for (std::size_t i = 0; i < count; ++i) layers.insert(ranking_[i].node);
    return layers;
  }

  const PrecisionTry& Try(std::size_t count) {
    const auto known = tries_.find(count);
    if (known != tries_.end()) return known->second;
    const Precision precision = PrecisionFor(plan_.graph, WithFirst(count));
    const CheckedModel compiled(Compile(Materialize(plan_, precision, options_.float_io)));
    const LayerMacs macs = CountMacs(plan_.graph, precision);
    PrecisionTry found;
    found.layers = count;
    found.int16_macs = macs.int16;
    found.macs = macs.all;
    found.arena_bytes = *compiled.model().ArenaBytes();
    if (report_.by_accuracy) {
      found.score = Percent(EvaluateModel(compiled.model(), split_.held_out, split_.held_out_labels,
                                          EvaluateOptions{options_.threads, nullptr}));
      found.met = report_.float_accuracy - found.score <= *options_.target_drop;
    } else {
      found.score =
          CompareOutputs(expected_, RunInteger(compiled.model(), split_.held_out, options_.threads))
              .Decibels();
      found.met = found.score >= LeastDecibels(*options_.target_drop);
    }
    report_.tries.push_back(found);
    return tries_.emplace(count, found).first->second;
  }

  const QuantizeOptions& options_;
  const Split split_;
  const QuantizationPlan plan_;
  const std::set<std::size_t> forced_;
  PrecisionReport& report_;
  const std::vector<Outputs> expected_;
  std::vector<LayerSensitivity> ranking_;
  std::map<std::size_t, PrecisionTry> tries_;
};

}  // namespace

double LeastDecibels(double target_drop) { return 10 * std::log10(100 / target_drop); }

std::set<std::size_t> LayersNamed(const Graph& graph, const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> layers;
  std::string known;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!WeightsAxis(graph.nodes[n])) continue;
    layers[graph.nodes[n].name] = n;
    known += (known.empty() ? "'" : ", '") + graph.nodes[n].name + "'";
  }
  std::set<std::size_t> result;
  for (const std::string& name : names) {
    const auto found = layers.find(name);
    if (found == layers.end()) {
      throw Error("there is no layer '" + name + "' for int16; the layers with weights are " +
                  known);
    }
    result.insert(found->second);
  }
  return result;
}

std::set<std::size_t> ChooseInt16Layers(const Graph& graph, const std::vector<Sample>& samples,
                                        const QuantizeOptions& options,
                                        const std::set<std::size_t>& forced,
                                        PrecisionReport* report) {
  return Search(graph, samples, options, forced, report).Run();
}

}  // namespace quaver::compiler
