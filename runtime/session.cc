#include "quaver/session.h"

#include <cstring>

#include "platform/platform.h"
#include "runtime/arena_size.h"
#include "runtime/isa_choice.h"
#include "runtime/ops/op_definition.h"
#include "runtime/session_state.h"
#include "runtime/tensor_info.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

Status VerifyArena(Span<std::uint8_t> arena, std::uint64_t needed_bytes) {
  Status status;
  const auto address = reinterpret_cast<std::uintptr_t>(arena.data());
  const std::size_t given_bytes = arena.data() == nullptr ? 0 : arena.size();
  if (given_bytes < needed_bytes) {
    status.code = StatusCode::kArenaTooSmall;
    status.what = "bytes of the arena";
    return WithValues(status, static_cast<std::int64_t>(needed_bytes),
                      static_cast<std::int64_t>(given_bytes));
  }
  if (address % kArenaAlignment != 0) {
    status.code = StatusCode::kMisaligned;
    status.what = "address of the arena modulo 64";
    return WithValues(status, 0, static_cast<std::int64_t>(address % kArenaAlignment));
  }
  return status;
}

void RunCall(const PreparedCall& call) { call.type->run(call, kernels::Work{0, call.units, 0}); }

}  // namespace

Result<Session> Session::Create(const Model& model, Span<std::uint8_t> arena,
                                const SessionOptions& options) {
  if (model.root() == nullptr) return NotLoaded();
  PrepareTarget target;
  Status status = ChooseIsas(options.isa, &target.isas);
  if (!status.ok()) return status;
  status = ChooseBackend(options.backend, &target.backend);
  if (!status.ok()) return status;
  const ArenaLayout layout = MeasureArena(*model.root(), target);
  status = VerifyPrepared(*model.root(), layout);
  if (!status.ok()) return status;
  status = VerifyArena(arena, layout.total_bytes());
  if (!status.ok()) return status;
  // Not only the state: bytes that no operator writes are the same in every session.
  std::memset(arena.data(), 0, static_cast<std::size_t>(layout.activation_bytes));
  Preparer preparer(*model.root(), target, layout, arena.data());
  preparer.PrepareModel();
  status = VerifyPrepared(*model.root(), preparer.counted());
  if (!status.ok()) return status;
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
  if (IsConstant(place)) {
    // A view is one type for all tensors; who writes to a constant's breaks the model's bytes.
    view.data = const_cast<std::uint8_t*>(BufferData(model, place.buffer()));
  } else {
    view.data = state_->arena + place.arena_offset();
  }
  return view;
}

Status Session::Run() {
  for (const PreparedCall* call = state_->first; call != nullptr; call = call->next) {
    RunCall(*call);
  }
  return {};
}

Status Session::Run(OperatorObserver observer, void* context) {
  const fb::Model& model = *state_->model;
  const PreparedCall* call = state_->first;
  for (std::int32_t i = 0; i < Count(model.operators()); ++i) {
    const OpView view(model, i);
    OperatorEvent event{};
    event.kernel = "";
    const std::uint64_t start = platform::Nanoseconds();
    for (; call != nullptr && call->operator_index == i; call = call->next) {
      RunCall(*call);
      event.kernel = call->type->kernel_name(*call);
    }
    event.nanoseconds = platform::Nanoseconds() - start;
    event.index = static_cast<std::size_t>(i);
    event.kind = OperatorKind(view.op());
    event.name = TextOr(view.op().name(), "");
    event.output_indices = {view.op().outputs()->data(),
                            static_cast<std::size_t>(view.output_count())};
    observer(context, *this, event);
  }
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
