// What Load checks beyond the structure of the FlatBuffer. No memory is used, and the time is
// bounded by runtime/limits.h.
#ifndef QUAVER_RUNTIME_VERIFY_H_
#define QUAVER_RUNTIME_VERIFY_H_

#include "quaver/status.h"
#include "runtime/tensor_access.h"

namespace quaver {

// In this order: each relies on those before it. They return false with the reason in `status`.

/// Counts, indices, types, shapes, places and constants of all tensors; inputs and outputs;
/// test vectors.
bool VerifyTensors(const fb::Model& model, Status* status);
/// Every operator: known to this build, its operands, then its own verify function.
bool VerifyOperators(const fb::Model& model, Status* status);
/// The memory plan: no operator's operands overlap unless it works in place, nothing is read before
/// it is written or after it is overwritten.
bool VerifyPlan(const fb::Model& model, Status* status);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_VERIFY_H_
