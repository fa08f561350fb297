// quaver compare A B --data FILE [--tolerance T] [--order ORDER] [--report PAGE] [--json]
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compare/compare_networks.h"
#include "tools/command.h"
#include "tools/data_options.h"
#include "tools/error.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/network_file.h"
#include "tools/report/gather.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

using compiler::Comparison;
using compiler::LayerComparison;
using compiler::NetworkLayer;

constexpr const char* kWorstFirst = "worst";
constexpr const char* kNetworkOrder = "network";

struct CompareOptions {
  std::string a, b;
  DataOptions data;
  std::string tolerance;
  std::string order = kWorstFirst;
  std::string report;
  bool json = false;
};

/// What was run, and how it went.
struct Outcome {
  const LoadedNetwork& a;
  const LoadedNetwork& b;
  std::size_t samples;
  Comparison comparison;
  std::optional<std::size_t> first_beyond;

  [[nodiscard]] const NetworkLayer& LayerOfA(const LayerComparison& layer) const {
    return a.network->layers()[layer.match.a];
  }
  [[nodiscard]] const NetworkLayer& LayerOfB(const LayerComparison& layer) const {
    return b.network->layers()[layer.match.b];
  }
};

/// "25dB": the least ratio; "0.1": the largest error.
compiler::Tolerance ParseTolerance(const std::string& text) {
  if (text.empty()) return {};
  std::size_t end = 0;
  double value = 0;
  try {
    value = std::stod(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  std::string unit = text.substr(end);
  unit.erase(0, unit.find_first_not_of(' '));
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  compiler::Tolerance tolerance;
  if (end > 0 && std::isfinite(value) && unit == "db") {
    tolerance.least_decibels = value;
  } else if (end > 0 && std::isfinite(value) && unit.empty() && value >= 0) {
    tolerance.largest_error = value;
  } else {
    throw UsageError("--tolerance " + text +
                     ": expected a ratio, as 25dB, or a largest absolute error, as 0.1");
  }
  return tolerance;
}

// Of a layer's two forms, its tensor's name, else its operator's.
std::string NameOf(const NetworkLayer& layer) {
  if (!layer.tensor.empty()) return layer.tensor;
  return layer.name.empty() ? "(no name)" : layer.name;
}

// Names of converters tell all that was fused; a table needs to be told apart only.
std::string Shortened(const std::string& name) {
  constexpr std::size_t kEnd = 28;
  if (name.size() <= 2 * kEnd + 3) return name;
  return name.substr(0, kEnd) + "..." + name.substr(name.size() - kEnd);
}

std::string Decibels(double decibels) {
  if (std::isinf(decibels)) return decibels > 0 ? "equal" : "-inf dB";
  return Fixed(decibels, 1) + " dB";
}

std::string Significant(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4g", value);
  return text;
}

std::string Shape(const NetworkLayer& layer) {
  std::string text;
  for (std::int32_t size : layer.shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

std::vector<std::size_t> Order(const Comparison& comparison, const std::string& order) {
  if (order == kWorstFirst) return compiler::WorstFirst(comparison);
  std::vector<std::size_t> all(comparison.layers.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

// JSON has no infinity: null.
nlohmann::ordered_json FiniteOrNull(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json JsonOf(const Outcome& outcome, std::size_t index) {
  const LayerComparison& layer = outcome.comparison.layers[index];
  const NetworkLayer& a = outcome.LayerOfA(layer);
  const NetworkLayer& b = outcome.LayerOfB(layer);
  return {{"index", index},
          {"kind", a.kind},
          {"tensor", a.tensor},
          {"kind_b", b.kind},
          {"tensor_b", b.tensor},
          {"shape", a.shape},
          {"matched_by", compiler::MatchReasonName(layer.match.reason)},
          {"equal", layer.error.noise == 0},
          {"sqnr_db", FiniteOrNull(layer.error.Decibels())},
          {"cosine", FiniteOrNull(layer.error.Cosine())},
          {"max_error", FiniteOrNull(layer.error.max_error)}};
}

nlohmann::ordered_json NamesOf(const LoadedNetwork& network, const std::vector<std::size_t>& left) {
  auto names = nlohmann::ordered_json::array();
  for (std::size_t i : left) names.push_back(NameOf(network.network->layers()[i]));
  return names;
}

void PrintJson(const Outcome& outcome, const CompareOptions& options) {
  nlohmann::ordered_json json = {{"a", outcome.a.path},
                                 {"arithmetic_a", outcome.a.arithmetic()},
                                 {"b", outcome.b.path},
                                 {"arithmetic_b", outcome.b.arithmetic()},
                                 {"samples", outcome.samples}};
  json["layers"] = nlohmann::ordered_json::array();
  for (std::size_t i : Order(outcome.comparison, options.order)) {
    json["layers"].push_back(JsonOf(outcome, i));
  }
  json["only_in_a"] = NamesOf(outcome.a, outcome.comparison.only_in_a);
  json["only_in_b"] = NamesOf(outcome.b, outcome.comparison.only_in_b);
  if (!options.tolerance.empty()) {
    json["tolerance"] = options.tolerance;
    json["first_beyond"] = outcome.first_beyond ? nlohmann::ordered_json(*outcome.first_beyond)
                                                : nlohmann::ordered_json(nullptr);
  }
  std::printf("%s\n", DumpJson(json).c_str());
}

void PrintLeft(const LoadedNetwork& network, const std::vector<std::size_t>& left) {
  if (left.empty()) return;
  std::string names;
  constexpr std::size_t kShown = 4;
  for (std::size_t i = 0; i < std::min(left.size(), kShown); ++i) {
    const NetworkLayer& layer = network.network->layers()[left[i]];
    names += (i == 0 ? "" : ", ") + layer.kind + " " + Shortened(NameOf(layer));
  }
  if (left.size() > kShown) names += ", ...";
  std::printf("%zu of %zu only in %s: %s\n", left.size(), network.network->layers().size(),
              network.path.c_str(), Printable(names).c_str());
}

void PrintTable(const Outcome& outcome, const CompareOptions& options) {
  std::printf("%s (%s) and %s (%s), %s samples\n", outcome.a.path.c_str(), outcome.a.arithmetic(),
              outcome.b.path.c_str(), outcome.b.arithmetic(), Grouped(outcome.samples).c_str());
  using Align = Table::Align;
  Table table({{"#", Align::kRight},
               {"layer"},
               {"shape"},
               {"SQNR", Align::kRight},
               {"cosine", Align::kRight},
               {"max error", Align::kRight},
               {"tensor"}});
  for (std::size_t i : Order(outcome.comparison, options.order)) {
    const LayerComparison& layer = outcome.comparison.layers[i];
    const NetworkLayer& a = outcome.LayerOfA(layer);
    const NetworkLayer& b = outcome.LayerOfB(layer);
    const bool renamed = !a.tensor.empty() && !b.tensor.empty() && a.tensor != b.tensor;
    table.Add({std::to_string(i), a.kind, Shape(a), Decibels(layer.error.Decibels()),
               Fixed(layer.error.Cosine(), 6), Significant(layer.error.max_error),
               Printable(Shortened(NameOf(a)) + (renamed ? " = " + Shortened(b.tensor) : ""))});
  }
  std::printf("%s", table.Format().c_str());
  PrintLeft(outcome.a, outcome.comparison.only_in_a);
  PrintLeft(outcome.b, outcome.comparison.only_in_b);
}

// The exit code is that of a failure: scripts hold a model to its tolerance.
[[noreturn]] void RefuseBeyond(const Outcome& outcome, const CompareOptions& options) {
  const std::size_t index = *outcome.first_beyond;
  const LayerComparison& layer = outcome.comparison.layers[index];
  const NetworkLayer& a = outcome.LayerOfA(layer);
  throw Error(options.b + ": " + a.kind + " '" + NameOf(a) + "' (layer " + std::to_string(index) +
              ") is the first that leaves the tolerance: expected " + options.tolerance +
              ", found " + Decibels(layer.error.Decibels()) + ", largest error " +
              Significant(layer.error.max_error));
}

void Report(const Outcome& outcome, const std::vector<compiler::Sample>& samples,
            const CompareOptions& options) {
  report::ReportFacts facts;
  facts.title = report::FileName(options.b) + " beside " + report::FileName(options.a);
  facts.subtitle = options.b + " (" + outcome.b.arithmetic() + ") and " + options.a + " (" +
                   outcome.a.arithmetic() + ") compared layer by layer on " +
                   Grouped(outcome.samples) + " samples of " + options.data.data[0];
  report::AddLayers(outcome.a, outcome.b, outcome.comparison, samples, options.data.threads,
                    &facts);
  report::AddSizes(options.a, options.b, &facts);
  if (!outcome.b.is_float) {
    const LoadedModel model = LoadModel(options.b);
    report::AddWeights(model, {}, &facts);
    report::AddMemory(model, &facts);
  }
  report::WritePage(facts, options.report);
}

void Compare(const CompareOptions& options) {
  const compiler::Tolerance tolerance = ParseTolerance(options.tolerance);
  if (!options.report.empty()) {
    std::vector<std::string> sources = options.data.data;
    sources.insert(sources.end(), {options.a, options.b});
    CheckOutputs({options.report}, sources);
  }
  const LoadedNetwork a = LoadNetwork(options.a);
  const LoadedNetwork b = LoadNetwork(options.b);
  const std::vector<compiler::Sample> samples = LoadSamples(options.data, a.inputs);
  Outcome outcome{a, b, samples.size(), {}, {}};
  {
    Progress progress("comparing");
    outcome.comparison = compiler::CompareNetworks(
        *a.network, *b.network, samples, options.data.threads,
        [&](std::size_t done, std::size_t total) { progress.Show(done, total); });
  }
  outcome.first_beyond = compiler::FirstBeyond(outcome.comparison, tolerance);
  if (!options.report.empty()) Report(outcome, samples, options);
  if (options.json) {
    PrintJson(outcome, options);
  } else {
    PrintTable(outcome, options);
  }
  if (outcome.first_beyond) RefuseBeyond(outcome, options);
}

}  // namespace

void AddCompare(CLI::App* app) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app->add_subcommand(
      "compare", "Measure how far a model is from another, layer by layer, on the same samples");
  command->footer(
      "\nExamples:\n"
      "  quaver compare model.onnx model.qvr --data t10k-images-idx3-ubyte.gz\n"
      "  quaver compare float.tflite int8.tflite --data samples.npy --tolerance 20dB\n"
      "\nA is what B should be. Layers belong together by the names of their tensors, or by\n"
      "size and order where the names differ. SQNR is 10 log10(sum a^2 / sum (b - a)^2).\n"
      "Exit code 1: a layer leaves the tolerance; the first one, in A's order, is named.\n");
  command->add_option("A", options->a, "A .qvr, .tflite or .onnx model, float or int8")->required();
  command->add_option("B", options->b, "Another form of the same network")->required();
  options->data.samples = 100;
  AddDataOptions(command, &options->data);
  command->add_option("--tolerance", options->tolerance,
                      "What every layer must keep: a least SQNR, as 25dB, or a largest absolute "
                      "error, as 0.1");
  command
      ->add_option("--order", options->order,
                   "Of the layers: the worst first, or as the network runs them")
      ->capture_default_str()
      ->check(CLI::IsMember({kWorstFirst, kNetworkOrder}));
  AddReportOption(command, &options->report);
  command->add_flag("--json", options->json,
                    "Print JSON (what is infinite is null: the ratio of equal layers)");
  command->callback([options] { Compare(*options); });
}

}  // namespace quaver::tools
