// quaver pack MODEL --target ISA[,ISA...] -o OUT.qvr
#include "compiler/pack/pack.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/emit/arena_sizes.h"
#include "tools/command.h"
#include "tools/error.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

struct PackOptions {
  std::string model;
  std::vector<std::string> targets;
  std::string output;
};

/// "scalar, avx2, ...": the targets that there are.
std::string TargetNames() {
  std::string names;
  for (Isa isa : compiler::IsasWithKernels()) names += std::string(IsaName(isa)) + ", ";
  return names + "all";
}

/// In the order given, each once.
std::vector<Isa> ParseTargets(const std::vector<std::string>& names) {
  const std::set<Isa> known = compiler::IsasWithKernels();
  std::vector<Isa> targets;
  const auto add = [&](Isa isa) {
    if (std::find(targets.begin(), targets.end(), isa) == targets.end()) targets.push_back(isa);
  };
  for (const std::string& name : names) {
    Isa isa = Isa::kScalar;
    if (name == "all") {
      for (Isa each : compiler::IsasThatPackWeights()) add(each);
    } else if (IsaFromName(name.c_str(), &isa) && known.count(isa) != 0) {
      add(isa);
    } else {
      throw UsageError("--target " + name + ": there is no such target; there are " +
                       TargetNames());
    }
  }
  return targets;
}

compiler::PackedModel PackModel(const LoadedModel& model, const std::vector<Isa>& targets) {
  try {
    return compiler::Pack(model.model, targets);
  } catch (const Error& error) {
    throw Error(model.path + ": " + error.what());
  }
}

void PrintTargets(const compiler::PackedModel& packed) {
  using Align = Table::Align;
  Table table({{"target"},
               {"packed operators", Align::kRight},
               {"packed bytes", Align::kRight},
               {"arena unpacked", Align::kRight},
               {"arena packed", Align::kRight}});
  for (const compiler::PackedTarget& target : packed.targets) {
    table.Add({IsaName(target.isa),
               std::to_string(target.packed_operators) + " of " +
                   std::to_string(target.operators_with_weights),
               Grouped(target.packed_bytes), Grouped(target.unpacked_arena_bytes),
               Grouped(target.arena_bytes)});
  }
  std::printf("%s", table.Format().c_str());
}

void PackFile(const PackOptions& options) {
  CheckOutputs({options.output}, {options.model});
  const std::vector<Isa> targets = ParseTargets(options.targets);
  const LoadedModel model = LoadModel(options.model);
  const compiler::PackedModel packed = PackModel(model, targets);
  WriteFiles({{options.output, packed.bytes}});
  std::printf("%s: %s bytes, %s of them packed weights; %s before\n", options.output.c_str(),
              Grouped(packed.bytes.size()).c_str(), Grouped(packed.packed_bytes).c_str(),
              Grouped(model.bytes.size()).c_str());
  PrintTargets(packed);
}

}  // namespace

void AddPack(CLI::App* app) {
  auto options = std::make_shared<PackOptions>();
  CLI::App* command = app->add_subcommand(
      "pack",
      "Store weights as the kernels of chosen CPUs want them: a faster load, a smaller arena");
  command->footer(
      "\nExamples:\n  quaver pack model.qvr --target avx512vnni -o packed.qvr\n"
      "  quaver pack model.tflite --target avx2,neon -o packed.qvr\n"
      "\nTargets: " +
      TargetNames() +
      ".\nThe file still runs everywhere: on another CPU the weights are packed when the session "
      "is\n"
      "created, as without this command. The targets named replace those of a file that is packed\n"
      "already.\n");
  command->add_option("MODEL", options->model, "A .qvr or .tflite")->required();
  command->add_option("--target", options->targets, "Instruction sets, with commas between them")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->delimiter(',')
      ->type_name("ISA");
  command->add_option("-o,--output", options->output, "The .qvr file to write")->required();
  command->callback([options] { PackFile(*options); });
}

}  // namespace quaver::tools
