#include <cstring>

#include "quaver/session.h"
#include "runtime/failure.h"
#include "runtime/session_state.h"
#include "runtime/test_vector.h"

namespace quaver {
namespace {

/// Compares every operator's digest while the network runs, and keeps the first that differs.
struct Comparison {
  const fb::TestVector* vector;
  Status status;

  static void Observe(void* context, const Session& session, const OperatorEvent& event) {
    auto* self = static_cast<Comparison*>(context);
    if (!self->status.ok()) return;
    const std::uint32_t expected =
        At(*self->vector->digests(), static_cast<std::int32_t>(event.index));
    const std::uint32_t found = OutputDigest(session, event);
    if (found == expected) return;
    self->status.code = StatusCode::kSelfTestFailed;
    self->status.what = event.kernel;
    self->status.operator_index = static_cast<std::int32_t>(event.index);
    self->status.operator_name = event.name;
    SetValues(&self->status, expected, found);
  }
};

void SetInputs(const fb::Model& model, const fb::TestVector& vector, const Session& session) {
  TestInputGenerator generator(vector.seed());
  for (std::int32_t i = 0; i < Count(model.inputs()); ++i) {
    const TensorView input = session.Input(static_cast<std::size_t>(i));
    if (Count(vector.inputs()) == 0) {
      generator.Fill(input);
    } else {
      std::memcpy(input.data, At(*vector.inputs(), i)->data()->Data(), input.bytes);
    }
  }
}

}  // namespace

Status Session::SelfTest() {
  const fb::Model& model = *state_->model;
  if (Count(model.test_vectors()) == 0) {
    Status status;
    status.code = StatusCode::kNoTestVector;
    return status;
  }
  Comparison comparison{};
  for (std::int32_t i = 0; comparison.status.ok() && i < Count(model.test_vectors()); ++i) {
    comparison.vector = At(*model.test_vectors(), i);
    ResetState();
    SetInputs(model, *comparison.vector, *this);
    const Status status = Run(&Comparison::Observe, &comparison);
    if (!status.ok()) return status;
  }
  ResetState();
  return comparison.status;
}

}  // namespace quaver
