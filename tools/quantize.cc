// quaver quantize IN.onnx|IN.tflite --data FILE.npy|IDX|DIR -o OUT.qvr
#include "compiler/quantize/quantize.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/quantize/compare_methods.h"
#include "compiler/quantize/dynamic.h"
#include "compiler/quantize/evaluate.h"
#include "compiler/quantize/fidelity.h"
#include "compiler/quantize/sensitivity.h"
#include "compiler/quantize/weight_form.h"
#include "tools/command.h"
#include "tools/data_options.h"
#include "tools/error.h"
#include "tools/facts.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/quantize_report.h"
#include "tools/storage_options.h"
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
  std::vector<std::string> int16_layers;
  std::optional<double> target_drop;
  bool float_io = false;
  std::string weights = "int8";
  std::vector<std::string> layers;
  double prune = 0;
  std::string prune_scope = "layer";
  std::string expand;  // empty: "load" where weights are not int8 as they come
  bool dynamic = false;
};

constexpr const char* kAllMethods = "all";
constexpr const char* kHeldOut = "On the fifth of the samples that was held out:";

void CheckFloat(const compiler::Graph& graph, const std::string& path) {
  if (IsFloat(graph)) return;
  throw Error(path + ": is quantized already; make a .qvr of it with: quaver convert " + path +
              " -o MODEL.qvr");
}

compiler::WeightOptions WeightOptionsOf(const Options& options) {
  compiler::WeightOptions weights;
  weights.form = *compiler::ParseWeightForm(options.weights);
  weights.prune = options.prune;
  weights.prune_globally = options.prune_scope == "global";
  weights.layers = options.layers;
  if (!weights.any() && !weights.layers.empty()) {
    throw UsageError("--layers says which layers --weights or --prune are for; give one of these");
  }
  if (weights.form.entries == 256 && weights.prune > 0) {
    throw UsageError(
        "--weights codebook256 has one index for two weights, which --prune cannot "
        "leave out; use codebook16 or no --prune");
  }
  return weights;
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
  quantize.int16_layers = options.int16_layers;
  quantize.target_drop = options.target_drop;
  quantize.float_io = options.float_io;
  quantize.weights = WeightOptionsOf(options);
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

void PrintTries(const compiler::PrecisionReport& report) {
  using Align = Table::Align;
  Table table({{"worst layers in int16", Align::kRight},
               {report.by_accuracy ? "accuracy" : "SQNR", Align::kRight},
               {"MACs in int16", Align::kRight},
               {"arena", Align::kRight},
               {"target"}});
  for (const compiler::PrecisionTry& found : report.tries) {
    const double share = found.macs == 0 ? 0
                                         : 100 * static_cast<double>(found.int16_macs) /
                                               static_cast<double>(found.macs);
    table.Add({std::to_string(found.layers),
               Fixed(found.score, 2) + (report.by_accuracy ? " %" : " dB"), Fixed(share, 1) + " %",
               Grouped(found.arena_bytes), found.met ? "met" : "missed"});
  }
  std::printf("%s\n%s", kHeldOut, table.Format().c_str());
}

void PrintPrecision(const compiler::PrecisionReport& report, double target_drop) {
  PrintTries(report);
  if (report.by_accuracy) {
    std::printf("Target: %s %% (float) less %s points\n", Fixed(report.float_accuracy, 2).c_str(),
                Fixed(target_drop, 2).c_str());
  } else {
    std::printf("Target: %s dB, noise of %s %% of the outputs' energy\n",
                Fixed(compiler::LeastDecibels(target_drop), 2).c_str(),
                Fixed(target_drop, 2).c_str());
  }
  if (!report.met) std::printf("Missed by every number of layers; the nearest was taken\n");
  if (report.layers.empty()) {
    std::printf(report.met ? "No layer needs int16\n"
                           : "No layer got int16: what is lost is not lost by activations\n");
    return;
  }
  using Align = Table::Align;
  Table table({{"layer in int16"}, {"SQNR with it alone in int8", Align::kRight}});
  for (const compiler::PrecisionReport::Layer& layer : report.layers) {
    table.Add({layer.name, Fixed(layer.decibels, 1) + " dB"});
  }
  std::printf("%s", table.Format().c_str());
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

/// Converters chain the names of all that they have fused.
std::string Shortened(const std::string& name) {
  constexpr std::size_t kMost = 48;
  return name.size() <= kMost ? name : name.substr(0, kMost - 3) + "...";
}

void AddWeightsRow(const compiler::WeightSummary& layer, bool is_total, Table* table) {
  const double percent = layer.weights == 0 ? 0
                                            : 100 * static_cast<double>(layer.zeros) /
                                                  static_cast<double>(layer.weights);
  table->Add({is_total ? "total" : Shortened(Printable(layer.name)), Grouped(layer.weights),
              Grouped(layer.compressed_bytes), Fixed(percent, 1) + " %",
              is_total ? "" : Fixed(layer.decibels, 1) + " dB"});
}

/// What the weights have become, layer by layer.
void PrintWeights(const std::vector<compiler::WeightSummary>& layers) {
  using Align = Table::Align;
  Table table({{"layer"},
               {"int8 bytes", Align::kRight},
               {"compressed", Align::kRight},
               {"zeros", Align::kRight},
               {"SQNR of weights", Align::kRight}});
  compiler::WeightSummary total;
  for (const compiler::WeightSummary& layer : layers) {
    AddWeightsRow(layer, false, &table);
    total.weights += layer.weights;
    total.compressed_bytes += layer.compressed_bytes;
    total.zeros += layer.zeros;
  }
  AddWeightsRow(total, true, &table);
  std::printf("%s", table.Format().c_str());
}

/// How the outputs do beside those of the float model, on the samples that it was calibrated with.
void PrintFidelity(const compiler::Graph& graph, const LoadedModel& model,
                   const std::vector<compiler::Sample>& samples,
                   const std::vector<std::int32_t>& labels, std::size_t threads) {
  const double decibels =
      compiler::CompareOutputs(compiler::RunFloat(graph, samples, threads),
                               compiler::RunInteger(model.model, samples, threads))
          .Decibels();
  std::printf("On the samples given: SQNR of the outputs %s dB", Fixed(decibels, 1).c_str());
  if (!labels.empty()) {
    const auto percent = [](const compiler::Accuracy& accuracy) {
      return Fixed(
          100.0 * static_cast<double>(accuracy.right) / static_cast<double>(accuracy.total), 2);
    };
    std::printf(
        "; accuracy %s %%, float %s %%",
        percent(compiler::EvaluateModel(model.model, samples, labels, {threads, nullptr})).c_str(),
        percent(compiler::EvaluateFloat(graph, samples, labels, {threads, nullptr})).c_str());
  }
  std::printf("\n");
}

// Everything else is for ranges that follow from samples, or for weights of such models.
void CheckNothingBesideDynamic(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "IN" || name == "--output" || name == "--dynamic") continue;
    throw UsageError("quantize: --dynamic does not go together with " + name +
                     ": ranges of activations follow from the data while the model runs, weights "
                     "are int8. Leave out one of the two");
  }
}

