// How verification notes what it refuses.
#ifndef QUAVER_RUNTIME_CHECKER_H_
#define QUAVER_RUNTIME_CHECKER_H_

#include <cstdint>

#include "quaver/status.h"
#include "runtime/failure.h"
#include "runtime/tensor_access.h"

namespace quaver {

/// Every check returns true, or notes the failure in the status and returns false: what verifies is
/// a chain of &&, and the first failure is what the caller of Load reads.
class Checker {
 public:
  Checker(const fb::Model& model, Status* status) : model_(model), status_(status) {}

  [[nodiscard]] const fb::Model& model() const { return model_; }

  /// What the next checks are about, for the message; -1: no operator, no tensor.
  void SetSubject(StatusCode code, std::int32_t op, std::int32_t tensor) {
    code_ = code;
    operator_ = op;
    tensor_ = tensor;
  }

  bool Fail(const char* what) const {
    Note(what);
    return false;
  }
  template <typename Expected, typename Found>
  bool FailWith(const char* what, Expected expected, Found found) const {
    if constexpr (kFitsInt32<Expected> && kFitsInt32<Found>) {
      Note32(what, expected, found);
    } else {
      Note64(what, static_cast<std::int64_t>(expected), static_cast<std::int64_t>(found));
    }
    return false;
  }
  template <typename Int>
  bool Equal(const char* what, Int expected, std::int32_t found) const {
    if constexpr (kFitsInt32<Int>) return Equal32(what, expected, found);
    return Equal64(what, expected, found);
  }
  /// What is reported as expected is the bound that `found` is beyond.
  template <typename Int>
  bool InRange(const char* what, std::int32_t low, std::int32_t high, Int found) const {
    if constexpr (kFitsInt32<Int>) return InRange32(what, low, high, found);
    return InRange64(what, low, high, found);
  }
  /// Of one of the model's tensors.
  bool TensorIndex(const char* what, std::int32_t index) const;

 protected:
  void SetTensor(std::int32_t tensor) { tensor_ = tensor; }

 private:
  void Note(const char* what) const;
  void Note32(const char* what, std::int32_t expected, std::int32_t found) const;
  void Note64(const char* what, std::int64_t expected, std::int64_t found) const;
  bool Equal32(const char* what, std::int32_t expected, std::int32_t found) const;
  bool Equal64(const char* what, std::int64_t expected, std::int32_t found) const;
  bool InRange32(const char* what, std::int32_t low, std::int32_t high, std::int32_t found) const;
  bool InRange64(const char* what, std::int32_t low, std::int32_t high, std::int64_t found) const;

  const fb::Model& model_;
  Status* const status_;
  StatusCode code_ = StatusCode::kInvalidModel;
  std::int32_t operator_ = -1;
  std::int32_t tensor_ = -1;
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_CHECKER_H_
