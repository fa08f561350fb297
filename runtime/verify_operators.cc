#include "runtime/limits.h"
#include "runtime/ops/op_definition.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

Status OperatorStatus(const OpView& view, StatusCode code, const char* what) {
  Status status;
  status.code = code;
  status.what = what;
  status.operator_index = view.index();
  status.operator_name = TextOr(view.op().name(), nullptr);
  return status;
}

Status VerifyOperands(const fb::Model& model, const OpView& view, const Int32Vector& indices,
                      const char* what) {
  for (std::int32_t i = 0; i < Count(&indices); ++i) {
    const std::int32_t index = At(indices, i);
    if (index < 0 || index >= Count(model.tensors())) {
      return WithValues(OperatorStatus(view, StatusCode::kInvalidOperator, what),
                        std::int64_t{Count(model.tensors())} - 1, index);
    }
  }
  return {};
}

Status VerifyOutputsInArena(const fb::Model& model, const OpView& view) {
  for (std::int32_t i = 0; i < view.output_count(); ++i) {
    if (!IsConstant(PlaceOf(model, view.output(i)))) continue;
    Status status = OperatorStatus(view, StatusCode::kInvalidOperator, "output that is constant");
    status.tensor_index = view.output_index(i);
    status.tensor_name = TextOr(view.output(i).name(), nullptr);
    return status;
  }
  return {};
}

Status VerifyOperator(const fb::Model& model, std::int32_t index) {
  const OpView view(model, index);
  const OpDefinition* definition = FindOperator(view.type());
  if (definition == nullptr) {
    return OperatorStatus(view, StatusCode::kMissingOperator, OperatorKind(view.op()));
  }
  Status status = VerifyOperands(model, view, *view.op().inputs(), "index of an input");
  if (status.ok()) {
    status = VerifyOperands(model, view, *view.op().outputs(), "index of an output");
  }
  if (status.ok()) status = VerifyOutputsInArena(model, view);
  if (!status.ok()) return status;
  OpVerifier verifier(model, index);
  if (!definition->verify(&verifier)) return verifier.status();
  return {};
}

}  // namespace

Status VerifyOperators(const fb::Model& model) {
  std::int64_t operands = 0;
  for (std::int32_t i = 0; i < Count(model.operators()); ++i) {
    const fb::Operator& op = OperatorAt(model, i);
    operands += std::int64_t{Count(op.inputs())} + Count(op.outputs());
    if (operands > kMaxOperands) {
      return WithValues(OperatorStatus(OpView(model, i), StatusCode::kInvalidModel,
                                       "inputs and outputs of all operators so far"),
                        kMaxOperands, operands);
    }
    Status status = VerifyOperator(model, i);
    if (!status.ok()) return status;
  }
  return {};
}

}  // namespace quaver
