#include "tools/facts.h"

#include <cstdio>
#include <set>

#include "compiler/compress/compress.h"
#include "compiler/pack/weights.h"
#include "kernels/isa.h"
#include "quaver_generated.h"
#include "runtime/arena_size.h"
#include "runtime/isa_choice.h"
#include "runtime/ops/packed_layout.h"
#include "tools/error.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

std::uint64_t Elements(const TensorInfo& tensor) {
  std::uint64_t count = 1;
  for (std::int32_t i = 0; i < tensor.rank; ++i) {
    count *= static_cast<std::uint64_t>(tensor.shape[i]);
  }
  return count;
}

const fb::Tensor& Stored(const Model& model, std::int32_t index) {
  return *model.root()->tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

/// Weights that one output element sees, of weights [O, ...]: all but the first dimension.
std::uint64_t PerOutputChannel(const TensorInfo& weights) {
  return Elements(weights) / static_cast<std::uint64_t>(weights.shape[0]);
}

std::uint64_t Macs(const Model& model, const fb::Operator& op, const OperatorFacts& facts) {
  const auto tensor = [&](std::int32_t index) {
    return model.Tensor(static_cast<std::size_t>(index));
  };
  switch (op.params_type()) {
    case fb::OperatorParams::Conv2D:
    case fb::OperatorParams::FullyConnected:
    case fb::OperatorParams::Conv2DInt16:
    case fb::OperatorParams::FullyConnectedInt16:
      return Elements(tensor(facts.outputs[0])) * PerOutputChannel(tensor(facts.inputs[1]));
    case fb::OperatorParams::DynamicFullyConnected:
      return Elements(tensor(facts.outputs[0])) * PerOutputChannel(tensor(facts.inputs[3]));
    case fb::OperatorParams::DepthwiseConv2D:
    case fb::OperatorParams::DepthwiseConv2DInt16: {
      const TensorInfo weights = tensor(facts.inputs[1]);  // [1, KH, KW, C]
      return Elements(tensor(facts.outputs[0])) * Elements(weights) /
             static_cast<std::uint64_t>(weights.shape[weights.rank - 1]);
    }
    default:
      return 0;
  }
}

OperatorFacts FactsOf(const Model& model, const fb::Operator& op) {
  OperatorFacts facts;
  facts.kind = fb::EnumNameOperatorParams(op.params_type());
  facts.name = op.name() == nullptr ? "" : op.name()->str();
  facts.inputs.assign(op.inputs()->begin(), op.inputs()->end());
  facts.outputs.assign(op.outputs()->begin(), op.outputs()->end());
  facts.macs = Macs(model, op, facts);
  for (const std::int32_t input : facts.inputs) {
    const fb::Tensor& stored = PlaceOf(*model.root(), Stored(model, input));
    if (!IsConstant(stored)) continue;
    facts.weights_bytes += model.Tensor(static_cast<std::size_t>(input)).bytes;
    facts.stored_bytes += compiler::StoredBytes(*model.root(), stored);
  }
  return facts;
}

std::uint64_t StateBytes(const Model& model) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < model.TensorCount(); ++i) {
    const fb::Tensor& stored = Stored(model, static_cast<std::int32_t>(i));
    if (stored.storage() == fb::Storage::State && stored.view_of() < 0) {
      bytes += model.Tensor(i).bytes;
    }
  }
  return bytes;
}

WeightsFacts FactsOf(const Model& model, const WeightsUse& use) {
  const auto facts = [&](const kernels::WeightLayout& layout) {
    return LayoutFacts{compiler::LayoutName(layout), kernels::PackedBytes(layout, use.shape)};
  };
  WeightsFacts weights;
  weights.kernel = use.kernel;
  weights.wanted = facts(use.layout);
  weights.storage = compiler::StorageText(*model.root(), *use.tensor);
  weights.expands_to_run = IsCompressed(*use.tensor) && use.layout.plain() &&
                           use.tensor->compression()->expansion() == fb::Expansion::Run;
  weights.in_place = use.layout.plain() ? !IsCompressed(*use.tensor)
                                        : FindPacked(use.packed, use.layout) != nullptr;
  for (std::int32_t i = 0; i < Count(use.packed); ++i) {
    weights.packed.push_back(facts(ToWeightLayout(*At(*use.packed, i)->layout())));
  }
  return weights;
}

