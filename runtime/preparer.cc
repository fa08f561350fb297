#include "runtime/preparer.h"

#include "runtime/ops/op_definition.h"
#include "runtime/ops/packed_layout.h"
#include "runtime/shared_run.h"

namespace quaver {

const fb::PackedWeights* FindPacked(const PackedWeightsVector* packed,
                                    const kernels::WeightLayout& layout) {
  for (std::int32_t i = 0; i < Count(packed); ++i) {
    if (ToWeightLayout(*At(*packed, i)->layout()) == layout) return At(*packed, i);
  }
  return nullptr;
}

Preparer::Preparer(const fb::Model& model, const PrepareTarget& target)
    : Preparer(model, target, {}, nullptr, nullptr) {}

Preparer::Preparer(const fb::Model& model, const PrepareTarget& target, const ArenaLayout& layout,
                   std::uint8_t* arena, platform::Threads* pool)
    : model_(model), target_(target), layout_(layout), arena_(arena), pool_(pool) {
  counted_.activation_bytes = At(*model.banks(), 0)->bytes();
}

void Preparer::PrepareModel() {
  void* memory = Place(RecordBytes<SessionState>::For(target_.pointer_bytes));
  SharedRun* shared = PlaceSharedRun();
  if (memory != nullptr) {
    state_ = new (memory) SessionState{&model_, arena_, nullptr, shared, BestIsa(target_.isas)};
  }
  for (std::int32_t i = 0; i < Count(model_.operators()); ++i) {
    operator_index_ = i;
    const OpView view(model_, i);
    FindOperator(view.type())->prepare(view, this);
  }
}

const std::uint8_t* Preparer::Bytes(const fb::Tensor& tensor) const {
  const fb::Tensor& place = PlaceOf(model_, tensor);
  return IsConstant(place) ? BufferData(model_, place.buffer()) : ArenaBytes(place);
}

std::uint8_t* Preparer::ArenaBytes(const fb::Tensor& place) const {
  return arena_ == nullptr ? nullptr : arena_ + place.arena_offset();
}

const std::int8_t* Preparer::Weights(const kernels::WeightLayout& layout,
                                     const kernels::WeightShape& shape, const std::int8_t* plain,
                                     const kernels::OutputStage& stage,
                                     const PackedWeightsVector* packed) {
  if (layout.plain()) return plain;
  const fb::PackedWeights* entry = FindPacked(packed, layout);
  if (entry != nullptr) {
    return reinterpret_cast<const std::int8_t*>(BufferData(model_, entry->buffer()));
  }
  const std::uint64_t offset = layout_.packed_offset() + counted_.packed_bytes;
  counted_.packed_bytes += kernels::PackedBytes(layout, shape);
  if (arena_ == nullptr) return nullptr;
  std::uint8_t* target = arena_ + offset;
  kernels::PackWeights(layout, shape, plain, stage, target);
  return reinterpret_cast<const std::int8_t*>(target);
}

std::int8_t* Preparer::Scratch(std::size_t bytes) {
  const std::uint64_t all_bytes =
      std::uint64_t{bytes} * static_cast<std::uint32_t>(target_.threads);
  if (counted_.scratch_bytes < all_bytes) counted_.scratch_bytes = all_bytes;
  if (arena_ == nullptr || bytes == 0) return nullptr;
  return reinterpret_cast<std::int8_t*>(arena_ + layout_.scratch_offset());
}

void* Preparer::Place(std::size_t bytes) {
  const std::uint64_t offset = layout_.records_offset() + counted_.record_bytes;
  counted_.record_bytes += bytes;
  return arena_ == nullptr ? nullptr : arena_ + offset;
}

SharedRun* Preparer::PlaceSharedRun() {
  if constexpr (kHasThreads) {
    if (target_.threads > 1) {
      counted_.shared_run_bytes = sizeof(SharedRun);
      if (arena_ == nullptr) return nullptr;
      return new (arena_ + layout_.shared_run_offset()) SharedRun(pool_, target_.threads);
    }
  }
  return nullptr;
}

void Preparer::Link(PreparedCall* call) {
  if (last_ == nullptr) {
    state_->first = call;
  } else {
    last_->next = call;
  }
  last_ = call;
}

}  // namespace quaver
