// quaver eval MODEL... --data FILE --labels FILE [--samples N] [--report PAGE] [--json]
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compare/compare_networks.h"
#include "compiler/data/dataset.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/signal_to_noise.h"
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

struct EvalOptions {
  std::vector<std::string> models;
  DataOptions data;
  std::string labels;
  std::string report;
  bool confusion = false;
  bool json = false;
};

constexpr const char* kFloat = "float";

struct Score {
  std::string model;
  const char* arithmetic;  ///< "float" or "integer"
  compiler::Accuracy accuracy;
  /// Of output 0 against the first model's, over all samples; none of the first itself, or where
  /// the sizes differ.
  std::optional<double> decibels;

  [[nodiscard]] double Percent(std::size_t right) const {
    return 100.0 * static_cast<double>(right) / static_cast<double>(accuracy.total);
  }
  [[nodiscard]] double Percent() const { return Percent(accuracy.right); }
};

std::vector<compiler::Sample> SamplesFor(const compiler::Graph& graph, const EvalOptions& options,
                                         std::size_t label_count) {
  std::vector<compiler::Sample> samples = LoadSamples(options.data, graph);
  CheckLabels(options.labels, label_count, options.data, samples.size());
  return samples;
}

/// Output 0 of every sample.
using Scores = std::vector<std::vector<float>>;

Score Evaluate(const std::string& path, const EvalOptions& options,
               const std::vector<std::int32_t>& labels, Scores* outputs) {
  Progress progress(path);
  compiler::EvaluateOptions evaluate;
  evaluate.threads = options.data.threads;
  evaluate.outputs = outputs;
  evaluate.progress = [&](std::size_t done, std::size_t total) { progress.Show(done, total); };
  if (IsFloatModel(path)) {
    const compiler::Graph graph = ImportGraph(path);
    const auto samples = SamplesFor(graph, options, labels.size());
    return {path, kFloat, compiler::EvaluateFloat(graph, samples, labels, evaluate), {}};
  }
  const LoadedModel model = LoadModel(path);
  const auto samples = SamplesFor(InputsOf(model.model), options, labels.size());
  return {path, "integer", compiler::EvaluateModel(model.model, samples, labels, evaluate), {}};
}

std::optional<double> Decibels(const Scores& expected, const Scores& found) {
  compiler::SignalToNoise ratio;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (expected[i].size() != found[i].size()) return {};
    ratio.Add(expected[i], found[i]);
  }
  return ratio.Decibels();
}

/// All models, one after the other; outputs are kept of the first only.
std::vector<Score> EvaluateAll(const EvalOptions& options,
                               const std::vector<std::int32_t>& labels) {
  std::vector<Score> scores;
  Scores first;
  for (const std::string& model : options.models) {
    if (scores.empty()) {
      scores.push_back(
          Evaluate(model, options, labels, options.models.size() > 1 ? &first : nullptr));
      continue;
    }
    Scores outputs;
    scores.push_back(Evaluate(model, options, labels, &outputs));
    scores.back().decibels = Decibels(first, outputs);
  }
  return scores;
}

void PrintJson(const std::vector<Score>& scores) {
  auto json = nlohmann::ordered_json::array();
  for (const Score& score : scores) {
    json.push_back({{"model", score.model},
                    {"arithmetic", score.arithmetic},
                    {"right", score.accuracy.right},
                    {"total", score.accuracy.total},
                    {"accuracy_percent", score.Percent()},
                    {"sqnr_decibels", score.decibels ? nlohmann::ordered_json(*score.decibels)
                                                     : nlohmann::ordered_json()},
                    {"right_in_five", score.accuracy.right_in_five},
                    {"classes", score.accuracy.classes},
                    {"confusion", score.accuracy.confusion}});
  }
  std::printf("%s\n", DumpJson(json).c_str());
}

void PrintTable(const std::vector<Score>& scores) {
  using Align = Table::Align;
  Table table({{"model"},
               {"arithmetic"},
               {"right", Align::kRight},
               {"of", Align::kRight},
               {"accuracy", Align::kRight},
               {"in the first 5", Align::kRight},
               {"against the first", Align::kRight},
               {"SQNR", Align::kRight}});
  for (const Score& score : scores) {
    const double difference = score.Percent() - scores.front().Percent();
    table.Add(
        {score.model, score.arithmetic, Grouped(score.accuracy.right),
         Grouped(score.accuracy.total), Fixed(score.Percent(), 2) + " %",
         // Of five classes or fewer, every answer is among the first five.
         score.accuracy.classes > 5 ? Fixed(score.Percent(score.accuracy.right_in_five), 2) + " %"
                                    : "",
         &score == &scores.front() ? ""
                                   : (difference < 0 ? "" : "+") + Fixed(difference, 2) + " points",
         score.decibels ? Fixed(*score.decibels, 1) + " dB" : ""});
  }
  std::printf("%s", table.Format().c_str());
}

