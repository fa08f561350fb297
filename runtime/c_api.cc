// The C API: the C++ objects, kept in the caller's structs.
#include <cstring>
#include <type_traits>

#include "quaver/quaver.h"
#include "quaver/quaver.hpp"
#include "runtime/session_state.h"

namespace quaver {
namespace {

static_assert(sizeof(Model) == sizeof(quaver_model) && std::is_trivially_copyable_v<Model>);
static_assert(sizeof(Session) == sizeof(quaver_session) && std::is_trivially_copyable_v<Session>);
static_assert(QUAVER_MODEL_ALIGNMENT == kModelAlignment);
static_assert(QUAVER_ARENA_ALIGNMENT == kArenaAlignment);
static_assert(QUAVER_MAX_RANK == kMaxRank);
static_assert(QUAVER_MAX_THREADS == kMaxThreads);
static_assert(QUAVER_BOOL == static_cast<int>(DataType::kBool));

/// The object in a struct, copied: both only hold a pointer.
template <typename Object, typename Handle>
Object Get(const Handle* handle) {
  Object object;
  std::memcpy(static_cast<void*>(&object), handle, sizeof(object));
  return object;
}
template <typename Object, typename Handle>
void Set(Handle* handle, const Object& object) {
  std::memcpy(static_cast<void*>(handle), &object, sizeof(object));
}

quaver_status_code Report(const Status& status, quaver_status* result) {
  const auto code = static_cast<quaver_status_code>(status.code);
  if (result == nullptr) return code;
  *result = {code,
             status.operator_index,
             status.tensor_index,
             status.has_values ? 1 : 0,
             status.expected,
             status.found,
             status.what,
             status.operator_name,
             status.tensor_name};
  return code;
}

/// A call with a null pointer where there must be an object.
quaver_status_code ReportNull(const char* what, quaver_status* result) {
  Status status;
  status.code = StatusCode::kInvalidArgument;
  status.what = what;
  return Report(status, result);
}

quaver_tensor Describe(const TensorInfo& info, void* data) {
  quaver_tensor tensor{};
  tensor.name = info.name;
  tensor.type = static_cast<quaver_data_type>(info.type);
  tensor.rank = info.rank;
  std::memcpy(tensor.shape, info.shape, sizeof(tensor.shape));
  tensor.bytes = info.bytes;
  tensor.scale_bits = info.scale_bits;
  tensor.zero_point = info.zero_point;
  tensor.data = data;
  return tensor;
}

/// The options of a C caller; its pool stays its own.
class OptionsOf {
 public:
  explicit OptionsOf(const quaver_session_options* c) {
    if (c == nullptr) return;
    options_.isa = c->isa;
    options_.threads = c->threads == 0 ? 1 : c->threads;
    if (c->pool == nullptr) return;
    pool_ = ThreadPool::Adopt(static_cast<platform::Threads*>(c->pool->opaque));
    options_.pool = &pool_;
  }
  OptionsOf(const OptionsOf&) = delete;
  OptionsOf& operator=(const OptionsOf&) = delete;
  ~OptionsOf() { pool_.Release(); }

  [[nodiscard]] const SessionOptions& options() const { return options_; }

 private:
  SessionOptions options_;
  ThreadPool pool_;
};

bool Loaded(const quaver_model* model) { return model != nullptr && model->opaque != nullptr; }
bool Created(const quaver_session* session) {
  return session != nullptr && session->opaque != nullptr;
}

const fb::Model& ModelOf(const quaver_session* session) {
  return *static_cast<const SessionState*>(session->opaque)->model;
}

}  // namespace
}  // namespace quaver

using quaver::Get;
using quaver::Model;
using quaver::Report;
using quaver::ReportNull;
using quaver::Session;

const char* quaver_status_name(quaver_status_code code) {
  return quaver::StatusName(static_cast<quaver::StatusCode>(code));
}

size_t quaver_status_format(const quaver_status* status, char* text, size_t size) {
  quaver::Status copy;
  copy.code = static_cast<quaver::StatusCode>(status->code);
  copy.what = status->what;
  copy.operator_index = status->operator_index;
  copy.tensor_index = status->tensor_index;
  copy.operator_name = status->operator_name;
  copy.tensor_name = status->tensor_name;
  copy.expected = status->expected;
  copy.found = status->found;
  copy.has_values = status->has_values != 0;
  return copy.Format(text, size);
}

quaver_status_code quaver_model_load(quaver_model* model, const void* bytes, size_t size,
                                     quaver_status* status) {
  if (model == nullptr || bytes == nullptr) return ReportNull("model or bytes are null", status);
  model->opaque = nullptr;
  const auto loaded = Model::Load({static_cast<const std::uint8_t*>(bytes), size});
  if (loaded.ok()) quaver::Set(model, *loaded);
  return Report(loaded.status(), status);
}

quaver_status_code quaver_model_arena_bytes(const quaver_model* model,
                                            const quaver_session_options* options, size_t* bytes,
                                            quaver_status* status) {
  if (!quaver::Loaded(model) || bytes == nullptr) {
    return ReportNull("model is not loaded, or bytes is null", status);
  }
  const quaver::OptionsOf all(options);
  const auto result = Get<Model>(model).ArenaBytes(all.options());
  *bytes = result.ok() ? *result : 0;
  return Report(result.status(), status);
}