/// Bytes of buffers, each once however many operators and tensors share it.
class BufferBytes {
 public:
  explicit BufferBytes(const fb::Model& model) : model_(model) {}
  void Add(std::uint32_t buffer) {
    if (seen_.insert(buffer).second) bytes_ += model_.buffers()->Get(buffer)->data()->size();
  }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  const fb::Model& model_;
  std::set<std::uint32_t> seen_;
  std::uint64_t bytes_ = 0;
};

/// Of constants, each content once: as int8 (or what else they are), and as stored.
void CountConstants(const Model& model, ModelFacts* facts) {
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < model.TensorCount(); ++i) {
    const fb::Tensor& tensor = Stored(model, static_cast<std::int32_t>(i));
    if (!IsConstant(tensor) || tensor.view_of() >= 0 || !seen.insert(tensor.buffer()).second) {
      continue;
    }
    facts->weights_bytes += model.Tensor(i).bytes;
    facts->stored_bytes += compiler::StoredBytes(*model.root(), tensor);
  }
}

void GatherWeights(const Model& model, const PrepareTarget& target, ModelFacts* facts) {
  BufferBytes packed(*model.root());
  BufferBytes in_place(*model.root());
  for (const WeightsUse& use : compiler::WeightsOn(model, target)) {
    facts->operators[static_cast<std::size_t>(use.operator_index)].weights = FactsOf(model, use);
    for (std::int32_t i = 0; i < Count(use.packed); ++i) packed.Add(At(*use.packed, i)->buffer());
    const fb::PackedWeights* entry = FindPacked(use.packed, use.layout);
    if (entry != nullptr) in_place.Add(entry->buffer());
  }
  facts->packed_bytes = packed.bytes();
  facts->packed_in_place_bytes = in_place.bytes();
}

}  // namespace

ModelFacts GatherFacts(const LoadedModel& loaded, const char* isa) {
  const Model& model = loaded.model;
  ModelFacts facts;
  for (const fb::Operator* op : *model.root()->operators()) {
    facts.operators.push_back(FactsOf(model, *op));
    facts.macs += facts.operators.back().macs;
  }
  CountConstants(model, &facts);
  SessionOptions options;
  options.isa = isa;
  PrepareTarget target;
  Status status;
  if (!ChooseTarget(options, &target, &status)) Check(status, loaded.path);
  GatherWeights(model, target, &facts);
  const ArenaLayout layout = MeasureArena(*model.root(), target);
  facts.isa = IsaName(BestIsa(target.isas));
  facts.arena_bytes = layout.total_bytes();
  facts.state_bytes = StateBytes(model);
  const fb::MemoryBank& bank = *model.root()->banks()->Get(0);
  facts.activation_bytes = bank.bytes() - facts.state_bytes;
  facts.plan_lower_bound_bytes = bank.lower_bound_bytes();
  facts.scratch_bytes = layout.scratch_bytes();
  facts.packed_at_load_bytes = layout.packed_bytes;
  // The rest, with the few bytes of padding between the parts: so that the three sum up.
  facts.persistent_bytes = facts.arena_bytes - facts.activation_bytes - facts.scratch_bytes;
  return facts;
}

void PrintSummary(const LoadedModel& model) {
  const ModelFacts facts = GatherFacts(model);
  std::printf("%s: %s bytes, %zu operators, %s MACs, arena %s bytes (%s)\n", model.path.c_str(),
              Grouped(model.bytes.size()).c_str(), facts.operators.size(),
              Grouped(facts.macs).c_str(), Grouped(facts.arena_bytes).c_str(), facts.isa.c_str());
}

}  // namespace quaver::tools
