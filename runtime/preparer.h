// Turns operators into calls in the arena. The same code measures the arena and fills it, so that
// the two cannot differ: while measuring there is no arena, and only the sizes are counted.
#ifndef QUAVER_RUNTIME_PREPARER_H_
#define QUAVER_RUNTIME_PREPARER_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "kernels/registry.h"
#include "runtime/arena_layout.h"
#include "runtime/backend_choice.h"
#include "runtime/ops/op_view.h"
#include "runtime/record_bytes.h"
#include "runtime/target.h"
#include "runtime/tiled_call.h"
#include "runtime/work_split.h"

namespace quaver {

#if QUAVER_FOREIGN_TARGETS
/// What an operator with weights would be called with, for programs that pack weights ahead of time
/// or show how they are used.
struct WeightsUse {
  std::int32_t operator_index;
  const char* kernel;            ///< "Conv2DAvx2"
  kernels::WeightLayout layout;  ///< That the kernel takes.
  kernels::WeightShape shape;
  const std::int8_t* plain;  ///< Null: `tensor` is compressed.
  const fb::Tensor* tensor;
  kernels::OutputStage stage;
  const PackedWeightsVector* packed;  ///< The layouts that the file has; may be null.
};

/// Called for each operator with weights, in order.
struct WeightsObserver {
  void (*observe)(void* context, const WeightsUse& use) = nullptr;
  void* context = nullptr;
};

/// Called where an operator asks for scratch.
struct ScratchObserver {
  void (*observe)(void* context, std::int32_t operator_index, std::uint64_t bytes) = nullptr;
  void* context = nullptr;
};
#endif

/// The entry of `packed` that has `layout`; null where there is none.
const fb::PackedWeights* FindPacked(const PackedWeightsVector* packed,
                                    const kernels::WeightLayout& layout);

class Preparer {
 public:
  Preparer(const fb::Model& model, const PrepareTarget& target);

  /// Counts what the session's state and the calls of all operators need.
  const ArenaLayout& Measure();
  /// Places them in `arena`, which has what Measure has counted. `pool` is for more than one
  /// thread.
  SessionState* Write(std::uint8_t* arena, platform::Threads* pool);

  /// Where a tensor lies; null while measuring, but for constants.
  template <typename T = std::int8_t>
  [[nodiscard]] const T* Input(const fb::Tensor& tensor) const {
    return reinterpret_cast<const T*>(Bytes(tensor));
  }
  /// Precondition: in the arena.
  template <typename T = std::int8_t>
  [[nodiscard]] T* Output(const fb::Tensor& tensor) const {
    return reinterpret_cast<T*>(ArenaBytes(PlaceOf(model_, tensor)));
  }

  /// Adds a call of the best kernel for `params`; `units` of work, as its Params say.
  template <typename Params>
  void Call(const Params& params, std::int32_t units) {
    if (BackendTakes(params)) return AddBackendCall(params);
    AddRecord(SelectKernel(params), params, units);
  }

  /// As Call of an element-wise operator of two inputs, of which one may be transient.
  template <typename Params>
  void CallOnTiles(const OpView& view, const Params& params) {
    const bool is_input1 = IsTransient(view.input(0));
    if ((!is_input1 && !IsTransient(view.input(1))) || !transient_.tiled) {
      return Call(params, params.dims[0]);
    }
    using Record = TiledCallRecord<Params>;
    void* memory = Place<Record>();
    if (memory == nullptr) return;
    PreparedCall head = *transient_.producer;
    head.type = &Record::kType;
    Link(new (memory) Record{{head, &SelectKernel(params), params},
                             transient_.producer,
                             transient_.bytes,
                             transient_.plan,
                             is_input1});
  }

  /// As Call for an operator whose input 1 is its weights: `params->weights` is where the plain
  /// ones are, null where they are compressed, and becomes what the kernel takes; `params->scratch`
  /// is set, and `params->output` of a transient tensor.
  template <typename Params>
  void CallWithWeights(Params* params, const kernels::WeightShape& shape,
                       const PackedWeightsVector* packed, std::int32_t units) {
    const std::int32_t unit_bytes = TileUnitBytes(*params);
    // A backend packs plain weights itself; null: they are compressed.
    if (params->weights != nullptr && BackendTakes(*params)) {
      PlaceWhole(unit_bytes, units, &params->output);
      return AddBackendCall(*params);
    }
    const kernels::Kernel<Params>& kernel = SelectKernel(*params);
#if QUAVER_FOREIGN_TARGETS
    if (observer_.observe != nullptr) {
      observer_.observe(observer_.context,
                        {operator_index_, kernel.name, kernel.layout, shape, params->weights,
                         &WeightsTensor(), params->stage, packed});
    }
#endif
    params->weights = Weights(kernel.layout, shape, params->weights, params->stage, packed);
    const std::size_t scratch = kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(*params);
    params->scratch = PlaceScratch(scratch, kernel.isa, unit_bytes, units, &params->output);
    AddRecord(kernel, *params, units);
  }

