#include <algorithm>
#include <limits>
#include <string>

#include "compiler/ir/error.h"
#include "compiler/plan/plan.h"
#include "quaver/tensor.h"

namespace quaver::compiler {
namespace {

std::uint64_t BytesOf(const fb::TensorT& tensor) {
  std::uint64_t bytes = DataTypeBytes(static_cast<DataType>(tensor.type));
  for (std::int32_t dim : tensor.shape) bytes *= static_cast<std::uint64_t>(dim);
  return bytes;
}

std::size_t Index(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Lifetimes of the tensors in the arena; views lend theirs to the tensor that they show.
class Lifetimes {
 public:
  explicit Lifetimes(const fb::ModelT& model) : model_(model), blocks_(model.tensors.size()) {
    constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::max();
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      blocks_[i] = {kNever, -1, BytesOf(*model.tensors[i])};
    }
    const auto end = static_cast<std::int32_t>(model.operators.size());
    for (std::int32_t input : model.inputs) Use(input, -1);
    for (std::int32_t op = 0; op < end; ++op) {
      for (std::int32_t tensor : model.operators[Index(op)]->inputs) Use(tensor, op);
      for (std::int32_t tensor : model.operators[Index(op)]->outputs) Use(tensor, op);
    }
    for (std::int32_t output : model.outputs) Use(output, end);
  }

  /// The tensor whose bytes these are; -1 for constants.
  [[nodiscard]] std::int32_t Root(std::int32_t tensor) const {
    const fb::TensorT& t = *model_.tensors[Index(tensor)];
    if (t.storage != fb::Storage::Activation) return -1;
    return t.view_of >= 0 ? t.view_of : tensor;
  }
  [[nodiscard]] Block& block(std::int32_t root) { return blocks_[Index(root)]; }
  [[nodiscard]] bool used(std::int32_t root) const {
    return blocks_[Index(root)].first <= blocks_[Index(root)].last;
  }

 private:
  void Use(std::int32_t tensor, std::int32_t time) {
    const std::int32_t root = Root(tensor);
    if (root < 0) return;
    Block& block = blocks_[Index(root)];
    block.first = std::min(block.first, time);
    block.last = std::max(block.last, time);
  }

  const fb::ModelT& model_;
  std::vector<Block> blocks_;
};

bool Contiguous(const std::vector<std::int32_t>& dims, const std::vector<std::int32_t>& strides) {
  std::int64_t expected = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    if (strides[i] != expected) return false;
    expected *= dims[i];
  }
  return true;
}

/// Which inputs an operator's output may lie on, as kernels/params.h allows: element-wise
/// operators read each element before they write it.
std::vector<std::size_t> InPlaceInputs(const fb::OperatorT& op) {
  const fb::BroadcastT* broadcast = nullptr;
  switch (op.params.type) {
    case fb::OperatorParams::Lut8:
    case fb::OperatorParams::Softmax:
      return {0};
    case fb::OperatorParams::Add:
      broadcast = op.params.AsAdd()->broadcast.get();
      break;
    case fb::OperatorParams::Sub:
      broadcast = op.params.AsSub()->broadcast.get();
      break;
    case fb::OperatorParams::Mul:
      broadcast = op.params.AsMul()->broadcast.get();
      break;
    default:
      return {};
  }
  std::vector<std::size_t> inputs;
  if (Contiguous(broadcast->dims, broadcast->strides1)) inputs.push_back(0);
  if (Contiguous(broadcast->dims, broadcast->strides2)) inputs.push_back(1);
  return inputs;
}

/// What is placed: groups of tensors that follow each other in place.
struct Groups {
  std::vector<std::int32_t> of_root;  // per tensor; -1: not in the arena
  std::vector<Block> blocks;
};

/// The group that `op`'s output can join: that of an input which dies here, of the same size.
std::int32_t InPlaceGroup(const fb::OperatorT& op, std::int32_t time, const Groups& groups,
                          Lifetimes* lifetimes) {
  const std::int32_t output = lifetimes->Root(op.outputs[0]);
  for (std::size_t i : InPlaceInputs(op)) {
    const std::int32_t input = lifetimes->Root(op.inputs[i]);
    if (input < 0 || lifetimes->block(input).last != time) continue;
    if (lifetimes->block(input).bytes != lifetimes->block(output).bytes) continue;
    return groups.of_root[Index(input)];
  }
  return -1;
}

Groups MakeGroups(const fb::ModelT& model, bool in_place, Lifetimes* lifetimes) {
  Groups groups;
  groups.of_root.assign(model.tensors.size(), -1);
  const auto add = [&](std::int32_t root) {
    groups.of_root[Index(root)] = static_cast<std::int32_t>(groups.blocks.size());
    groups.blocks.push_back(lifetimes->block(root));
  };
  for (std::int32_t input : model.inputs) add(lifetimes->Root(input));
  for (std::size_t time = 0; time < model.operators.size(); ++time) {
    const fb::OperatorT& op = *model.operators[time];
    for (std::int32_t tensor : op.outputs) {
      const std::int32_t root = lifetimes->Root(tensor);
      const std::int32_t group =
          in_place ? InPlaceGroup(op, static_cast<std::int32_t>(time), groups, lifetimes) : -1;
      if (group < 0) {
        add(root);
        continue;
      }
      groups.of_root[Index(root)] = group;
      Block& block = groups.blocks[Index(group)];
      block.last = std::max(block.last, lifetimes->block(root).last);
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

}  // namespace

void PlanMemory(fb::ModelT* model) {
  Lifetimes lifetimes(*model);
  // Writing in place saves memory at its operator but ties two lifetimes to one offset: mostly
  // better, not always.
  Groups groups = MakeGroups(*model, true, &lifetimes);
  Placement placement = PlaceBlocks(groups.blocks);
  const Groups separate = MakeGroups(*model, false, &lifetimes);
  if (separate.blocks.size() != groups.blocks.size() &&
      placement.total_bytes != placement.lower_bound_bytes) {
    Placement other = PlaceBlocks(separate.blocks);
    if (other.total_bytes < placement.total_bytes) {
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
  auto bank = std::make_unique<fb::MemoryBankT>();
  bank->name = "arena";
  bank->bytes = static_cast<std::uint32_t>(placement.total_bytes);
  bank->lower_bound_bytes = static_cast<std::uint32_t>(placement.lower_bound_bytes);
  model->banks.clear();
  model->banks.push_back(std::move(bank));
}

}  // namespace quaver::compiler
