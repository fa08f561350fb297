// quaver convert IN.tflite|IN.onnx -o OUT.qvr
#include <cstdio>
#include <memory>
#include <string>

#include "compiler/passes/passes.h"
#include "tools/command.h"
#include "tools/error.h"
#include "tools/facts.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/storage_options.h"

namespace quaver::tools {
namespace {

struct ConvertOptions {
  std::string input;
  std::string output;
  bool strip_names = false;
  bool int8_io = false;
  std::string expand = "never";
};

void Convert(const ConvertOptions& options) {
  CheckOutputs({options.output}, {options.input});
  compiler::CompileOptions compile;
  compile.strip_names = options.strip_names;
  compile.weights = StorageOf(options.expand);
  compiler::Graph graph = ImportQuantizedFile(options.input);
  if (options.int8_io) compiler::RemoveFloatBorders(&graph);
  const auto bytes = CompileGraph(graph, options.input, compile);
  const LoadedModel model = LoadModel(options.output, bytes);
  WriteFiles({{options.output, bytes}});
  PrintSummary(model);
}

}  // namespace

void AddConvert(CLI::App* app) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command =
      app->add_subcommand("convert", "Convert a quantized .tflite or .onnx model to .qvr");
  command->footer(
      "\nExamples:\n"
      "  quaver convert model.tflite -o model.qvr\n"
      "  quaver convert qat.onnx -o qat.qvr --int8-io\n"
      "\nAn .onnx is quantized where it has QuantizeLinear and DequantizeLinear (QDQ), as "
      "quantization-aware\ntraining exports it.\n");
  command->add_option("IN.tflite", options->input, "The int8 model, .tflite or .onnx")->required();
  command->add_option("-o,--output", options->output, "The .qvr file to write")->required();
  command->add_flag("--strip-names", options->strip_names,
                    "Leave out the names of tensors and operators: a smaller file");
  command->add_flag("--int8-io", options->int8_io,
                    "Make float inputs and outputs int8, as they are inside");
  AddExpandOption(command, &options->expand);
  command->callback([options] { Convert(*options); });
}

}  // namespace quaver::tools
