// What Load checks beyond the structure of the FlatBuffer. No memory is used, and the time is
// bounded by runtime/limits.h.
#ifndef QUAVER_RUNTIME_VERIFY_H_
#define QUAVER_RUNTIME_VERIFY_H_

#include "quaver/status.h"
#include "runtime/tensor_access.h"

namespace quaver {

// In this order: each relies on those before it.

/// Counts, indices, types, shapes, places and constants of all tensors; inputs and outputs;
/// test vectors.
Status VerifyTensors(const fb::Model& model);
/// Every operator: known to this build, its operands, then its own verify function.
Status VerifyOperators(const fb::Model& model);
/// The memory plan: no operator's operands overlap unless it works in place, nothing is read before
/// it is written or after it is overwritten.
Status VerifyPlan(const fb::Model& model);

/// The failure of a call on a Model that Load has not given.
Status NotLoaded();
/// A failure that concerns one tensor.
Status TensorStatus(const fb::Model& model, StatusCode code, const char* what, std::int32_t tensor);
/// With what was expected and found.
Status WithValues(Status status, std::int64_t expected, std::int64_t found);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_VERIFY_H_
