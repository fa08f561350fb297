#include "compiler/compare/compare_networks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include "compiler/ir/error.h"

namespace quaver::compiler {
namespace {

struct Borders {
  std::vector<std::size_t> inputs;   // elements of each
  std::vector<std::size_t> outputs;  // elements of those that hold real values; by index
};

Borders BordersOf(const Network& network) {
  Borders borders;
  for (const NetworkLayer& layer : network.layers()) {
    if (layer.kind == "Input") borders.inputs.push_back(layer.elements);
    if (layer.output < 0) continue;
    const auto index = static_cast<std::size_t>(layer.output);
    borders.outputs.resize(std::max(borders.outputs.size(), index + 1));
    borders.outputs[index] = layer.elements;
  }
  return borders;
}

std::string List(const std::vector<std::size_t>& sizes) {
  std::string text;
  for (std::size_t size : sizes) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return text.empty() ? "none" : text;
}

void CheckAlike(const char* what, const std::vector<std::size_t>& a,
                const std::vector<std::size_t>& b) {
  if (a == b) return;
  throw Error(std::string("the two models have different ") + what + ": elements " + List(a) +
              " and " + List(b) + "; give two forms of one network");
}

void SetUnmatched(const Network& a, const Network& b, Comparison* comparison) {
  std::vector<bool> in_a(a.layers().size());
  std::vector<bool> in_b(b.layers().size());
  for (const LayerComparison& layer : comparison->layers) {
    in_a[layer.match.a] = true;
    in_b[layer.match.b] = true;
  }
  for (std::size_t i = 0; i < in_a.size(); ++i) {
    if (!in_a[i]) comparison->only_in_a.push_back(i);
  }
  for (std::size_t i = 0; i < in_b.size(); ++i) {
    if (!in_b[i]) comparison->only_in_b.push_back(i);
  }
}

}  // namespace

void LayerError::Add(const std::vector<float>& expected, const std::vector<float>& actual) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto a = static_cast<double>(expected[i]);
    const auto b = static_cast<double>(actual[i]);
    const double difference = std::abs(b - a);
    signal += a * a;
    noise += difference * difference;
    product += a * b;
    found += b * b;
    max_error = std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                       : std::max(max_error, difference);
  }
}

void LayerError::Add(const LayerError& other) {
  signal += other.signal;
  noise += other.noise;
  product += other.product;
  found += other.found;
  max_error = std::max(max_error, other.max_error);
}

double LayerError::Decibels() const {
  if (noise == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

double LayerError::Cosine() const {
  if (signal == 0 && found == 0) return 1;
  if (signal == 0 || found == 0) return 0;
  return product / std::sqrt(signal * found);
}

Comparison CompareNetworks(const Network& a, const Network& b, const std::vector<Sample>& samples,
                           std::size_t threads, const ProgressFunction& progress) {
  const Borders of_a = BordersOf(a);
  const Borders of_b = BordersOf(b);
  CheckAlike("inputs", of_a.inputs, of_b.inputs);
  CheckAlike("outputs", of_a.outputs, of_b.outputs);
  const std::vector<LayerMatch> matches = MatchLayers(a.layers(), b.layers());
  // Sums in the samples' order, whichever thread ran which.
  std::vector<std::vector<LayerError>> errors(samples.size());
  const auto make = [&]() -> std::function<void(std::size_t)> {
    const std::shared_ptr<NetworkRunner> run_a = a.MakeRunner();
    const std::shared_ptr<NetworkRunner> run_b = b.MakeRunner();
    return [&, run_a, run_b](std::size_t s) {
      const LayerValues expected = run_a->Run(samples[s]);
      const LayerValues found = run_b->Run(samples[s]);
      errors[s].resize(matches.size());
      for (std::size_t m = 0; m < matches.size(); ++m) {
        errors[s][m].Add(expected[matches[m].a], found[matches[m].b]);
      }
    };
  };
  RunParallel(samples.size(), threads, make, progress);
  Comparison comparison;
  for (std::size_t m = 0; m < matches.size(); ++m) {
    LayerComparison layer{matches[m], {}};
    for (const auto& of_sample : errors) layer.error.Add(of_sample[m]);
    comparison.layers.push_back(layer);
  }
  SetUnmatched(a, b, &comparison);
  return comparison;
}

std::vector<std::size_t> WorstFirst(const Comparison& comparison) {
  std::vector<std::size_t> order(comparison.layers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // What is not a number is the worst.
  const auto key = [&](std::size_t i) {
    const double decibels = comparison.layers[i].error.Decibels();
    return std::isnan(decibels) ? -std::numeric_limits<double>::infinity() : decibels;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return key(i) < key(j); });
  return order;
}

std::optional<std::size_t> FirstBeyond(const Comparison& comparison, const Tolerance& tolerance) {
  for (std::size_t i = 0; i < comparison.layers.size(); ++i) {
    const LayerError& error = comparison.layers[i].error;
    // Not "less than": what is not a number keeps no tolerance.
    if (tolerance.least_decibels && !(error.Decibels() >= *tolerance.least_decibels)) return i;
    if (tolerance.largest_error && !(error.max_error <= *tolerance.largest_error)) return i;
  }
  return std::nullopt;
}

}  // namespace quaver::compiler
