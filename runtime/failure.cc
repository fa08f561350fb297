#include "runtime/failure.h"

namespace quaver {

void Note(Status* status, StatusCode code, const char* what) {
  status->code = code;
  status->what = what;
}

void Note32(Status* status, StatusCode code, const char* what, std::int32_t expected,
            std::int32_t found) {
  Note64(status, code, what, expected, found);
}

void Note64(Status* status, StatusCode code, const char* what, std::int64_t expected,
            std::int64_t found) {
  SetValues(status, expected, found);
  Note(status, code, what);
}

void SetValues(Status* status, std::int64_t expected, std::int64_t found) {
  status->expected = expected;
  status->found = found;
  status->has_values = true;
}

bool FailNotLoaded(Status* status) {
  return Fail(status, StatusCode::kInvalidArgument, "model that has not been loaded");
}

}  // namespace quaver
