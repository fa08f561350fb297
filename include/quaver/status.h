// What went wrong, where, and what to do about it: without heap, exceptions or text in the hot
// path.
#ifndef QUAVER_STATUS_H_
#define QUAVER_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <utility>

namespace quaver {

/// Every status: enumerator, number, name for people, what to do. Numbers are stable and are those
/// of the C API: 1-9 the call, 10-29 the file, 30-49 the device, 50-59 the run.
#define QUAVER_STATUS_LIST(X)                                                                      \
  X(Ok, 0, "ok", "")                                                                               \
  X(InvalidArgument, 1, "invalid argument", "check the call against the header")                   \
  X(IndexOutOfRange, 2, "index out of range", "ask the model how many there are")                  \
  X(NotAModel, 10, "not a Quaver model",                                                           \
    "make one with: quaver convert MODEL.tflite -o MODEL.qvr")                                     \
  X(Truncated, 11, "model file is truncated or damaged", "copy or convert the file again")         \
  X(UnsupportedVersion, 12, "model file version is not supported",                                 \
    "convert the model again with this release, or update the runtime")                            \
  X(InvalidModel, 13, "model is not valid", "convert the model again; the file may be damaged")    \
  X(InvalidOperator, 14, "operator is not valid",                                                  \
    "convert the model again; the file may be damaged")                                            \
  X(InvalidPlan, 15, "memory plan is not valid",                                                   \
    "convert the model again; the file may be damaged")                                            \
  X(Misaligned, 30, "memory is not aligned",                                                       \
    "align the buffer: alignas(quaver::kArenaAlignment) for the arena, "                           \
    "alignas(quaver::kModelAlignment) for the model")                                              \
  X(ArenaTooSmall, 31, "arena is too small",                                                       \
    "give Session::Create the bytes that Model::ArenaBytes says")                                  \
  X(MissingOperator, 32, "operator is not in this build",                                          \
    "build the runtime with this operator (QUAVER_OPERATORS), or register it if it is custom")     \
  X(UnknownIsa, 33, "instruction set is not available",                                            \
    "unset QUAVER_ISA, or set it to one that this CPU and build have")                             \
  X(SelfTestFailed, 50, "self test failed",                                                        \
    "the operator named computes other bytes than the host did: report it with the model and CPU") \
  X(NoTestVector, 51, "model has no test vector", "convert the model again with this release")     \
  X(CustomOperatorFailed, 52, "custom operator failed", "see the operator's own documentation")

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