quaver_status_code quaver_model_packed_at_load_bytes(const quaver_model* model, const char* isa,
                                                     size_t* bytes, quaver_status* status) {
  if (!quaver::Loaded(model) || bytes == nullptr) {
    return ReportNull("model is not loaded, or bytes is null", status);
  }
  quaver::SessionOptions options;
  options.isa = isa;
  const auto result = Get<Model>(model).PackedAtLoadBytes(options);
  *bytes = result.ok() ? *result : 0;
  return Report(result.status(), status);
}

const char* quaver_data_type_name(quaver_data_type type) {
  return quaver::DataTypeName(static_cast<quaver::DataType>(type));
}

size_t quaver_model_input_count(const quaver_model* model) {
  return quaver::Loaded(model) ? Get<Model>(model).InputCount() : 0;
}

size_t quaver_model_output_count(const quaver_model* model) {
  return quaver::Loaded(model) ? Get<Model>(model).OutputCount() : 0;
}

quaver_status_code quaver_model_input(const quaver_model* model, size_t index,
                                      quaver_tensor* tensor) {
  if (!quaver::Loaded(model) || tensor == nullptr) return QUAVER_STATUS_InvalidArgument;
  if (index >= quaver_model_input_count(model)) return QUAVER_STATUS_IndexOutOfRange;
  *tensor = quaver::Describe(Get<Model>(model).Input(index), nullptr);
  return QUAVER_STATUS_Ok;
}

quaver_status_code quaver_model_output(const quaver_model* model, size_t index,
                                       quaver_tensor* tensor) {
  if (!quaver::Loaded(model) || tensor == nullptr) return QUAVER_STATUS_InvalidArgument;
  if (index >= quaver_model_output_count(model)) return QUAVER_STATUS_IndexOutOfRange;
  *tensor = quaver::Describe(Get<Model>(model).Output(index), nullptr);
  return QUAVER_STATUS_Ok;
}

const char* quaver_model_name(const quaver_model* model) {
  return quaver::Loaded(model) ? Get<Model>(model).Name() : "";
}

const char* quaver_model_label(const quaver_model* model, size_t index) {
  return quaver::Loaded(model) ? Get<Model>(model).Label(index) : nullptr;
}

quaver_status_code quaver_session_create(quaver_session* session, const quaver_model* model,
                                         void* arena, size_t arena_bytes,
                                         const quaver_session_options* options,
                                         quaver_status* status) {
  if (session == nullptr) return ReportNull("session is null", status);
  session->opaque = nullptr;
  if (!quaver::Loaded(model) || arena == nullptr) {
    return ReportNull("model is not loaded, or arena is null", status);
  }
  const quaver::OptionsOf all(options);
  const auto created = Session::Create(
      Get<Model>(model), {static_cast<std::uint8_t*>(arena), arena_bytes}, all.options());
  if (created.ok()) quaver::Set(session, *created);
  return Report(created.status(), status);
}

quaver_status_code quaver_session_input(const quaver_session* session, size_t index,
                                        quaver_tensor* tensor) {
  if (!quaver::Created(session) || tensor == nullptr) return QUAVER_STATUS_InvalidArgument;
  if (index >= quaver::ModelOf(session).inputs()->size()) return QUAVER_STATUS_IndexOutOfRange;
  const quaver::TensorView view = Get<Session>(session).Input(index);
  *tensor = quaver::Describe(view, view.data);
  return QUAVER_STATUS_Ok;
}

quaver_status_code quaver_session_output(const quaver_session* session, size_t index,
                                         quaver_tensor* tensor) {
  if (!quaver::Created(session) || tensor == nullptr) return QUAVER_STATUS_InvalidArgument;
  if (index >= quaver::ModelOf(session).outputs()->size()) return QUAVER_STATUS_IndexOutOfRange;
  const quaver::TensorView view = Get<Session>(session).Output(index);
  *tensor = quaver::Describe(view, view.data);
  return QUAVER_STATUS_Ok;
}

quaver_status_code quaver_session_run(quaver_session* session, quaver_status* status) {
  if (!quaver::Created(session)) return ReportNull("session is not created", status);
  return Report(Get<Session>(session).Run(), status);
}

quaver_status_code quaver_thread_pool_create(quaver_thread_pool* pool, int32_t threads,
                                             quaver_status* status) {
  if (pool == nullptr) return ReportNull("pool is null", status);
  auto created = quaver::ThreadPool::Create(threads);
  pool->opaque = created->Release();
  return Report(created.status(), status);
}

void quaver_thread_pool_destroy(quaver_thread_pool* pool) {
  if (pool == nullptr) return;
  const quaver::ThreadPool ending =
      quaver::ThreadPool::Adopt(static_cast<quaver::platform::Threads*>(pool->opaque));
  pool->opaque = nullptr;
}

void quaver_session_reset_state(quaver_session* session) {
  if (quaver::Created(session)) Get<Session>(session).ResetState();
}

quaver_status_code quaver_session_self_test(quaver_session* session, quaver_status* status) {
  if (!quaver::Created(session)) return ReportNull("session is not created", status);
  return Report(Get<Session>(session).SelfTest(), status);
}

const char* quaver_session_isa(const quaver_session* session) {
  return quaver::Created(session) ? Get<Session>(session).IsaName() : "";
}

const char* quaver_version(void) { return QUAVER_VERSION; }
