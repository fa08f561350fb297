#include "runtime/limits.h"
#include "runtime/ops/op_definition.h"
#include "runtime/verify.h"

namespace quaver {
namespace {

// Out of line: where it is not called it takes no stack, which is what Load needs most of.
[[gnu::noinline]] Status OperatorStatus(const OpView& view, StatusCode code, const char* what) {
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

bool IsTransientTensor(const OpView& view, std::int32_t tensor) {
  return IsTransient(PlaceOf(view.model(), TensorAt(view.model(), tensor)));
}

/// How often operator `op`, which there may not be, has `tensor` among its inputs or its outputs.
[[gnu::noinline]] std::int32_t CountOf(const fb::Model& model, std::int32_t op, bool outputs,
                                       std::int32_t tensor) {
  if (op < 0 || op >= Count(model.operators())) return 0;
  const fb::Operator& other = OperatorAt(model, op);
  const Int32Vector& operands = outputs ? *other.outputs() : *other.inputs();
  std::int32_t count = 0;
  for (std::int32_t i = 0; i < Count(&operands); ++i) count += At(operands, i) == tensor ? 1 : 0;
  return count;
}

/// A transient tensor goes from an operator that can make it in parts to the next one, which takes
/// it so, once. Returns what is wrong with one of this operator's, and which; null: nothing.
[[gnu::noinline]] const char* FindWrongTransient(const OpView& view, const OpDefinition& definition,
                                                 std::int32_t* tensor) {
  for (std::int32_t i = 0; i < view.output_count(); ++i) {
    *tensor = view.output_index(i);
    if (!IsTransientTensor(view, *tensor)) continue;
    if (!definition.makes_tiles) return "transient output of an operator that makes no parts";
    if (CountOf(view.model(), view.index() + 1, false, *tensor) != 1) {
      return "transient output that the next operator does not read, or not once";
    }
  }
  for (std::int32_t i = 0; i < view.input_count(); ++i) {
    *tensor = view.input_index(i);
    if (!IsTransientTensor(view, *tensor)) continue;
    if (definition.takes_tiles == nullptr || !definition.takes_tiles(view, i)) {
      return "transient input of an operator that takes no parts";
    }
    if (CountOf(view.model(), view.index() - 1, true, *tensor) == 0) {
      return "transient input that the operator before has not made";
    }
  }
  return nullptr;
}

[[gnu::noinline]] Status VerifyOperator(const fb::Model& model, std::int32_t index) {
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
  std::int32_t tensor = -1;
  const char* wrong = FindWrongTransient(view, *definition, &tensor);
  if (wrong == nullptr) return {};
  status = OperatorStatus(view, StatusCode::kInvalidOperator, wrong);
  status.tensor_index = tensor;
  status.tensor_name = TextOr(TensorAt(model, tensor).name(), nullptr);
  return status;
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
