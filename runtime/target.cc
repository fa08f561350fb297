#include "runtime/target.h"

#include "runtime/failure.h"
#include "runtime/isa_choice.h"

namespace quaver {

bool ChooseTarget(const SessionOptions& options, PrepareTarget* target, Status* status) {
  target->threads = options.threads;
  return ChooseIsas(options.isa, &target->isas, status) &&
         ChooseBackend(options.backend, &target->backend, status) &&
         VerifyThreadCount(options.threads, status);
}

bool VerifyThreadCount(std::int32_t count, Status* status) {
  static_assert(kMaxThreads == 16, "the message says it");
  if (count < 1 || count > kMaxThreads) {
    return Fail(status, StatusCode::kInvalidArgument, "number of threads, 1 to 16",
                count < 1 ? 1 : kMaxThreads, count);
  }
  return kHasThreads || count == 1 ||
         Fail(status, StatusCode::kNoThreads, "threads of this build", 1, count);
}

}  // namespace quaver
