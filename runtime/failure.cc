#include "runtime/verify.h"

namespace quaver {

Status NotLoaded() {
  return Failure(StatusCode::kInvalidArgument, "model that has not been loaded");
}

Status Failure(StatusCode code, const char* what) {
  Status status;
  status.code = code;
  status.what = what;
  return status;
}

Status Failure(StatusCode code, const char* what, std::int64_t expected, std::int64_t found) {
  Status status = Failure(code, what);
  SetValues(&status, expected, found);
  return status;
}

void SetValues(Status* status, std::int64_t expected, std::int64_t found) {
  status->expected = expected;
  status->found = found;
  status->has_values = true;
}

}  // namespace quaver
