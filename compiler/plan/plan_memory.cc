#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "compiler/ir/error.h"
#include "compiler/plan/lifetimes.h"

namespace quaver::compiler {
namespace {

/// What is placed: groups of tensors that follow each other in place.
struct Groups {
  std::vector<std::int32_t> of_root;  // per tensor; -1: not in the arena
  std::vector<Block> blocks;
};

/// The group that `op`'s output can join: that of an input which dies here, of the same size.
std::int32_t InPlaceGroup(const fb::OperatorT& op, std::int32_t time, const Groups& groups,
                          const Lifetimes& lifetimes) {
  const std::int32_t output = lifetimes.Root(op.outputs[0]);
  for (std::size_t i : InPlaceInputs(op)) {
    const std::int32_t input = lifetimes.Root(op.inputs[i]);
    if (input < 0 || lifetimes.block(input).last != time) continue;
    if (lifetimes.block(input).bytes != lifetimes.block(output).bytes) continue;
    return groups.of_root[Index(input)];
  }
  return -1;
}

Groups MakeGroups(const fb::ModelT& model, bool in_place, const Lifetimes& lifetimes) {
  Groups groups;
  groups.of_root.assign(model.tensors.size(), -1);
  const auto add = [&](std::int32_t root) {
    groups.of_root[Index(root)] = static_cast<std::int32_t>(groups.blocks.size());
    groups.blocks.push_back(lifetimes.block(root));
  };
  for (std::int32_t input : model.inputs) add(lifetimes.Root(input));
  for (std::size_t time = 0; time < model.operators.size(); ++time) {
    const fb::OperatorT& op = *model.operators[time];
    for (std::int32_t tensor : op.outputs) {
      const std::int32_t root = lifetimes.Root(tensor);
      if (root < 0) continue;
      const std::int32_t group =
          in_place ? InPlaceGroup(op, static_cast<std::int32_t>(time), groups, lifetimes) : -1;
      if (group < 0) {
        add(root);
        continue;
      }
      groups.of_root[Index(root)] = group;
      Block& block = groups.blocks[Index(group)];
      block.last = std::max(block.last, lifetimes.block(root).last);
    }
  }
  return groups;
}

void SetOffsets(const Groups& groups, const Placement& placement, const Lifetimes& lifetimes,
                fb::ModelT* model) {
  for (std::size_t i = 0; i < model->tensors.size(); ++i) {
    const std::int32_t root = lifetimes.Root(static_cast<std::int32_t>(i));
    if (root < 0) continue;
    const std::int32_t group = groups.of_root[Index(root)];
    if (group < 0) continue;
    model->tensors[i]->arena_offset = static_cast<std::uint32_t>(placement.offsets[Index(group)]);
  }
}

/// Behind all that lives at `time`.
std::uint64_t EndAt(std::int32_t time, const Groups& groups, const Placement& placement) {
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < groups.blocks.size(); ++i) {
    const Block& block = groups.blocks[i];
    if (block.first > time || time > block.last) continue;
    end = std::max(end, placement.offsets[i] + block.bytes);
  }
  return (end + kPlanAlignment - 1) / kPlanAlignment * kPlanAlignment;
}

void SetScratch(const Groups& groups, const Placement& placement, fb::ModelT* model) {
  for (std::size_t i = 0; i < model->operators.size(); ++i) {
    const auto time = static_cast<std::int32_t>(i);
    fb::OperatorT& op = *model->operators[i];
    std::uint64_t end = EndAt(time, groups, placement);
    if (MakesParts(*model, op)) end = std::max(end, EndAt(time + 1, groups, placement));
    op.scratch_offset = end < placement.total_bytes ? static_cast<std::uint32_t>(end)
                                                    : std::numeric_limits<std::uint32_t>::max();
  }
}

/// Scratch as blocks; that of an operator that makes parts is in use while the next one runs.
std::vector<Block> ScratchBlocks(const fb::ModelT& model,
                                 const std::vector<std::uint64_t>& scratch_bytes) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < scratch_bytes.size(); ++i) {
    if (scratch_bytes[i] == 0) continue;
    const auto time = static_cast<std::int32_t>(i);
    const bool parts = MakesParts(model, *model.operators[i]);
    blocks.push_back({time, parts ? time + 1 : time, scratch_bytes[i]});
  }
  return blocks;
}

}  // namespace

void PlanMemory(fb::ModelT* model, const std::vector<std::uint64_t>& scratch_bytes) {
  const Lifetimes lifetimes(*model);
  // Writing in place saves memory at its operator but ties two lifetimes to one offset: mostly
  // better, not always.
  Groups groups = MakeGroups(*model, true, lifetimes);
  const std::vector<Block> scratch = ScratchBlocks(*model, scratch_bytes);
  Placement placement = PlaceBlocks(groups.blocks, scratch);
  const Groups separate = MakeGroups(*model, false, lifetimes);
  if (separate.blocks.size() != groups.blocks.size() &&
      placement.total_bytes != placement.lower_bound_bytes) {
    Placement other = PlaceBlocks(separate.blocks, scratch);
    if (std::pair(other.end_bytes, other.total_bytes) <
        std::pair(placement.end_bytes, placement.total_bytes)) {
      other.lower_bound_bytes = placement.lower_bound_bytes;
      placement = std::move(other);
      groups = separate;
    }
  }
  if (placement.total_bytes > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("the model's activations need " + std::to_string(placement.total_bytes) +
                " bytes; expected less than 4 GiB. Use a smaller batch or input size");
  }
  SetOffsets(groups, placement, lifetimes, model);
  SetScratch(groups, placement, model);
  auto bank = std::make_unique<fb::MemoryBankT>();
  bank->name = "arena";
  bank->bytes = static_cast<std::uint32_t>(placement.total_bytes);
  bank->lower_bound_bytes = static_cast<std::uint32_t>(placement.lower_bound_bytes);
  model->banks.clear();
  model->banks.push_back(std::move(bank));
}

}  // namespace quaver::compiler
