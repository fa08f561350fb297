// The contract of an operator: one of these in each file of runtime/ops/, listed in ops.inc.
#ifndef QUAVER_RUNTIME_OPS_OP_DEFINITION_H_
#define QUAVER_RUNTIME_OPS_OP_DEFINITION_H_

#include "runtime/ops/op_verifier.h"
#include "runtime/ops/op_view.h"
#include "runtime/preparer.h"

namespace quaver {

struct OpDefinition {
  /// Checks types, shapes and parameters, so that no kernel can leave its tensors or meet undefined
  /// behaviour. The tensors themselves have been verified before, the memory plan is after.
  bool (*verify)(OpVerifier* verifier);
  /// Adds the calls that compute the operator. Runs twice: to measure, and to write.
  void (*prepare)(const OpView& view, Preparer* preparer);
  /// Whether the output may lie exactly where input `input` lies; null: never.
  bool (*in_place)(const OpView& view, std::int32_t input);
  /// Whether the output may be transient: written in the order of the units of work.
  bool makes_tiles = false;
  /// Whether input `input` may be transient; null: never.
  bool (*takes_tiles)(const OpView& view, std::int32_t input) = nullptr;
  /// Whether input 1 is constant weights, for Preparer::CallWithWeights.
  bool has_weights = false;
};

/// The definition of an operator type; null where this build does not have it.
const OpDefinition* FindOperator(fb::OperatorParams type);

/// "Conv2D"; of a custom operator its own name. Never null.
const char* OperatorKind(const fb::Operator& op);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_OP_DEFINITION_H_