  /// As Call for an operator on int16 with weights, whose kernels all read plain ones:
  /// `params->scratch` is set.
  template <typename Params>
  void CallWithPlainWeights(Params* params, std::int32_t units) {
    const kernels::Kernel<Params>& kernel = SelectKernel(*params);
    params->scratch =
        Scratch(ForThreads(kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(*params)));
    AddRecord(kernel, *params, units);
  }

  /// Adds a call of a function that is not in the inventory of kernels.
  template <typename Params>
  void AddRecord(const kernels::Kernel<Params>& kernel, const Params& params, std::int32_t units) {
    Link(MakeRecord(kernel, params, units));
  }

  // For what expands weights; each gives null while measuring.

  /// As long as the session; `bytes` are a multiple of 64, and so is the address.
  std::uint8_t* PlaceWeights(std::uint64_t bytes);
  /// Until the operator is prepared; the same for all.
  std::int8_t* PlaceWhilePreparing(std::uint64_t bytes);
  /// While the operator runs; scratch that is asked for later lies behind.
  std::int8_t* PlaceBeforeScratch(std::uint64_t bytes);

#if QUAVER_FOREIGN_TARGETS
  void Observe(const WeightsObserver& observer) { observer_ = observer; }
  void Observe(const ScratchObserver& observer) { scratch_observer_ = observer; }
#endif

  /// What Measure, or Write once more, has counted.
  [[nodiscard]] const ArenaLayout& counted() const { return counted_; }

 private:
  /// The transient tensor that the operator before, or this one, makes.
  struct Transient {
    std::int8_t* bytes = nullptr;  ///< Null while measuring.
    TilePlan plan;
    bool tiled = false;                      ///< Else it is whole, for two ordinary calls.
    bool held = false;                       ///< The next call goes to `producer`, not to the list.
    const PreparedCall* producer = nullptr;  ///< If tiled.
  };

  /// A call in the arena that is not in the list yet; null while measuring.
  template <typename Params>
  PreparedCall* MakeRecord(const kernels::Kernel<Params>& kernel, const Params& params,
                           std::int32_t units) {
    using Record = CallRecord<Params>;
    void* memory = Place<Record>();
    if (memory == nullptr) return nullptr;
    WorkSplit split{};
    if constexpr (kHasThreads) {
      split = SplitWork(EffortOf(params), kernel.isa, units, target_.threads);
    }
    return new (memory)
        Record{{&Record::kType, nullptr, units, static_cast<std::uint16_t>(operator_index_),
                split.tiles_per_thread, split.grain_log2},
               &kernel,
               params};
  }

  /// Of an operator that has weights.
  [[nodiscard]] const fb::Tensor& WeightsTensor() const;
  [[nodiscard]] bool OutputIsTransient() const;
  /// Bytes of the output that one unit writes; 0 where the operator makes no tiles.
  template <typename Params>
  [[nodiscard]] static std::int32_t TileUnitBytes([[maybe_unused]] const Params& params) {
    if constexpr (kMakesTiles<Params>) {
      return params.output_w * params.output_c;
    } else {
      return 0;
    }
  }

