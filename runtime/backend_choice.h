// Whose kernels a session uses: ours, or an optional library's.
#ifndef QUAVER_RUNTIME_BACKEND_CHOICE_H_
#define QUAVER_RUNTIME_BACKEND_CHOICE_H_

#include <cstdint>

#include "quaver/status.h"

namespace quaver {

enum class Backend : std::uint8_t { kQuaver, kXnnpack };

/// `name`: "quaver" or "xnnpack"; null: QUAVER_BACKEND of the environment if set, else ours.
/// Refuses names that are unknown, not in this build, or not for this CPU: false with the reason in
/// `status`.
bool ChooseBackend(const char* name, Backend* backend, Status* status);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_BACKEND_CHOICE_H_
