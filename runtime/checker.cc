#include "runtime/checker.h"

namespace quaver {

void Checker::Note(const char* what) const {
  quaver::Note(status_, code_, what);
  if (operator_ >= 0) {
    status_->operator_index = operator_;
    status_->operator_name = TextOr(OperatorAt(model_, operator_).name(), nullptr);
  }
  if (tensor_ >= 0) {
    status_->tensor_index = tensor_;
    status_->tensor_name = TextOr(TensorAt(model_, tensor_).name(), nullptr);
  }
}

void Checker::Note32(const char* what, std::int32_t expected, std::int32_t found) const {
  Note64(what, expected, found);
}

void Checker::Note64(const char* what, std::int64_t expected, std::int64_t found) const {
  SetValues(status_, expected, found);
  Note(what);
}

bool Checker::Equal32(const char* what, std::int32_t expected, std::int32_t found) const {
  return expected == found || FailWith(what, expected, found);
}

bool Checker::Equal64(const char* what, std::int64_t expected, std::int32_t found) const {
  return expected == found || FailWith(what, expected, found);
}

bool Checker::InRange32(const char* what, std::int32_t low, std::int32_t high,
                        std::int32_t found) const {
  return InRange64(what, low, high, found);
}

bool Checker::InRange64(const char* what, std::int32_t low, std::int32_t high,
                        std::int64_t found) const {
  if (found < low) return FailWith(what, low, found);
  return found <= high || FailWith(what, high, found);
}

bool Checker::TensorIndex(const char* what, std::int32_t index) const {
  return InRange(what, 0, TensorCount(model_) - 1, index);
}

}  // namespace quaver
