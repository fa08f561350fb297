#include "quaver/session.h"

#include <cstring>

#include "platform/platform.h"
#include "runtime/arena_size.h"
#include "runtime/failure.h"
#include "runtime/ops/op_definition.h"
#include "runtime/session_state.h"
#include "runtime/shared_run.h"
#include "runtime/target.h"
#include "runtime/tensor_info.h"

namespace quaver {
namespace {

bool VerifyArena(Span<std::uint8_t> arena, std::uint64_t needed_bytes, Status* status) {
  const std::size_t given_bytes = arena.data() == nullptr ? 0 : arena.size();
  if (given_bytes < needed_bytes) {
    return Fail(status, StatusCode::kArenaTooSmall, "bytes of the arena",
                static_cast<std::int64_t>(needed_bytes), static_cast<std::int64_t>(given_bytes));
  }
  const auto misalignment =
      static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(arena.data()) % kArenaAlignment);
  return misalignment == 0 ||
         Fail(status, StatusCode::kMisaligned, "address of the arena modulo 64", 0, misalignment);
}

/// Precondition: ChooseTarget, so that there is one thread where the build has no more.
bool VerifyPool([[maybe_unused]] const SessionOptions& options, [[maybe_unused]] Status* status) {
  if constexpr (!kHasThreads) return true;
  const std::int32_t found = options.pool == nullptr ? 1 : options.pool->ThreadCount();
  return options.threads <= found ||
         Fail(status, StatusCode::kInvalidArgument, "threads of SessionOptions::pool",
              options.threads, found);
}

/// Session::Create; null with the reason in `status`.
SessionState* Prepare(const fb::Model& model, Span<std::uint8_t> arena,
                      const SessionOptions& options, Status* status) {
  PrepareTarget target;
  if (!(ChooseTarget(options, &target, status) && VerifyPool(options, status))) return nullptr;
  Preparer preparer(model, target);
  const ArenaLayout& counted = preparer.Measure();
  if (!(VerifyPrepared(model, counted, status) &&
        VerifyArena(arena, counted.total_bytes(), status))) {
    return nullptr;
  }
  platform::Threads* threads =
      kHasThreads && options.pool != nullptr ? options.pool->threads() : nullptr;
  SessionState* state = preparer.Write(arena.data(), threads);
  if (!VerifyPrepared(model, counted, status)) return nullptr;
  // Not only the state: bytes that no operator writes are the same in every session. Last, since a
  // backend may have used scratch.
  std::memset(arena.data(), 0, static_cast<std::size_t>(counted.activation_bytes));
  return state;
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
    for (std::int32_t i = 0; i < OperatorCount(*state.model); ++i) {
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
  Status status;
  Session session;
  if (model.root() == nullptr) {
    FailNotLoaded(&status);
  } else {
    session.state_ = Prepare(*model.root(), arena, options, &status);
  }
  return {status, session};
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
  if constexpr (kHasThreads) {
    if (state_->shared != nullptr) {
      state_->shared->Run(&RunAllShared, state_);
      return {};
    }
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
  for (std::int32_t i = 0; i < TensorCount(model); ++i) {
    const fb::Tensor& tensor = TensorAt(model, i);
    if (tensor.storage() != fb::Storage::State || tensor.view_of() >= 0) continue;
    std::memset(state_->arena + tensor.arena_offset(), 0, TensorBytes(tensor));
  }
}

const char* Session::IsaName() const { return quaver::IsaName(state_->isa); }

}  // namespace quaver
