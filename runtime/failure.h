// How the runtime notes what it refuses.
#ifndef QUAVER_RUNTIME_FAILURE_H_
#define QUAVER_RUNTIME_FAILURE_H_

#include <cstdint>
#include <type_traits>

#include "quaver/status.h"

namespace quaver {

/// Every int of 64 bits costs a call on a 32-bit machine several instructions more.
template <typename Int>
inline constexpr bool kFitsInt32 = sizeof(Int) < 4 || (sizeof(Int) == 4 && std::is_signed_v<Int>);

void Note(Status* status, StatusCode code, const char* what);
void Note32(Status* status, StatusCode code, const char* what, std::int32_t expected,
            std::int32_t found);
void Note64(Status* status, StatusCode code, const char* what, std::int64_t expected,
            std::int64_t found);
void SetValues(Status* status, std::int64_t expected, std::int64_t found);

// These give false, in the open, so that the compiler knows it.

inline bool Fail(Status* status, StatusCode code, const char* what) {
  Note(status, code, what);
  return false;
}

template <typename Expected, typename Found>
bool Fail(Status* status, StatusCode code, const char* what, Expected expected, Found found) {
  if constexpr (kFitsInt32<Expected> && kFitsInt32<Found>) {
    Note32(status, code, what, expected, found);
  } else {
    Note64(status, code, what, static_cast<std::int64_t>(expected),
           static_cast<std::int64_t>(found));
  }
  return false;
}

/// Of a call on a Model that Load has not given.
bool FailNotLoaded(Status* status);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_FAILURE_H_
