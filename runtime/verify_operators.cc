#include "runtime/limits.h"
#include "runtime/ops/op_definition.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

bool VerifyOperands(const Checker& c, const Int32Vector& indices, const char* what) {
  for (std::int32_t i = 0; i < Count(indices); ++i) {
    if (!c.TensorIndex(what, At(indices, i))) return false;
  }
  return true;
}

/// How often an operator reads (or writes) `tensor`.
[[gnu::noinline]] std::int32_t CountOf(const Int32Vector& indices, std::int32_t tensor) {
  std::int32_t count = 0;
  for (std::int32_t i = 0; i < Count(indices); ++i) count += At(indices, i) == tensor ? 1 : 0;
  return count;
}

// A transient tensor goes from an operator that can make it in parts to the next one, which takes
// it so, once.

bool VerifyOutput(OpVerifier* v, std::int32_t i, const OpDefinition& definition) {
  const OpView& view = v->view();
  const std::int32_t tensor = view.output_index(i);
  const fb::Tensor& place = PlaceOf(v->model(), view.output(i));
  v->SetSubject(StatusCode::kInvalidOperator, view.index(), tensor);
  if (IsConstant(place)) return v->Fail("output that is constant");
  if (!IsTransient(place)) return true;
  if (!definition.makes_tiles) {
    return v->Fail("transient output of an operator that makes no parts");
  }
  const std::int32_t next = view.index() + 1;
  const std::int32_t reads = next < OperatorCount(v->model())
                                 ? CountOf(*OperatorAt(v->model(), next).inputs(), tensor)
                                 : 0;
  return v->Equal("transient output that the next operator does not read, or not once", 1, reads);
}

bool VerifyInput(OpVerifier* v, std::int32_t i, const OpDefinition& definition) {
  const OpView& view = v->view();
  const std::int32_t tensor = view.input_index(i);
  const fb::Tensor& place = PlaceOf(v->model(), view.input(i));
  v->SetSubject(StatusCode::kInvalidOperator, view.index(), tensor);
  if (IsCompressed(place) && !(definition.has_weights && i == 1)) {
    return v->Fail("compressed input that is not an operator's weights");
  }
  if (!IsTransient(place)) return true;
  if (definition.takes_tiles == nullptr || !definition.takes_tiles(view, i)) {
    return v->Fail("transient input of an operator that takes no parts");
  }
  return (view.index() > 0 &&
          CountOf(*OperatorAt(v->model(), view.index() - 1).outputs(), tensor) > 0) ||
         v->Fail("transient input that the operator before has not made");
}

bool VerifyOperator(OpVerifier* v) {
  const OpView& view = v->view();
  const OpDefinition* definition = FindOperator(view.type());
  if (definition == nullptr) {
    v->SetSubject(StatusCode::kMissingOperator, view.index(), -1);
    return v->Fail(OperatorKind(view.op()));
  }
  if (!(VerifyOperands(*v, *view.op().inputs(), "index of an input") &&
        VerifyOperands(*v, *view.op().outputs(), "index of an output"))) {
    return false;
  }
  for (std::int32_t i = 0; i < view.output_count(); ++i) {
    if (!VerifyOutput(v, i, *definition)) return false;
  }
  v->SetSubject(StatusCode::kInvalidOperator, view.index(), -1);
  if (!definition->verify(v)) return false;
  for (std::int32_t i = 0; i < view.input_count(); ++i) {
    if (!VerifyInput(v, i, *definition)) return false;
  }
  return true;
}

}  // namespace

bool VerifyOperators(const fb::Model& model, Status* status) {
  std::int32_t operands = 0;
  for (std::int32_t i = 0; i < OperatorCount(model); ++i) {
    OpVerifier verifier(model, i, status);
    // Each is below 2^31 bytes / 4, so that no sum wraps.
    operands += verifier.view().input_count() + verifier.view().output_count();
    if (operands > kMaxOperands) {
      verifier.SetSubject(StatusCode::kInvalidModel, i, -1);
      return verifier.FailWith("inputs and outputs of all operators so far", kMaxOperands,
                               operands);
    }
    if (!VerifyOperator(&verifier)) return false;
  }
  return true;
}

}  // namespace quaver
