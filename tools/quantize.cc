// quaver quantize IN.onnx|IN.tflite --data FILE.npy|IDX|DIR -o OUT.qvr
#include "compiler/quantize/quantize.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/quantize/compare_methods.h"
#include "compiler/quantize/sensitivity.h"
#include "tools/command.h"
#include "tools/data_options.h"
#include "tools/error.h"
#include "tools/facts.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/quantize_report.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

struct Options {
  std::string input;
  DataOptions data;
  std::string labels;
  std::string output;
  std::string report;
  std::string method = compiler::RangeMethodName(compiler::QuantizeOptions().range.method);
  float percentile = compiler::RangeOptions().percentile;
  bool per_tensor = false;
  bool symmetric = false;
  bool power_of_two = false;
  bool optimize = false;
  bool sensitivity = false;
  bool float_io = false;
};

constexpr const char* kAllMethods = "all";
constexpr const char* kHeldOut = "On the fifth of the samples that was held out:";

void CheckFloat(const compiler::Graph& graph, const std::string& path) {
  if (IsFloat(graph)) return;
  throw Error(path + ": is quantized already; make a .qvr of it with: quaver convert " + path +
              " -o MODEL.qvr");
}

compiler::QuantizeOptions QuantizeOptionsOf(const Options& options) {
  compiler::QuantizeOptions quantize;
  for (compiler::RangeMethod method : compiler::AllRangeMethods()) {
    if (options.method == compiler::RangeMethodName(method)) quantize.range.method = method;
  }
  quantize.range.percentile = options.percentile;
  quantize.scheme.per_channel_weights = !options.per_tensor;
  quantize.scheme.symmetric_activations = options.symmetric;
  quantize.scheme.power_of_two_scales = options.power_of_two;
  quantize.optimize = options.optimize;
  quantize.float_io = options.float_io;
  quantize.threads = options.data.threads;
  return quantize;
}

void PrintScores(const std::vector<compiler::MethodScore>& scores) {
  using Align = Table::Align;
  std::vector<Table::Column> columns = {{"method"}, {"SQNR", Align::kRight}};
  if (scores.front().accuracy) columns.push_back({"accuracy", Align::kRight});
  Table table(columns);
  for (const compiler::MethodScore& score : scores) {
    std::vector<std::string> cells = {compiler::RangeMethodName(score.method),
                                      Fixed(score.decibels, 1) + " dB"};
    if (score.accuracy) {
      cells.push_back(Fixed(100.0 * static_cast<double>(score.accuracy->right) /
                                static_cast<double>(score.accuracy->total),
                            2) +
                      " %");
    }
    table.Add(cells);
  }
  std::printf("%s\n%s", kHeldOut, table.Format().c_str());
}

// Of the samples; none without --labels.
std::vector<std::int32_t> LabelsOf(const Options& options, std::size_t samples) {
  if (options.labels.empty()) return {};
  std::vector<std::int32_t> labels = compiler::LoadLabels(options.labels, options.data.samples);
  CheckLabels(options.labels, labels.size(), options.data, samples);
  return labels;
}

// Tries all methods and prints how they did.
std::vector<compiler::MethodScore> TryMethods(const compiler::Graph& graph,
                                              const std::vector<compiler::Sample>& samples,
                                              const std::vector<std::int32_t>& labels,
                                              compiler::QuantizeOptions quantize) {
  Progress progress("comparing methods");
  quantize.progress = [&](std::size_t done, std::size_t total) { progress.Show(done, total); };
  auto scores = compiler::CompareMethods(graph, samples, labels, quantize);
  PrintScores(scores);
  return scores;
}

void PrintSteps(const std::vector<compiler::OptimizeStep>& steps) {
  if (steps.empty()) return;
  using Align = Table::Align;
  Table table({{"step"}, {"SQNR", Align::kRight}, {"kept"}});
  for (const compiler::OptimizeStep& step : steps) {
    table.Add({step.name, Fixed(step.decibels, 2) + " dB", step.kept ? "yes" : "no"});
  }
  std::printf("%s\n%s", kHeldOut, table.Format().c_str());
}

void PrintSensitivity(const compiler::Graph& graph, const std::vector<compiler::Sample>& samples,
                      const compiler::QuantizeOptions& options) {
  Progress progress("one layer at a time");
  using Align = Table::Align;
  Table table({{"layer, quantized alone"}, {"SQNR of the outputs", Align::kRight}});
  const auto show = [&](std::size_t done, std::size_t total) { progress.Show(done, total); };
  for (const compiler::LayerSensitivity& layer :
       compiler::AnalyzeSensitivity(graph, samples, options, show)) {
    table.Add({layer.name, Fixed(layer.decibels, 1) + " dB"});
  }
  std::printf("%s", table.Format().c_str());
}

