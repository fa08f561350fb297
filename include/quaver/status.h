// What went wrong, where, and what to do about it: without heap, exceptions or text in the hot
// path.
#ifndef QUAVER_STATUS_H_
#define QUAVER_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "quaver/status_list.h"

namespace quaver {

/// See quaver/status_list.h.
enum class StatusCode : std::uint8_t {
#define QUAVER_X(name, number, text, advice) k##name = number,
  QUAVER_STATUS_LIST(QUAVER_X)
#undef QUAVER_X
};

/// The name of a code, "arena is too small". Never null.
const char* StatusName(StatusCode code);

/// A code and the facts around it. Cheap to make and to return; text is made by Format only.
/// The strings are literals or point into the model's bytes, which must outlive the Status.
struct [[nodiscard]] Status {
  StatusCode code = StatusCode::kOk;
  /// What was checked, "weights bytes"; null where the code says it all.
  const char* what = nullptr;
  /// Index of the operator and of the tensor in the model; -1: none.
  std::int32_t operator_index = -1;
  std::int32_t tensor_index = -1;
  /// Names of the two, or null.
  const char* operator_name = nullptr;
  const char* tensor_name = nullptr;
  /// What was expected and what was found; valid where `has_values`.
  std::int64_t expected = 0;
  std::int64_t found = 0;
  bool has_values = false;

  [[nodiscard]] bool ok() const { return code == StatusCode::kOk; }

  /// Writes one line for people, at most `size` bytes with its terminating zero: the code, the
  /// operator, the tensor, expected and found, what to do. Returns the length that the whole text
  /// has without the zero. `buffer` may be null if `size` is 0. Thread-safe.
  std::size_t Format(char* buffer, std::size_t size) const;
};

/// A value, or why there is none. T is default-constructible.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT: implicit on purpose
  Result(const Status& status) : status_(status) {}  // NOLINT: implicit on purpose
  /// What a function has filled: the value counts where the status is ok.
  Result(const Status& status, const T& value) : status_(status), value_(value) {}

  [[nodiscard]] bool ok() const { return status_.ok(); }
  [[nodiscard]] explicit operator bool() const { return ok(); }
  [[nodiscard]] const Status& status() const { return status_; }

  /// Precondition of the following: ok().
  [[nodiscard]] T& value() { return value_; }
  [[nodiscard]] const T& value() const { return value_; }
  T& operator*() { return value_; }
  const T& operator*() const { return value_; }
  T* operator->() { return &value_; }
  const T* operator->() const { return &value_; }

 private:
  Status status_;
  T value_{};
};

}  // namespace quaver

#endif  // QUAVER_STATUS_H_
