#include "compiler/pack/pack.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "compiler/emit/arena_sizes.h"
#include "compiler/emit/checked_model.h"
#include "compiler/emit/emit.h"
#include "compiler/ir/error.h"
#include "compiler/pack/weights.h"
#include "quaver_generated.h"
#include "runtime/arena_size.h"

namespace quaver::compiler {
namespace {

using PackedList = std::vector<std::unique_ptr<fb::PackedWeightsT>>;

/// Where an operator keeps its packed weights; null for one without weights.
PackedList* PackedOf(fb::OperatorT* op) {
  if (auto* conv = op->params.AsConv2D()) return &conv->packed;
  if (auto* depthwise = op->params.AsDepthwiseConv2D()) return &depthwise->packed;
  if (auto* dense = op->params.AsFullyConnected()) return &dense->packed;
  return nullptr;
}

/// The model's buffers, of which equal ones are stored once.
class Buffers {
 public:
  explicit Buffers(fb::ModelT* model) : buffers_(&model->buffers) {}

  std::uint32_t Add(std::vector<std::uint8_t> bytes) {
    const auto [entry, is_new] =
        indices_.emplace(std::move(bytes), static_cast<std::uint32_t>(buffers_->size()));
    if (is_new) {
      buffers_->push_back(std::make_unique<fb::BufferT>());
      buffers_->back()->data = entry->first;
    }
    return entry->second;
  }

 private:
  std::vector<std::unique_ptr<fb::BufferT>>* buffers_;
  std::map<std::vector<std::uint8_t>, std::uint32_t> indices_;
};

/// Leaves the buffers of the constants, in their order: those of packed weights go.
void DropPackedWeights(fb::ModelT* model) {
  for (auto& op : model->operators) {
    if (PackedList* packed = PackedOf(op.get())) packed->clear();
  }
  std::vector<std::unique_ptr<fb::BufferT>> kept;
  std::map<std::uint32_t, std::uint32_t> moved;  // from the old index to the new
  for (auto& tensor : model->tensors) {
    const bool constant =
        tensor->storage == fb::Storage::Constant || tensor->storage == fb::Storage::Compressed;
    if (!constant || tensor->view_of >= 0) continue;
    const auto [entry, is_new] =
        moved.emplace(tensor->buffer, static_cast<std::uint32_t>(kept.size()));
    if (is_new) kept.push_back(std::move(model->buffers[tensor->buffer]));
    tensor->buffer = entry->second;
  }
  model->buffers = std::move(kept);
}

bool Has(const PackedList& packed, const kernels::WeightLayout& layout) {
  return std::any_of(packed.begin(), packed.end(), [&](const auto& entry) {
    return entry->layout->kind() == static_cast<std::uint8_t>(layout.kind) &&
           entry->layout->nr() == layout.nr && entry->layout->kr() == layout.kr &&
           entry->layout->input_offset() == layout.input_offset;
  });
}

void AddPacked(const Model& plain, const WeightsUse& use, fb::ModelT* model, Buffers* buffers) {
  PackedList& packed =
      *PackedOf(model->operators[static_cast<std::size_t>(use.operator_index)].get());
  const kernels::WeightLayout& layout = use.layout;
  if (Has(packed, layout)) return;
  auto entry = std::make_unique<fb::PackedWeightsT>();
  entry->layout = std::make_unique<fb::WeightLayout>(static_cast<std::uint8_t>(layout.kind),
                                                     layout.nr, layout.kr, layout.input_offset);
  entry->buffer = buffers->Add(PackFor(plain, use, layout));
  packed.push_back(std::move(entry));
}

std::uint64_t ArenaBytes(const Model& model, Isa isa) {
  return MeasureForeignArena(*model.root(), isa, 8).total_bytes();
}

PackedTarget PackTarget(const Model& plain, Isa isa, fb::ModelT* result, Buffers* buffers) {
  PackedTarget target{};
  target.isa = isa;
  target.unpacked_arena_bytes = ArenaBytes(plain, isa);
  for (const WeightsUse& use : WeightsOn(plain, isa)) {
    ++target.operators_with_weights;
    if (use.layout.plain()) continue;
    AddPacked(plain, use, result, buffers);
    ++target.packed_operators;
    target.packed_bytes += kernels::PackedBytes(use.layout, use.shape);
  }
  return target;
}

/// A FlatBuffer has 31-bit offsets. The rest of a model takes far less than its buffers.
void CheckFileSize(const fb::ModelT& model) {
  constexpr std::uint64_t kMostBufferBytes =
      FLATBUFFERS_MAX_BUFFER_SIZE - (std::uint64_t{64} << 20);
  std::uint64_t bytes = 0;
  for (const auto& buffer : model.buffers) bytes += buffer->data.size();
  if (bytes > kMostBufferBytes) {
    throw Error("plain and packed weights would take " + std::to_string(bytes) +
                " bytes, and a file can hold 2 GiB; pack for fewer targets");
  }
}

[[noreturn]] void RefuseToPackNothing(const PackedModel& packed) {
  if (packed.targets.front().operators_with_weights == 0) {
    throw Error("no operator has weights that can be packed; use the model as it is");
  }
  std::string names;
  for (const PackedTarget& target : packed.targets) {
    names += (names.empty() ? "" : ", ") + std::string(IsaName(target.isa));
  }
  throw Error("the kernels of " + names +
              " read plain weights in place: there is nothing to pack; use the model as it is, or "
              "name another target");
}

}  // namespace

PackedModel Pack(const Model& model, const std::vector<Isa>& targets) {
  fb::ModelT result;
  model.root()->UnPackTo(&result);
  DropPackedWeights(&result);
  const CheckedModel plain(Emit(result));
  const std::size_t plain_buffers = result.buffers.size();
  Buffers buffers(&result);
  PackedModel packed;
  for (Isa isa : targets) {
    packed.targets.push_back(PackTarget(plain.model(), isa, &result, &buffers));
  }
  if (result.buffers.size() == plain_buffers) RefuseToPackNothing(packed);
  for (std::size_t i = plain_buffers; i < result.buffers.size(); ++i) {
    packed.packed_bytes += result.buffers[i]->data.size();
  }
  CheckFileSize(result);
  const CheckedModel checked(Emit(result));
  for (PackedTarget& target : packed.targets) {
    target.arena_bytes = ArenaBytes(checked.model(), target.isa);
  }
  SetArenaSizes(checked.model(), &result);
  packed.bytes = Emit(result);
  const CheckedModel finished(packed.bytes);
  return packed;
}

}  // namespace quaver::compiler
