#include "runtime/checker.h"

#include "runtime/verify.h"

namespace quaver {

bool Checker::Fail(const char* what) const {
  status_->code = code_;
  status_->what = what;
  if (operator_ >= 0) {
    status_->operator_index = operator_;
    status_->operator_name = TextOr(OperatorAt(model_, operator_).name(), nullptr);
  }
  if (tensor_ >= 0) {
    status_->tensor_index = tensor_;
    status_->tensor_name = TextOr(TensorAt(model_, tensor_).name(), nullptr);
  }
  return false;
}

bool Checker::FailWith(const char* what, std::int64_t expected, std::int64_t found) const {
  SetValues(status_, expected, found);
  return Fail(what);
}

bool Checker::Equal(const char* what, std::int64_t expected, std::int32_t found) const {
  return expected == found || FailWith(what, expected, found);
}

bool Checker::InRange(const char* what, std::int32_t low, std::int32_t high,
                      std::int64_t found) const {
  if (found < low) return FailWith(what, low, found);
  return found <= high || FailWith(what, high, found);
}

bool Checker::TensorIndex(const char* what, std::int32_t index) const {
  return InRange(what, 0, Count(model_.tensors()) - 1, index);
}

}  // namespace quaver