// A row for each class of the labels, a column for each answer.
void PrintConfusion(const Score& score) {
  using Align = Table::Align;
  const std::size_t classes = score.accuracy.classes;
  std::vector<Table::Column> columns = {{"label \\ answer", Align::kRight}};
  for (std::size_t c = 0; c < classes; ++c) columns.push_back({std::to_string(c), Align::kRight});
  Table table(columns);
  for (std::size_t label = 0; label < classes; ++label) {
    std::vector<std::string> cells = {std::to_string(label)};
    for (std::size_t answer = 0; answer < classes; ++answer) {
      cells.push_back(Grouped(score.accuracy.confusion[label * classes + answer]));
    }
    table.Add(cells);
  }
  std::printf("\n%s\n%s", score.model.c_str(), table.Format().c_str());
}

// Where two models are forms of one network, also layer by layer.
void AddComparison(const EvalOptions& options, report::ReportFacts* facts) {
  const LoadedNetwork a = LoadNetwork(options.models[0]);
  const LoadedNetwork b = LoadNetwork(options.models[1]);
  const auto samples = report::SomeOf(LoadSamples(options.data, a.inputs));
  Progress progress("comparing");
  const compiler::Comparison comparison = compiler::CompareNetworks(
      *a.network, *b.network, samples, options.data.threads,
      [&](std::size_t done, std::size_t total) { progress.Show(done, total); });
  report::AddLayers(a, b, comparison, samples, options.data.threads, facts);
  report::AddSizes(options.models[0], options.models[1], facts);
}

void Report(const EvalOptions& options, const std::vector<Score>& scores) {
  report::ReportFacts facts;
  for (const std::string& model : options.models) {
    facts.title += (facts.title.empty() ? "" : " and ") + report::FileName(model);
  }
  facts.subtitle = "evaluated on " + Grouped(scores.front().accuracy.total) + " samples of " +
                   options.data.data[0];
  facts.accuracy_note =
      "The answer of a model is the index of the largest value of its first output.";
  for (const Score& score : scores) {
    report::AddAccuracy({score.model, score.arithmetic, score.accuracy}, &facts);
  }
  const Score& last = scores.back();
  if (options.models.size() == 2) {
    try {
      AddComparison(options, &facts);
    } catch (const Error& error) {  // Two networks of their own can be evaluated side by side.
      facts.accuracy_note += std::string(" Not compared layer by layer: ") + error.what() + ".";
    }
  }
  if (last.arithmetic != std::string(kFloat)) {
    const LoadedModel model = LoadModel(last.model);
    for (std::size_t i = 0; model.model.Label(i) != nullptr; ++i) {
      facts.labels.emplace_back(model.model.Label(i));
    }
    report::AddWeights(model, {}, &facts);
    report::AddMemory(model, &facts);
  }
  report::WritePage(facts, options.report);
}

void Eval(const EvalOptions& options) {
  if (!options.report.empty()) {
    std::vector<std::string> sources = options.models;
    sources.insert(sources.end(), options.data.data.begin(), options.data.data.end());
    sources.push_back(options.labels);
    CheckOutputs({options.report}, sources);
  }
  const std::vector<std::int32_t> labels =
      compiler::LoadLabels(options.labels, options.data.samples);
  if (labels.empty()) throw Error(options.labels + ": holds no labels; give one for each sample");
  const std::vector<Score> scores = EvaluateAll(options, labels);
  if (!options.report.empty()) Report(options, scores);
  if (options.json) {
    PrintJson(scores);
  } else {
    PrintTable(scores);
    for (const Score& score : scores) {
      if (options.confusion) PrintConfusion(score);
    }
  }
}

}  // namespace

void AddEval(CLI::App* app) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command = app->add_subcommand(
      "eval", "Measure the accuracy of classifiers, float and integer side by side");
  command->footer(
      "\nExample:\n"
      "  quaver eval model.onnx model.qvr --data t10k-images-idx3-ubyte.gz "
      "--labels t10k-labels-idx1-ubyte.gz\n"
      "\nThe answer of a model is the index of the largest value of its first output. SQNR is "
      "that\n"
      "output's signal to noise against the first model's.\n");
  command->add_option("MODEL", options->models, ".qvr, .tflite or float .onnx models")->required();
  AddDataOptions(command, &options->data);
  command->add_option("-l,--labels", options->labels, "Their classes: .npy or IDX")
      ->required()
      ->type_name("FILE");
  command->add_flag("--confusion", options->confusion,
                    "Print how often each class got each answer, too (JSON always has it)");
  AddReportOption(command, &options->report);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] { Eval(*options); });
}

}  // namespace quaver::tools
