// quaver embed MODEL -o DIR [--name NAME]
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "compiler/emit/emit.h"
#include "tools/command.h"
#include "tools/error.h"
#include "tools/files.h"
#include "tools/model_file.h"

namespace quaver::tools {
namespace {

struct EmbedOptions {
  std::string model;
  std::string directory;
  std::string name;
};

/// A C identifier out of a file name: "my-net 2.qvr" -> "my_net_2".
std::string IdentifierOf(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) {
    name = "model_" + name;
  }
  return name;
}

void CheckIdentifier(const std::string& name) {
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  bool valid = !name.empty() && !is_digit(name[0]);
  for (const char c : name) valid = valid && (is_letter(c) || is_digit(c) || c == '_');
  if (!valid) {
    throw UsageError("--name " + name +
                     ": is not a C identifier; use letters, digits and _, not a digit first");
  }
}

Span<const std::uint8_t> AsBytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void EmbedModel(const EmbedOptions& options) {
  const std::string name = options.name.empty() ? IdentifierOf(options.model) : options.name;
  CheckIdentifier(name);
  const LoadedModel model = LoadModel(options.model);
  const compiler::EmbeddedModel sources =
      compiler::Embed(Span<const std::uint8_t>(model.bytes), name);
  MakeDirectory(options.directory);
  const std::filesystem::path base = std::filesystem::path(options.directory) / name;
  const std::string header = base.string() + ".h";
  const std::string source = base.string() + ".c";
  CheckOutputs({header, source}, {options.model});
  WriteFiles({{header, AsBytes(sources.header)}, {source, AsBytes(sources.source)}});
  std::printf("%s\n%s\nOperators it needs: %s\n", header.c_str(), source.c_str(),
              sources.operators.c_str());
}

}  // namespace

void AddEmbed(CLI::App* app) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App* command =
      app->add_subcommand("embed", "Turn a model into a C array and a header with its arena size");
  command->footer("\nExample:\n  quaver embed model.qvr -o src/generated --name my_model\n");
  command->add_option("MODEL", options->model, "A .qvr or .tflite")->required();
  command
      ->add_option("-o,--output", options->directory, "The directory to write NAME.h and NAME.c to")
      ->required();
  command->add_option("--name", options->name, "The C identifier (default: the model's file name)");
  command->callback([options] { EmbedModel(*options); });
}

}  // namespace quaver::tools
