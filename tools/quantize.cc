// quaver quantize IN.onnx --data FILE.npy|IDX|DIR -o OUT.qvr
#include "compiler/quantize/quantize.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "tools/command.h"
#include "tools/error.h"
#include "tools/facts.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

struct Options {
  std::string input;
  std::vector<std::string> data;
  std::string output;
  std::size_t samples = 500;
  bool float_io = false;
};

void CheckFloat(const compiler::Graph& graph, const std::string& path) {
  if (IsFloat(graph)) return;
  throw Error(path + ": is quantized already; make a .qvr of it with: quaver convert " + path +
              " -o MODEL.qvr");
}

void QuantizeModel(const Options& options) {
  std::vector<std::string> sources = options.data;
  sources.push_back(options.input);
  CheckOutputs({options.output}, sources);
  const compiler::Graph graph = ImportGraph(options.input);
  CheckFloat(graph, options.input);
  compiler::DatasetOptions dataset;
  dataset.limit = options.samples;
  const std::vector<compiler::Sample> samples = compiler::LoadSamples(options.data, graph, dataset);
  compiler::QuantizeOptions quantize;
  quantize.float_io = options.float_io;
  Progress progress("calibrating");
  quantize.progress = [&](std::size_t done, std::size_t total) { progress.Show(done, total); };
  const compiler::Graph quantized = compiler::Quantize(graph, samples, quantize);
  const auto bytes = CompileGraph(quantized, options.input);
  const LoadedModel model = LoadModel(options.output, bytes);
  WriteFiles({{options.output, bytes}});
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
      "\nThe data should look like what the model will see; labels are not needed.\n");
  command->add_option("IN.onnx", options->input, "The float model, .onnx or .tflite")->required();
  command
      ->add_option("-d,--data", options->data,
                   "Samples: a .npy array, an IDX file (gzipped or not), or a directory of "
                   "them; repeat for each input")
      ->required()
      ->type_name("FILE|DIR")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("-o,--output", options->output, "The .qvr file to write")->required();
  command->add_option("-n,--samples", options->samples, "Use at most so many samples")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_flag("--float-io", options->float_io, "Keep float inputs and outputs");
  command->callback([options] { QuantizeModel(*options); });
}

}  // namespace quaver::tools
