#include <algorithm>

#include "compiler/emit/arena_sizes.h"
#include "compiler/plan/lifetimes.h"
#include "runtime/tensor_access.h"
#include "tools/facts.h"
#include "tools/report/gather.h"
#include "tools/report/html.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

using Kind = MemoryBlock::Kind;

bool Has(const std::vector<std::int32_t>& indices, std::int32_t index) {
  return std::find(indices.begin(), indices.end(), index) != indices.end();
}

Kind KindOf(const fb::ModelT& model, std::int32_t tensor) {
  const auto shows = [&](const std::vector<std::int32_t>& borders) {
    return std::any_of(borders.begin(), borders.end(), [&](std::int32_t border) {
      return border == tensor || model.tensors[static_cast<std::size_t>(border)]->view_of == tensor;
    });
  };
  if (shows(model.outputs)) return Kind::kOutput;
  if (Has(model.inputs, tensor)) return Kind::kInput;
  return Kind::kActivation;
}

std::vector<MemoryBlock> TensorBlocks(const fb::ModelT& model, const Model& loaded) {
  const compiler::Lifetimes lifetimes(model);
  std::vector<MemoryBlock> blocks;
  for (std::size_t t = 0; t < model.tensors.size(); ++t) {
    const fb::TensorT& tensor = *model.tensors[t];
    const auto index = static_cast<std::int32_t>(t);
    MemoryBlock block;
    block.name = tensor.name;
    block.offset = tensor.arena_offset;
    block.bytes = loaded.Tensor(t).bytes;
    if (tensor.storage == fb::Storage::State && tensor.view_of < 0) {
      block.kind = Kind::kState;
      block.first = -1;
      block.last = static_cast<std::int32_t>(model.operators.size());
    } else if (lifetimes.Root(index) == index && lifetimes.block(index).last >= 0) {
      block.kind = KindOf(model, index);
      block.first = lifetimes.block(index).first;
      block.last = lifetimes.block(index).last;
    } else {
      continue;
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

// The scratch of microcontrollers; where an operator hands its output on in tiles, it is in use
// while the next one runs, too.
std::vector<MemoryBlock> ScratchBlocks(const fb::ModelT& model, const Model& loaded) {
  const std::vector<std::uint64_t> bytes = compiler::ScratchOnMicrocontrollers(loaded);
  std::vector<MemoryBlock> blocks;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0) continue;
    const fb::OperatorT& op = *model.operators[i];
    const bool tiles = compiler::MakesParts(model, op);
    MemoryBlock block;
    block.kind = Kind::kScratch;
    block.name =
        tiles ? "scratch of " + op.name + ", with tiles of its output" : "scratch of " + op.name;
    block.first = static_cast<std::int32_t>(i);
    block.last = block.first + (tiles ? 1 : 0);
    block.offset = std::min(op.scratch_offset, model.banks[0]->bytes);
    block.bytes = bytes[i];
    blocks.push_back(std::move(block));
  }
  return blocks;
}

void SetPeak(MemoryFacts* facts) {
  for (std::size_t i = 0; i < facts->operators.size(); ++i) {
    const auto time = static_cast<std::int32_t>(i);
    // Bytes that tensors share in place count once: up to where the last one ends.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> used;
    for (const MemoryBlock& block : facts->blocks) {
      if (block.kind == Kind::kScratch || block.first > time || time > block.last) continue;
      used.emplace_back(block.offset, block.offset + block.bytes);
    }
    std::sort(used.begin(), used.end());
    std::uint64_t bytes = 0;
    std::uint64_t end = 0;
    for (const auto& [from, to] : used) {
      if (to > end) bytes += to - std::max(from, end);
      end = std::max(end, to);
    }
    if (bytes <= facts->peak_bytes) continue;
    facts->peak_bytes = bytes;
    facts->peak_operator = time;
  }
}

}  // namespace

const char* MemoryKindName(MemoryBlock::Kind kind) {
  switch (kind) {
    case Kind::kInput:
      return "input";
    case Kind::kOutput:
      return "output";
    case Kind::kActivation:
      return "activation";
    case Kind::kState:
      return "state";
    case Kind::kScratch:
      return "scratch";
  }
  return "?";
}

void AddMemory(const LoadedModel& model, ReportFacts* facts) {
  fb::ModelT unpacked;
  model.model.root()->UnPackTo(&unpacked);
  const ModelFacts counted = GatherFacts(model);
  MemoryFacts memory;
  for (const OperatorFacts& op : counted.operators) {
    memory.operators.push_back(op.name.empty() ? op.kind : op.kind + " " + op.name);
  }
  memory.blocks = TensorBlocks(unpacked, model.model);
  for (MemoryBlock& block : ScratchBlocks(unpacked, model.model)) {
    memory.blocks.push_back(std::move(block));
  }
  memory.activation_bytes = counted.activation_bytes + counted.state_bytes;
  memory.lower_bound_bytes = counted.plan_lower_bound_bytes;
  memory.arena_bytes = counted.arena_bytes;
  memory.isa = counted.isa;
  SetPeak(&memory);
  facts->tiles.push_back(
      {"activations", Grouped(memory.activation_bytes) + " B", "all at once, in one arena"});
  facts->tiles.push_back({"MACs", CountText(static_cast<double>(counted.macs)),
                          std::to_string(counted.operators.size()) + " operators"});
  facts->memory = std::move(memory);
}

}  // namespace quaver::tools::report