void QuantizeModel(const Options& options) {
  std::vector<std::string> sources = options.data.data;
  sources.push_back(options.input);
  std::vector<std::string> outputs = {options.output};
  if (!options.report.empty()) outputs.push_back(options.report);
  CheckOutputs(outputs, sources);
  const compiler::Graph graph = ImportGraph(options.input);
  CheckFloat(graph, options.input);
  const std::vector<compiler::Sample> samples = LoadSamples(options.data, graph);
  compiler::QuantizeOptions quantize = QuantizeOptionsOf(options);
  const std::vector<std::int32_t> labels = LabelsOf(options, samples.size());
  std::vector<compiler::MethodScore> scores;
  if (options.method == kAllMethods) {
    scores = TryMethods(graph, samples, labels, quantize);
    quantize.range.method = compiler::BestMethod(scores).method;
    std::printf("Quantizing with %s\n", compiler::RangeMethodName(quantize.range.method));
  }
  Progress progress("calibrating");
  quantize.progress = [&](std::size_t done, std::size_t total) { progress.Show(done, total); };
  if (options.sensitivity) PrintSensitivity(graph, samples, quantize);
  std::vector<compiler::OptimizeStep> steps;
  const compiler::Graph quantized = compiler::Quantize(graph, samples, quantize, &steps);
  PrintSteps(steps);
  const auto bytes = CompileGraph(quantized, options.input);
  const LoadedModel model = LoadModel(options.output, bytes);
  WriteFiles({{options.output, bytes}});
  if (!options.report.empty()) {
    quantize.progress = nullptr;
    WriteQuantizeReport({options.input, options.output, options.data.data[0], graph, samples,
                         labels, quantize, scores, steps},
                        options.report);
  }
  PrintSummary(model);
}

}  // namespace

void AddQuantize(CLI::App* app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app->add_subcommand("quantize", "Make an int8 .qvr from a float model and sample data");
  command->footer(
      "\nExamples:\n"
      "  quaver quantize model.onnx --data train-images-idx3-ubyte.gz -o model.qvr\n"
      "  quaver quantize model.tflite --data samples.npy --samples 200 -o model.qvr\n"
      "  quaver quantize model.onnx --data samples.npy -o model.qvr --report report.html\n"
      "\nThe data should look like what the model will see; labels are not needed.\n");
  command->add_option("IN", options->input, "The float model, .onnx or .tflite")->required();
  options->data.samples = 500;
  AddDataOptions(command, &options->data);
  command->add_option("-o,--output", options->output, "The .qvr file to write")->required();
  std::vector<std::string> methods = {kAllMethods};
  for (compiler::RangeMethod method : compiler::AllRangeMethods()) {
    methods.emplace_back(compiler::RangeMethodName(method));
  }
  command
      ->add_option("-m,--method", options->method,
                   "How ranges of activations follow from the samples; all: tries each on a part "
                   "of the samples and takes the best")
      ->capture_default_str()
      ->check(CLI::IsMember(methods));
  command
      ->add_option("--percentile", options->percentile,
                   "Of the method percentile: how many values are not clipped")
      ->capture_default_str()
      ->check(CLI::Range(50.0, 100.0));
  command
      ->add_option("-l,--labels", options->labels,
                   "Classes of the samples, .npy or IDX: --method all then compares accuracy, and "
                   "the report has it")
      ->type_name("FILE");
  command->add_flag("--per-tensor", options->per_tensor,
                    "One scale for all weights of a layer, not one for each output channel");
  command->add_flag("--symmetric", options->symmetric, "Activations with zero points of 0");
  command->add_flag("--power-of-two", options->power_of_two, "Scales that are powers of two");
  command->add_flag("--optimize", options->optimize,
                    "Try equalization, adaptive rounding and bias correction; keep what helps");
  command->add_flag("--sensitivity", options->sensitivity,
                    "Print how much each layer loses when it alone is quantized");
  command->add_flag("--float-io", options->float_io, "Keep float inputs and outputs");
  AddReportOption(command, &options->report);
  command->callback([options] { QuantizeModel(*options); });
}

}  // namespace quaver::tools
