#include "runtime/preparer.h"

#include "platform/built_isas.h"
#include "runtime/ops/compressed_weights.h"
#include "runtime/ops/op_definition.h"
#include "runtime/ops/packed_layout.h"
#include "runtime/shared_run.h"

namespace quaver {
namespace {

/// By which the session is called.
Isa SessionIsa([[maybe_unused]] IsaSet isas) {
#if QUAVER_FIXED_ISAS
  return platform::BestBuiltIsa();
#else
  return BestIsa(isas);
#endif
}

}  // namespace

const fb::PackedWeights* FindPacked(const PackedWeightsVector* packed,
                                    const kernels::WeightLayout& layout) {
  for (std::int32_t i = 0; i < Count(packed); ++i) {
    if (ToWeightLayout(*At(*packed, i)->layout()) == layout) return At(*packed, i);
  }
  return nullptr;
}

Preparer::Preparer(const fb::Model& model, const PrepareTarget& target)
    : model_(model), target_(target) {}

const ArenaLayout& Preparer::Measure() {
  PrepareModel();
  return counted_;
}

SessionState* Preparer::Write(std::uint8_t* arena, platform::Threads* pool) {
  layout_ = counted_;
  counted_ = {};
  arena_ = arena;
  pool_ = pool;
  PrepareModel();
  return state_;
}

void Preparer::PrepareModel() {
  counted_.activation_bytes = BankBytes(model_);
  void* memory = Place<SessionState>();
  SharedRun* shared = PlaceSharedRun();
  if (memory != nullptr) {
    state_ = new (memory) SessionState{&model_, arena_, nullptr, shared, SessionIsa(target_.isas)};
  }
  for (std::int32_t i = 0; i < OperatorCount(model_); ++i) {
    operator_index_ = i;
    before_scratch_ = 0;
    const OpView view(model_, i);
    FindOperator(view.type())->prepare(view, this);
  }
}

const std::uint8_t* Preparer::Bytes(const fb::Tensor& tensor) const {
  const fb::Tensor& place = PlaceOf(model_, tensor);
  if (IsTransient(place)) return reinterpret_cast<const std::uint8_t*>(transient_.bytes);
  if (IsCompressed(place)) return nullptr;
  return IsConstant(place) ? BufferData(model_, place.buffer()) : ArenaBytes(place);
}

std::uint8_t* Preparer::ArenaBytes(const fb::Tensor& place) const {
  return arena_ == nullptr || IsTransient(place) ? nullptr : arena_ + place.arena_offset();
}

const std::int8_t* Preparer::Weights(const kernels::WeightLayout& layout,
                                     const kernels::WeightShape& shape, const std::int8_t* plain,
                                     const kernels::OutputStage& stage,
                                     const PackedWeightsVector* packed) {
  const bool as_plain = !kReadsPackedWeights || layout.plain();
  if (as_plain && plain != nullptr) return plain;
  const fb::PackedWeights* entry = as_plain ? nullptr : FindPacked(packed, layout);
  if (entry != nullptr) {
    return reinterpret_cast<const std::int8_t*>(BufferData(model_, entry->buffer()));
  }
  if (plain == nullptr) {
    plain = FindCompressedWeights()->expand(model_, WeightsTensor(), as_plain, this);
  }
  if (as_plain) return plain;
  std::uint8_t* target = PlaceWeights(kernels::PackedBytes(layout, shape));
  if (target != nullptr) kernels::PackWeights(layout, shape, plain, stage, target);
  return reinterpret_cast<const std::int8_t*>(target);
}

std::uint8_t* Preparer::PlaceWeights(std::uint64_t bytes) {
  const std::uint64_t offset = layout_.packed_offset() + counted_.packed_bytes;
  counted_.packed_bytes += bytes;
  return arena_ == nullptr ? nullptr : arena_ + offset;
}

std::int8_t* Preparer::PlaceWhilePreparing(std::uint64_t bytes) {
  // Where activations and scratch will be.
  if (counted_.scratch_end < bytes) counted_.scratch_end = bytes;
  return reinterpret_cast<std::int8_t*>(arena_);
}

std::int8_t* Preparer::PlaceBeforeScratch(std::uint64_t bytes) {
  std::int8_t* place = Scratch(bytes);
  before_scratch_ += ArenaLayout::RoundUp(bytes, 64);
  return place;
}

const fb::Tensor& Preparer::WeightsTensor() const {
  return PlaceOf(model_, OpView(model_, operator_index_).input(1));
}

std::int8_t* Preparer::Scratch(std::uint64_t bytes) {
  if (bytes == 0) return nullptr;
#if QUAVER_FOREIGN_TARGETS
  if (scratch_observer_.observe != nullptr) {
    scratch_observer_.observe(scratch_observer_.context, operator_index_, before_scratch_ + bytes);
  }
#endif
  const std::uint64_t planned = OperatorAt(model_, operator_index_).scratch_offset();
  const std::uint64_t offset =
      ArenaLayout::RoundUp(
          planned < counted_.activation_bytes ? planned : counted_.activation_bytes, 64) +
      before_scratch_;
  if (counted_.scratch_end < offset + bytes) counted_.scratch_end = offset + bytes;
  return arena_ == nullptr ? nullptr : reinterpret_cast<std::int8_t*>(arena_ + offset);
}

bool Preparer::OutputIsTransient() const {
  return IsTransient(OpView(model_, operator_index_).output(0));
}

std::int8_t* Preparer::PlaceScratch(std::size_t bytes, Isa isa, std::int32_t unit_bytes,
                                    std::int32_t units, std::int8_t** output) {
  const std::uint64_t kernel_bytes = ForThreads(bytes);
  if (unit_bytes == 0 || !OutputIsTransient()) return Scratch(kernel_bytes);
  transient_ = {};
  transient_.plan = PlanTiles(isa, units, unit_bytes);
  transient_.tiled = transient_.held = transient_.plan.tile_units < units;
  const std::size_t tile_bytes = transient_.plan.TileBytes();
  std::int8_t* scratch =
      Scratch(kernel_bytes + (transient_.tiled ? ForThreads(tile_bytes) : tile_bytes));
  if (scratch != nullptr) *output = transient_.bytes = scratch + kernel_bytes;
  return scratch;
}

void Preparer::PlaceWhole(std::int32_t unit_bytes, std::int32_t units, std::int8_t** output) {
  if (unit_bytes == 0 || !OutputIsTransient()) return;
  transient_ = {};
  transient_.plan = {units, unit_bytes};
  *output = transient_.bytes = Scratch(transient_.plan.TileBytes());
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
  if (transient_.held) {
    transient_.producer = call;
    transient_.held = false;
    return;
  }
  if (call == nullptr) return;
  if (last_ == nullptr) {
    state_->first = call;
  } else {
    last_->next = call;
  }
  last_ = call;
}

}  // namespace quaver
