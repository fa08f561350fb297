// quaver inspect MODEL [--report PAGE] [--json]
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "quaver_generated.h"
#include "tools/command.h"
#include "tools/data_options.h"
#include "tools/facts.h"
#include "tools/files.h"
#include "tools/model_file.h"
#include "tools/report/gather.h"
#include "tools/report/html.h"
#include "tools/report/page.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

using Json = nlohmann::ordered_json;

const char* StorageName(const fb::Tensor& tensor) {
  switch (tensor.storage()) {
    case fb::Storage::Activation:
      return "activation";
    case fb::Storage::Constant:
      return "constant";
    case fb::Storage::State:
      return "state";
    case fb::Storage::Transient:
      return "transient";
    case fb::Storage::Compressed:
      return "compressed";
  }
  return "unknown";
}

bool HasOffset(const fb::Tensor& tensor) {
  return tensor.storage() == fb::Storage::Activation || tensor.storage() == fb::Storage::State;
}

const fb::Tensor& TensorOf(const LoadedModel& model, std::size_t index) {
  return *model.model.root()->tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

Json ShapeJson(const TensorInfo& tensor) {
  Json shape = Json::array();
  for (std::int32_t i = 0; i < tensor.rank; ++i) shape.push_back(tensor.shape[i]);
  return shape;
}

Json TensorJson(const TensorInfo& tensor) {
  return {{"name", tensor.name},        {"type", DataTypeName(tensor.type)},
          {"shape", ShapeJson(tensor)}, {"bytes", tensor.bytes},
          {"scale", tensor.Scale()},    {"zero_point", tensor.zero_point}};
}

Json TensorsJson(const LoadedModel& model) {
  Json tensors = Json::array();
  for (std::size_t i = 0; i < model.model.TensorCount(); ++i) {
    Json tensor = TensorJson(model.model.Tensor(i));
    const fb::Tensor& stored = TensorOf(model, i);
    tensor["storage"] = StorageName(stored);
    if (HasOffset(stored)) tensor["arena_offset"] = stored.arena_offset();
    if (stored.source_index() >= 0) tensor["source_index"] = stored.source_index();
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Json LayoutJson(const LayoutFacts& layout) {
  return {{"layout", layout.layout}, {"bytes", layout.bytes}};
}

Json WeightsJson(const WeightsFacts& weights) {
  Json packed = Json::array();
  for (const LayoutFacts& layout : weights.packed) packed.push_back(LayoutJson(layout));
  return {{"kernel", weights.kernel},
          {"wanted", LayoutJson(weights.wanted)},
          {"in_place", weights.in_place},
          {"storage", weights.storage},
          {"packed", std::move(packed)}};
}

Json OperatorsJson(const LoadedModel& model, const ModelFacts& facts) {
  Json operators = Json::array();
  const fb::Model& root = *model.model.root();
  for (const OperatorFacts& op : facts.operators) {
    const std::uint32_t scratch_offset =
        root.operators()
            ->Get(static_cast<flatbuffers::uoffset_t>(operators.size()))
            ->scratch_offset();
    operators.push_back({{"kind", op.kind},
                         {"name", op.name},
                         {"inputs", op.inputs},
                         {"outputs", op.outputs},
                         {"macs", op.macs},
                         {"weights_bytes", op.weights_bytes},
                         {"stored_bytes", op.stored_bytes}});
    if (!op.weights.kernel.empty()) operators.back()["weights"] = WeightsJson(op.weights);
    if (scratch_offset < root.banks()->Get(0)->bytes()) {
      operators.back()["scratch_offset"] = scratch_offset;
    }
  }
  return operators;
}

Json ArenaSizesJson(const fb::Model& root) {
  Json sizes = Json::array();
  if (root.arena_sizes() == nullptr) return sizes;
  for (const fb::ArenaSize* size : *root.arena_sizes()) {
    sizes.push_back({{"isa", size->isa() == nullptr ? "" : size->isa()->str()},
                     {"pointer_bytes", size->pointer_bytes()},
                     {"bytes", size->bytes()}});
  }
  return sizes;
}

void PrintJson(const LoadedModel& model, const ModelFacts& facts) {
  const fb::Model& root = *model.model.root();
  Json json;
  json["file"] = model.path;
  json["name"] = model.model.Name();
  json["producer"] = root.producer() == nullptr ? "" : root.producer()->str();
  json["format_version"] = root.format_version();
  json["file_bytes"] = model.bytes.size();
  json["weights_bytes"] = facts.weights_bytes;
  json["stored_bytes"] = facts.stored_bytes;
  json["packed_bytes"] = facts.packed_bytes;
  json["macs"] = facts.macs;
  json["isa"] = facts.isa;
  json["arena_bytes"] = facts.arena_bytes;
  json["activation_bytes"] = facts.activation_bytes;
  json["plan_lower_bound_bytes"] = facts.plan_lower_bound_bytes;
  json["state_bytes"] = facts.state_bytes;
  json["scratch_bytes"] = facts.scratch_bytes;
  json["persistent_bytes"] = facts.persistent_bytes;
  json["packed_at_load_bytes"] = facts.packed_at_load_bytes;
  json["packed_in_place_bytes"] = facts.packed_in_place_bytes;
  json["arena_sizes"] = ArenaSizesJson(root);
  json["inputs"] = Json::array();
  for (std::size_t i = 0; i < model.model.InputCount(); ++i) {
    json["inputs"].push_back(TensorJson(model.model.Input(i)));
  }
  json["outputs"] = Json::array();
  for (std::size_t i = 0; i < model.model.OutputCount(); ++i) {
    json["outputs"].push_back(TensorJson(model.model.Output(i)));
  }
  json["operators"] = OperatorsJson(model, facts);
  json["tensors"] = TensorsJson(model);
  std::printf("%s\n", DumpJson(json).c_str());
}

void PrintBorder(const char* what, std::size_t index, const TensorInfo& tensor) {
  std::printf("  %s %zu  %s  %s", what, index, Printable(tensor.name).c_str(),
              DescribeTensor(tensor).c_str());
  if (tensor.scale_bits != 0) {
    std::printf("  = %.9g x (q - %d)", static_cast<double>(tensor.Scale()), tensor.zero_point);
  }
  std::printf("\n");
}

std::string Indices(const std::vector<std::int32_t>& indices) {
  std::string text;
  for (const std::int32_t index : indices) {
    text += (text.empty() ? "" : " ") + std::to_string(index);
  }
  return text;
}

void PrintOperators(const LoadedModel& model, const ModelFacts& facts) {
  using Align = Table::Align;
  Table table({{"#", Align::kRight},
               {"operator"},
               {"output"},
               {"inputs"},
               {"outputs"},
               {"MACs", Align::kRight},
               {"weights", Align::kRight},
               {"name"}});
  for (std::size_t i = 0; i < facts.operators.size(); ++i) {
    const OperatorFacts& op = facts.operators[i];
    const TensorInfo output = model.model.Tensor(static_cast<std::size_t>(op.outputs.at(0)));
    table.Add({std::to_string(i), op.kind, DescribeTensor(output), Indices(op.inputs),
               Indices(op.outputs), Grouped(op.macs), Grouped(op.weights_bytes),
               Printable(op.name)});
  }
  std::printf("\nOperators\n%s", table.Format().c_str());
}

void PrintTensors(const LoadedModel& model) {
  using Align = Table::Align;
  Table table({{"#", Align::kRight},
               {"tensor"},
               {"storage"},
               {"bytes", Align::kRight},
               {"at", Align::kRight},
               {"name"}});
  for (std::size_t i = 0; i < model.model.TensorCount(); ++i) {
    const TensorInfo tensor = model.model.Tensor(i);
    const fb::Tensor& stored = TensorOf(model, i);
    table.Add({std::to_string(i), DescribeTensor(tensor), StorageName(stored),
               Grouped(tensor.bytes), HasOffset(stored) ? Grouped(stored.arena_offset()) : "",
               Printable(tensor.name)});
  }
  std::printf("\nTensors\n%s", table.Format().c_str());
}

void PrintMemory(const ModelFacts& facts) {
  using Align = Table::Align;
  std::printf("\nArena on %s\n", facts.isa.c_str());
  Table table({{""}, {"bytes", Align::kRight}, {""}});
  table.Add({"activations", Grouped(facts.activation_bytes),
             "no plan of this order can use less than " + Grouped(facts.plan_lower_bound_bytes)});
  table.Add({"scratch", Grouped(facts.scratch_bytes),
             "working memory of the kernels that does not fit among the activations"});
  table.Add({"persistent", Grouped(facts.persistent_bytes),
             "state (" + Grouped(facts.state_bytes) +
                 "), prepared operators, weights packed or expanded at load (" +
                 Grouped(facts.packed_at_load_bytes) + ")"});
  table.Add({"total", Grouped(facts.arena_bytes), "what Session::Create needs, all of it"});
  std::printf("%s", table.Format().c_str());
}

std::string PackedText(const std::vector<LayoutFacts>& packed) {
  std::string text;
  for (const LayoutFacts& layout : packed) {
    text += (text.empty() ? "" : ", ") + layout.layout;
  }
  return text;
}

const char* FromText(const WeightsFacts& weights) {
  if (weights.in_place) return "the file, in place";
  if (weights.wanted.bytes != 0) return "packed at load";
  return weights.expands_to_run ? "expanded to run" : "expanded at load";
}

/// What each kernel of this machine takes, and whether the file has it.
void PrintWeights(const ModelFacts& facts) {
  using Align = Table::Align;
  Table table({{"#", Align::kRight},
               {"kernel"},
               {"takes weights"},
               {"bytes", Align::kRight},
               {"from"},
               {"stored as"},
               {"stored bytes", Align::kRight},
               {"packed in the file"}});
  bool any = false;
  for (std::size_t i = 0; i < facts.operators.size(); ++i) {
    const WeightsFacts& weights = facts.operators[i].weights;
    if (weights.kernel.empty()) continue;
    any = true;
    const bool plain = weights.wanted.bytes == 0;
    table.Add({std::to_string(i), weights.kernel, weights.wanted.layout,
               Grouped(plain ? facts.operators[i].weights_bytes : weights.wanted.bytes),
               FromText(weights), weights.storage, Grouped(facts.operators[i].stored_bytes),
               PackedText(weights.packed)});
  }
  if (!any) return;
  std::printf(
      "\nWeights on %s: %s bytes packed or expanded at load, %s packed in the file and used in "
      "place\n",
      facts.isa.c_str(), Grouped(facts.packed_at_load_bytes).c_str(),
      Grouped(facts.packed_in_place_bytes).c_str());
  std::printf("%s", table.Format().c_str());
}

void PrintArenaSizes(const fb::Model& root) {
  if (root.arena_sizes() == nullptr || root.arena_sizes()->size() == 0) return;
  using Align = Table::Align;
  std::printf("\nArena on other targets\n");
  Table table({{"instruction set"}, {"bits", Align::kRight}, {"bytes", Align::kRight}});
  for (const fb::ArenaSize* size : *root.arena_sizes()) {
    table.Add({size->isa() == nullptr ? "" : Printable(size->isa()->str()),
               std::to_string(size->pointer_bytes() * 8), Grouped(size->bytes())});
  }
  std::printf("%s", table.Format().c_str());
}

void PrintText(const LoadedModel& model, const ModelFacts& facts) {
  PrintSummary(model);
  for (std::size_t i = 0; i < model.model.InputCount(); ++i) {
    PrintBorder("input ", i, model.model.Input(i));
  }
  for (std::size_t i = 0; i < model.model.OutputCount(); ++i) {
    PrintBorder("output", i, model.model.Output(i));
  }
  std::printf("  weights   %s bytes, stored in %s; and %s packed ahead of time\n",
              Grouped(facts.weights_bytes).c_str(), Grouped(facts.stored_bytes).c_str(),
              Grouped(facts.packed_bytes).c_str());
  PrintMemory(facts);
  PrintWeights(facts);
  PrintArenaSizes(*model.model.root());
  PrintOperators(model, facts);
  PrintTensors(model);
}

void Report(const LoadedModel& model, const std::string& path) {
  report::ReportFacts facts;
  facts.title = report::FileName(model.path);
  facts.subtitle = model.path + ": " + Grouped(model.bytes.size()) + " bytes as .qvr";
  report::AddMemory(model, &facts);
  report::AddWeights(model, {}, &facts);
  report::AddOperators(model, &facts);
  report::WritePage(facts, path);
}

void Inspect(const std::string& path, const std::string& page, bool json) {
  if (!page.empty()) CheckOutputs({page}, {path});
  const LoadedModel model = LoadModel(path);
  const ModelFacts facts = GatherFacts(model);
  if (!page.empty()) Report(model, page);
  if (json) {
    PrintJson(model, facts);
  } else {
    PrintText(model, facts);
  }
}

}  // namespace

void AddInspect(CLI::App* app) {
  struct Options {
    std::string model, report;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app->add_subcommand("inspect", "Show tensors, operators, MACs and every byte of memory");
  command->footer(
      "\nExamples:\n  quaver inspect model.qvr\n  quaver inspect model.tflite --json\n");
  command->add_option("MODEL", options->model, "A .qvr or .tflite")->required();
  AddReportOption(command, &options->report);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] { Inspect(options->model, options->report, options->json); });
}

}  // namespace quaver::tools
