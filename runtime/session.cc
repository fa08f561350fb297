#include "quaver/session.h"

#include <cstring>

#include "platform/platform.h"
#include "runtime/arena_size.h"
#include "runtime/ops/op_definition.h"
#include "runtime/session_state.h"
#include "runtime/shared_run.h"
#include "runtime/target.h"
#include "runtime/tensor_info.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

// Out of line: neither then takes stack while the operators are prepared.
[[gnu::noinline]] Status VerifyArena(Span<std::uint8_t> arena, std::uint64_t needed_bytes) {
  const std::size_t given_bytes = arena.data() == nullptr ? 0 : arena.size();
  if (given_bytes < needed_bytes) {
    return Failure(StatusCode::kArenaTooSmall, "bytes of the arena",
                   static_cast<std::int64_t>(needed_bytes), static_cast<std::int64_t>(given_bytes));
  }
  const auto misalignment = reinterpret_cast<std::uintptr_t>(arena.data()) % kArenaAlignment;
  if (misalignment != 0) {
    return Failure(StatusCode::kMisaligned, "address of the arena modulo 64", 0,
                   static_cast<std::int64_t>(misalignment));
  }
  return {};
}

[[gnu::noinline]] Status VerifyPool(const SessionOptions& options) {
  const std::int32_t found = options.pool == nullptr ? 1 : options.pool->ThreadCount();
  if (options.threads <= found) return {};
  return Failure(StatusCode::kInvalidArgument, "threads of SessionOptions::pool", options.threads,
                 found);
}

void RunCall(const PreparedCall& call) { call.type->run(call, kernels::Work{0, call.units, 0}); }

/// As RunCall; `shared` is null for one thread.
void RunCall(const PreparedCall& call, SharedRun* shared) {
  if constexpr (kHasThreads) {
    if (shared != nullptr && call.tiles_per_thread != 0) return shared->Share(call);
  }
  RunCall(call);
}

/// Runs task(context) with the session's threads at hand, if it has any.
void WithThreads(SharedRun* shared, void (*task)(void* context), void* context) {
  if constexpr (kHasThreads) {
    if (shared != nullptr) return shared->Run(task, context);
  }
  task(context);
}

void RunAllShared(void* context) {
  const auto& state = *static_cast<const SessionState*>(context);
  for (const PreparedCall* call = state.first; call != nullptr; call = call->next) {
    RunCall(*call, state.shared);
  }
}

/// A Run that is watched.
struct ObservedRun {
  const Session& session;
  const SessionState& state;
  OperatorObserver observer;
  void* context;

  static void RunAll(void* run) { static_cast<const ObservedRun*>(run)->RunOperators(); }

  void RunOperators() const {
    const PreparedCall* call = state.first;
    for (std::int32_t i = 0; i < Count(state.model->operators()); ++i) {
      call = RunOperator(OpView(*state.model, i), call);
    }
  }

  /// Returns the first call of the next operator.
  const PreparedCall* RunOperator(const OpView& view, const PreparedCall* call) const {
    OperatorEvent event{};
    event.kernel = "";
    const std::uint64_t start = platform::Nanoseconds();
    for (; call != nullptr && call->operator_index == view.index(); call = call->next) {
      RunCall(*call, state.shared);
      event.kernel = call->type->kernel_name(*call);
    }
    event.nanoseconds = platform::Nanoseconds() - start;
    event.index = static_cast<std::size_t>(view.index());
    event.kind = OperatorKind(view.op());
    event.name = TextOr(view.op().name(), "");
    event.output_indices = {view.op().outputs()->data(),
                            static_cast<std::size_t>(view.output_count())};
    observer(context, session, event);
    return call;
  }
};

}  // namespace

Result<Session> Session::Create(const Model& model, Span<std::uint8_t> arena,
                                const SessionOptions& options) {
  if (model.root() == nullptr) return NotLoaded();
  PrepareTarget target;
  Status status = ChooseTarget(options, &target);
  if (status.ok()) status = VerifyPool(options);
  if (!status.ok()) return status;
  const ArenaLayout layout = MeasureArena(*model.root(), target);
  status = VerifyPrepared(*model.root(), layout);
  if (!status.ok()) return status;
  status = VerifyArena(arena, layout.total_bytes());
  if (!status.ok()) return status;
  Preparer preparer(*model.root(), target, layout, arena.data(),
                    options.pool == nullptr ? nullptr : options.pool->threads());
  preparer.PrepareModel();
  status = VerifyPrepared(*model.root(), preparer.counted());
  if (!status.ok()) return status;
  // Not only the state: bytes that no operator writes are the same in every session. Last, since a
  // backend may have used scratch.
  std::memset(arena.data(), 0, static_cast<std::size_t>(layout.activation_bytes));
  Session session;
  session.state_ = preparer.state();
  return session;
}

TensorView Session::Input(std::size_t index) const {
  const Int32Vector& inputs = *state_->model->inputs();
  return Tensor(static_cast<std::size_t>(At(inputs, static_cast<std::int32_t>(index))));
}

TensorView Session::Output(std::size_t index) const {
  const Int32Vector& outputs = *state_->model->outputs();
  return Tensor(static_cast<std::size_t>(At(outputs, static_cast<std::int32_t>(index))));
}

TensorView Session::Tensor(std::size_t index) const {
  const fb::Model& model = *state_->model;
  TensorView view;
  static_cast<TensorInfo&>(view) = DescribeTensor(model, static_cast<std::int32_t>(index));
  const fb::Tensor& place = PlaceOf(model, TensorAt(model, static_cast<std::int32_t>(index)));
  if (IsCompressed(place)) return view;
  if (IsConstant(place)) {
    // A view is one type for all tensors; who writes to a constant's breaks the model's bytes.
    view.data = const_cast<std::uint8_t*>(BufferData(model, place.buffer()));
  } else if (InArena(place)) {
    view.data = state_->arena + place.arena_offset();
  }
  return view;
}

Status Session::Run() {
  if (state_->shared != nullptr) {
    WithThreads(state_->shared, &RunAllShared, state_);
    return {};
  }
  for (const PreparedCall* call = state_->first; call != nullptr; call = call->next) {
    RunCall(*call);
  }
  return {};
}

Status Session::Run(OperatorObserver observer, void* context) {
  ObservedRun run{*this, *state_, observer, context};
  WithThreads(state_->shared, &ObservedRun::RunAll, &run);
  return {};
}

void Session::ResetState() {
  const fb::Model& model = *state_->model;
  for (std::int32_t i = 0; i < Count(model.tensors()); ++i) {
    const fb::Tensor& tensor = TensorAt(model, i);
    if (tensor.storage() != fb::Storage::State || tensor.view_of() >= 0) continue;
    std::memset(state_->arena + tensor.arena_offset(), 0, TensorBytes(tensor));
  }
}

const char* Session::IsaName() const { return quaver::IsaName(state_->isa); }

}  // namespace quaver