  /// Whether the backend has an operator that takes these sizes.
  template <typename Params>
  [[nodiscard]] bool BackendTakes([[maybe_unused]] const Params& params) const {
#if QUAVER_XNNPACK
    if constexpr (kernels::xnnpack::kHasOperator<Params>) {
      return target_.backend == Backend::kXnnpack && ReadsArena(params) &&
             kernels::xnnpack::TakesOperator(params);
    }
#endif
    return false;
  }
  /// Precondition: BackendTakes.
  template <typename Params>
  void AddBackendCall([[maybe_unused]] const Params& params) {
#if QUAVER_XNNPACK
    if constexpr (kernels::xnnpack::kHasOperator<Params>) AddXnnpackOperator(params);
#endif
  }

#if QUAVER_XNNPACK
  template <typename Params>
  void AddXnnpackOperator(const Params& params) {
    kernels::xnnpack::OperatorParams prepared{};
    void* temporary = Scratch(kernels::xnnpack::TemporaryBytes(params));
    std::size_t bytes = 0;
    if (arena_ == nullptr) {
      bytes = kernels::xnnpack::OperatorBytes(params);
    } else {
      const auto left = static_cast<std::size_t>(layout_.packed_bytes - counted_.packed_bytes);
      bytes = kernels::xnnpack::CreateOperator(
          params, arena_ + layout_.packed_offset() + counted_.packed_bytes, left, temporary,
          &prepared);
    }
    if (bytes == 0) {
      counted_.failed_operator = operator_index_;
      return;
    }
    counted_.packed_bytes += bytes;
    AddRecord(kernels::xnnpack::OperatorKernel<Params>(), prepared, 1);
  }

  /// Whether the inputs are activations. XNNPACK reads behind the end of its inputs: that is in the
  /// arena, where records follow, but behind a constant the model's bytes may end.
  template <typename Params>
  [[nodiscard]] bool ReadsArena(const Params& params) const {
    if constexpr (std::is_base_of_v<kernels::BroadcastParams, Params>) {
      return InArena(params.input1) && InArena(params.input2);
    } else {
      return InArena(params.input);
    }
  }
  /// While measuring, Input gives null for what is in the arena.
  [[nodiscard]] bool InArena(const void* tensor) const {
    const auto start = reinterpret_cast<std::uintptr_t>(arena_);
    const auto address = reinterpret_cast<std::uintptr_t>(tensor);
    return address >= start && address - start < (arena_ == nullptr ? 1 : layout_.total_bytes());
  }
#endif

  template <typename Params>
  [[nodiscard]] const kernels::Kernel<Params>& SelectKernel(const Params& params) const {
#if QUAVER_FOREIGN_TARGETS
    if (target_.foreign) return kernels::SelectForTarget(params, target_.isas);
#endif
    return kernels::Select(params, target_.isas);
  }

  [[nodiscard]] const std::uint8_t* Bytes(const fb::Tensor& tensor) const;
  [[nodiscard]] std::uint8_t* ArenaBytes(const fb::Tensor& place) const;
  const std::int8_t* Weights(const kernels::WeightLayout& layout, const kernels::WeightShape& shape,
                             const std::int8_t* plain, const kernels::OutputStage& stage,
                             const PackedWeightsVector* packed);
  /// `bytes` where the plan lets this operator have them, for all threads; aligned to 64.
  std::int8_t* Scratch(std::uint64_t bytes);
  [[nodiscard]] std::uint64_t ForThreads(std::size_t bytes) const {
    if constexpr (!kHasThreads) return bytes;
    return std::uint64_t{bytes} * static_cast<std::uint32_t>(target_.threads);
  }
  /// The kernel's scratch, of `bytes` for each thread; and, where the output is transient, room
  /// for its tiles behind, which becomes `output`.
  std::int8_t* PlaceScratch(std::size_t bytes, Isa isa, std::int32_t unit_bytes, std::int32_t units,
                            std::int8_t** output);
  /// Where the output is transient, room for all of it, which becomes `output`.
  void PlaceWhole(std::int32_t unit_bytes, std::int32_t units, std::int8_t** output);
  /// Room for a record; null while measuring.
  template <typename Record>
  void* Place() {
#if QUAVER_FOREIGN_TARGETS
    return Place(RecordBytes<Record>::For(target_.pointer_bytes));
#else
    return Place(sizeof(Record));
#endif
  }
  void* Place(std::size_t bytes);
  void PrepareModel();
  SharedRun* PlaceSharedRun();
  void Link(PreparedCall* call);

  const fb::Model& model_;
  const PrepareTarget target_;
  ArenaLayout layout_;  ///< What was measured; nothing while measuring.
  ArenaLayout counted_;
  std::uint8_t* arena_ = nullptr;
  platform::Threads* pool_ = nullptr;
  std::int32_t operator_index_ = 0;
  SessionState* state_ = nullptr;
  PreparedCall* last_ = nullptr;
  std::uint64_t before_scratch_ = 0;  ///< Bytes of PlaceBeforeScratch.
  Transient transient_;
#if QUAVER_FOREIGN_TARGETS
  WeightsObserver observer_;
  ScratchObserver scratch_observer_;
#endif
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_PREPARER_H_
