// quaver run MODEL --input FILE [--input FILE ...] --output FILE [--output FILE ...]
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/error.h"
#include "tools/files.h"
#include "tools/model_file.h"

namespace quaver::tools {
namespace {

struct RunOptions {
  std::string model;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string isa;
  int threads = 1;
};

void CheckCount(const RunOptions& options, const char* option, std::size_t found,
                std::size_t expected) {
  if (found == expected) return;
  throw UsageError(options.model + ": expected " + std::to_string(expected) + " " + option +
                   ", found " + std::to_string(found) + "; give one " + option +
                   " per tensor, in the order that quaver inspect shows");
}

void FillInput(const std::string& path, std::size_t index, const TensorView& tensor) {
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  if (bytes.size() != tensor.bytes) {
    throw Error(path + ": wrong size for input " + std::to_string(index) + " (" + tensor.name +
                ", " + DescribeTensor(tensor) + "): expected " + std::to_string(tensor.bytes) +
                " bytes, found " + std::to_string(bytes.size()) +
                "; give the raw little-endian tensor, without a header");
  }
  std::memcpy(tensor.data, bytes.data(), bytes.size());
}

void RunModel(const RunOptions& options) {
  std::vector<std::string> sources = options.inputs;
  sources.push_back(options.model);
  CheckOutputs(options.outputs, sources);
  const LoadedModel model = LoadModel(options.model);
  CheckCount(options, "--input", options.inputs.size(), model.model.InputCount());
  CheckCount(options, "--output", options.outputs.size(), model.model.OutputCount());
  LoadedSession loaded = MakeSession(model, options.isa.empty() ? nullptr : options.isa.c_str(),
                                     nullptr, options.threads);
  for (std::size_t i = 0; i < options.inputs.size(); ++i) {
    FillInput(options.inputs[i], i, loaded.session.Input(i));
  }
  Check(loaded.session.Run(), options.model);
  std::vector<OutputFile> files;
  for (std::size_t i = 0; i < options.outputs.size(); ++i) {
    const TensorView output = loaded.session.Output(i);
    files.push_back(
        {options.outputs[i], {static_cast<const std::uint8_t*>(output.data), output.bytes}});
  }
  WriteFiles(files);
}

}  // namespace

void AddRun(CLI::App* app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app->add_subcommand("run", "Run a model once on raw tensor bytes");
  command->footer(
      "\nExample:\n  quaver run model.qvr --input in.bin --output out.bin\n"
      "\nFiles are raw little-endian tensors, one option per tensor, in the model's order.\n");
  command->add_option("MODEL", options->model, "A .qvr or .tflite")->required();
  command->add_option("-i,--input", options->inputs, "Input tensor; repeat for each input")
      ->required()
      ->type_name("FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("-o,--output", options->outputs, "Output tensor; repeat for each output")
      ->required()
      ->type_name("FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--threads", options->threads, "Threads that share the inference")
      ->check(CLI::Range(1, kMaxThreads))
      ->capture_default_str();
  command->add_option("--isa", options->isa,
                      "Instruction set (default: QUAVER_ISA, else the best)");
  command->callback([options] { RunModel(*options); });
}

}  // namespace quaver::tools