// No data is looked at: scales of activations are found while the model runs.
void QuantizeDynamically(const Options& options) {
  CheckOutputs({options.output}, {options.input});
  const compiler::Graph graph = ImportGraph(options.input);
  CheckFloat(graph, options.input);
  const auto bytes = CompileGraph(compiler::QuantizeDynamically(graph), options.input);
  const LoadedModel model = LoadModel(options.output, bytes);
  WriteFiles({{options.output, bytes}});
  PrintSummary(model);
}

void QuantizeModel(const Options& options) {
  if (options.data.data.empty()) {
    throw UsageError(
        "quantize: --data is required: sample inputs, from which ranges follow (or --dynamic, for "
        "networks of fully connected layers); see: quaver quantize --help");
  }
  compiler::QuantizeOptions quantize = QuantizeOptionsOf(options);
  std::vector<std::string> sources = options.data.data;
  sources.push_back(options.input);
  std::vector<std::string> outputs = {options.output};
  if (!options.report.empty()) outputs.push_back(options.report);
  CheckOutputs(outputs, sources);
  const compiler::Graph graph = ImportGraph(options.input);
  CheckFloat(graph, options.input);
  const std::vector<compiler::Sample> samples = LoadSamples(options.data, graph);
  const std::vector<std::int32_t> labels = LabelsOf(options, samples.size());
  quantize.labels = labels;
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
  std::vector<compiler::WeightSummary> weights;
  compiler::PrecisionReport precision;
  const compiler::Graph quantized =
      compiler::Quantize(graph, samples, quantize, &steps, &weights, &precision);
  PrintSteps(steps);
  if (options.target_drop) PrintPrecision(precision, *options.target_drop);
  compiler::CompileOptions compile;
  const std::string by_default = quantize.weights.any() ? "load" : "never";
  compile.weights = StorageOf(options.expand.empty() ? by_default : options.expand);
  const auto bytes = CompileGraph(quantized, options.input, compile);
  const LoadedModel model = LoadModel(options.output, bytes);
  WriteFiles({{options.output, bytes}});
  if (quantize.weights.any()) {
    PrintWeights(weights);
    PrintFidelity(graph, model, samples, labels, options.data.threads);
  }
  if (!options.report.empty()) {
    quantize.progress = nullptr;
    WriteQuantizeReport({options.input, options.output, options.data.data[0], graph, samples,
                         labels, quantize, scores, steps, weights, precision},
                        options.report);
  }
  PrintSummary(model);
}

