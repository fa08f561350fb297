// Forms by name, layers by pattern, weights to prune, and what became of them.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "compiler/compress/compress.h"
#include "compiler/ir/error.h"
#include "compiler/quantize/signal_to_noise.h"
#include "compiler/quantize/weight_form.h"

namespace quaver::compiler {
namespace {

using Kind = WeightForm::Kind;

constexpr std::size_t kLeastGroup = 8;
constexpr std::size_t kMostGroup = 4096;

/// Whether `text` is what `pattern` says: * is any characters, ? is one.
bool Matches(const char* pattern, const char* text) {
  for (; *pattern != '\0'; ++pattern, ++text) {
    if (*pattern == '*') {
      do {
        if (Matches(pattern + 1, text)) return true;
      } while (*text++ != '\0');
      return false;
    }
    if (*text == '\0' || (*pattern != '?' && *pattern != *text)) return false;
  }
  return *text == '\0';
}

std::string Names(const Graph& graph, const std::vector<std::size_t>& nodes) {
  std::string names;
  for (std::size_t n : nodes) names += (names.empty() ? "'" : ", '") + graph.nodes[n].name + "'";
  return names;
}

}  // namespace

std::optional<WeightForm> ParseWeightForm(const std::string& text) {
  for (const WeightForm& form :
       {WeightForm{Kind::kInt8, 0, 0}, WeightForm{Kind::kInt4, 0, 0},
        WeightForm{Kind::kTernary, 0, 0}, WeightForm{Kind::kBinary, 0, 0},
        WeightForm{Kind::kPow2, 0, 0}, WeightForm{Kind::kCodebook, 0, 4},
        WeightForm{Kind::kCodebook, 0, 16}, WeightForm{Kind::kCodebook, 0, 256}}) {
    if (text == WeightFormName(form)) return form;
  }
  const std::string grouped = "int4-g";
  if (text.rfind(grouped, 0) != 0 || text.size() > grouped.size() + 4) return {};
  std::size_t group = 0;
  for (std::size_t i = grouped.size(); i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return {};
    group = group * 10 + static_cast<std::size_t>(text[i] - '0');
  }
  const bool power_of_two = (group & (group - 1)) == 0;
  if (!power_of_two || group < kLeastGroup || group > kMostGroup) return {};
  return WeightForm{Kind::kInt4, group, 0};
}

std::string WeightFormName(const WeightForm& form) {
  switch (form.kind) {
    case Kind::kInt8:
      return "int8";
    case Kind::kInt4:
      return form.group == 0 ? "int4" : "int4-g" + std::to_string(form.group);
    case Kind::kTernary:
      return "ternary";
    case Kind::kBinary:
      return "binary";
    case Kind::kPow2:
      return "pow2";
    case Kind::kCodebook:
      return "codebook" + std::to_string(form.entries);
  }
  return "unknown";
}

std::vector<std::size_t> SelectLayers(const Graph& graph, const WeightOptions& options) {
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (WeightsAxis(graph.nodes[n])) all.push_back(n);
  }
  if (options.layers.empty()) {
    return all.size() > 2 ? std::vector<std::size_t>(all.begin() + 1, all.end() - 1) : all;
  }
  std::vector<bool> chosen(graph.nodes.size(), false);
  for (const std::string& pattern : options.layers) {
    bool any = false;
    for (std::size_t n : all) {
      if (!Matches(pattern.c_str(), graph.nodes[n].name.c_str())) continue;
      any = chosen[n] = true;
    }
    if (any) continue;
    throw Error("no layer's name is like '" + pattern + "'; the layers with weights are " +
                Names(graph, all));
  }
  std::vector<std::size_t> selected;
  for (std::size_t n : all) {
    if (chosen[n]) selected.push_back(n);
  }
  return selected;
}

std::vector<std::vector<bool>> PruneWeights(const std::vector<FloatLayer>& layers,
                                            const WeightOptions& options) {
  std::vector<std::vector<bool>> pruned;
  for (const FloatLayer& layer : layers) pruned.emplace_back(layer.weights.size(), false);
  struct Place {
    float magnitude;
    std::size_t layer, index;
  };
  std::vector<Place> places;
  const auto prune_smallest = [&] {
    const auto count =
        static_cast<std::size_t>(std::floor(options.prune * static_cast<double>(places.size())));
    // Of equals the first ones.
    std::stable_sort(places.begin(), places.end(),
                     [](const Place& a, const Place& b) { return a.magnitude < b.magnitude; });
    for (std::size_t i = 0; i < count; ++i) pruned[places[i].layer][places[i].index] = true;
    places.clear();
  };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
      places.push_back({std::abs(layers[l].weights[i]), l, i});
    }
    if (!options.prune_globally) prune_smallest();
  }
  prune_smallest();
  return pruned;
}

std::vector<WeightSummary> DescribeWeights(const Graph& graph, const QuantizedLayers& layers) {
  std::vector<WeightSummary> result;
  for (const auto& [node, layer] : layers) {
    const FloatLayer original = FloatLayerOf(graph, node);
    WeightSummary facts;
    facts.name = graph.nodes[node].name;
    facts.weights = layer.weights.size();
    // A depthwise convolution's tensor is one row: its first dimension is 1.
    const auto compressed = CompressWeights(
        layer.weights, original.axis == ChannelAxis::kFirst ? original.channels : 1);
    facts.compressed_bytes = compressed ? compressed->bytes() : layer.weights.size();
    facts.zeros = static_cast<std::size_t>(
        std::count(layer.weights.begin(), layer.weights.end(), std::int8_t{0}));
    std::vector<float> found(layer.weights.size());
    for (std::size_t c = 0; c < original.channels; ++c) {
      for (std::size_t k = 0; k < original.depth(); ++k) {
        const std::size_t i = original.Index(c, k);
        found[i] = layer.weights_quantization.scale[c] * static_cast<float>(layer.weights[i]);
      }
    }
    SignalToNoise ratio;
    ratio.Add(original.weights, found);
    facts.decibels = ratio.Decibels();
    result.push_back(std::move(facts));
  }
  return result;
}

}  // namespace quaver::compiler
