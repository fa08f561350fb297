// quaver convert IN.tflite -o OUT.qvr
#include <cstdio>
#include <memory>
#include <string>

#include "tools/command.h"
#include "tools/error.h"
#include "tools/facts.h"
#include "tools/files.h"
#include "tools/model_file.h"

namespace quaver::tools {
namespace {

struct Options {
  std::string input;
  std::string output;
  bool strip_names = false;
};

void Convert(const Options& options) {
  CheckOutputs({options.output}, {options.input});
  compiler::CompileOptions compile;
  compile.strip_names = options.strip_names;
  const auto bytes = CompileGraph(ImportTfliteFile(options.input), options.input, compile);
  const LoadedModel model = LoadModel(options.output, bytes);
  WriteFiles({{options.output, bytes}});
  PrintSummary(model);
}

}  // namespace

void AddConvert(CLI::App* app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand("convert", "Convert an int8 .tflite model to .qvr");
  command->footer("\nExample:\n  quaver convert model.tflite -o model.qvr\n");
  command->add_option("IN.tflite", options->input, "The int8 model")->required();
  command->add_option("-o,--output", options->output, "The .qvr file to write")->required();
  command->add_flag("--strip-names", options->strip_names,
                    "Leave out the names of tensors and operators: a smaller file");
  command->callback([options] { Convert(*options); });
}

}  // namespace quaver::tools