void AddWeightOptions(CLI::App* command, Options* options) {
  command
      ->add_option("-w,--weights", options->weights,
                   "Weights of fewer bits: int4, int4-gN (N inputs share a multiplier), ternary, "
                   "binary, pow2, codebook4, codebook16, codebook256 (one index for two weights)")
      ->capture_default_str()
      ->type_name("FORM")
      ->check([](const std::string& text) {
        return compiler::ParseWeightForm(text)
                   ? std::string()
                   : text +
                         " is no form of weights; there are int8, int4, int4-gN (N 8, 16, ..., "
                         "4096), ternary, binary, pow2, codebook4, codebook16, codebook256";
      });
  command
      ->add_option("--layers", options->layers,
                   "Layers that --weights and --prune are for, by name, with * and ? and commas "
                   "between them; by default all but the first and the last")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->delimiter(',')
      ->type_name("PATTERN");
  command
      ->add_option("--prune", options->prune,
                   "Set this part of the weights to 0, those of the smallest magnitude")
      ->type_name("PART")
      ->check(CLI::Range(0.0, 0.99));
  command
      ->add_option("--prune-scope", options->prune_scope,
                   "Whether --prune is a part of each layer or of all together (global)")
      ->capture_default_str()
      ->check(CLI::IsMember(std::vector<std::string>{"layer", "global"}));
  AddExpandOption(command, &options->expand);
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
      "  quaver quantize model.tflite --dynamic -o model.qvr\n"
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
                   "Classes of the samples, .npy or IDX: --method all and --target-drop then look "
                   "at accuracy, --weights and --prune say it, the report has it")
      ->type_name("FILE");
  command->add_flag("--per-tensor", options->per_tensor,
                    "One scale for all weights of a layer, not one for each output channel");
  command->add_flag("--symmetric", options->symmetric, "Activations with zero points of 0");
  command->add_flag("--power-of-two", options->power_of_two, "Scales that are powers of two");
  command->add_flag("--optimize", options->optimize,
                    "Try equalization, adaptive rounding and bias correction; keep what helps");
  command
      ->add_option(
          "--target-drop", options->target_drop,
          "Compute the worst layers in int16 (16x8) until no more than this is lost: points "
          "of accuracy with --labels, else percent of noise in the outputs' energy")
      ->type_name("PERCENT")
      ->check(CLI::Range(1e-6, 100.0));
  command
      ->add_option("--int16-layers", options->int16_layers,
                   "Layers to compute in int16 in any case, by name (--sensitivity lists them)")
      ->delimiter(',')
      ->type_name("NAME,...");
  command->add_flag("--sensitivity", options->sensitivity,
                    "Print how much each layer loses when it alone is quantized");
  command->add_flag("--float-io", options->float_io, "Keep float inputs and outputs");
  AddReportOption(command, &options->report);
  AddWeightOptions(command, options.get());
  command->add_flag("--dynamic", options->dynamic,
                    "Quantize weights only, and each layer's input while the model runs, with the "
                    "range that it has then (float32 between layers). Needs no --data; for "
                    "networks of fully connected layers, on devices with an FPU");
  command->get_option("--data")->required(false);
  command->callback([options, command] {
    if (!options->dynamic) return QuantizeModel(*options);
    CheckNothingBesideDynamic(*command);
    QuantizeDynamically(*options);
  });
}

}  // namespace quaver::tools
