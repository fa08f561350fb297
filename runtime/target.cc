#include "runtime/target.h"

#include "runtime/isa_choice.h"
#include "runtime/verify.h"

namespace quaver {

Status ChooseTarget(const SessionOptions& options, PrepareTarget* target) {
  Status status = ChooseIsas(options.isa, &target->isas);
  if (status.ok()) status = ChooseBackend(options.backend, &target->backend);
  if (!status.ok()) return status;
  target->threads = options.threads;
  return VerifyThreadCount(options.threads);
}

Status VerifyThreadCount(std::int32_t count) {
  static_assert(kMaxThreads == 16, "the message says it");
  if (count < 1 || count > kMaxThreads) {
    return Failure(StatusCode::kInvalidArgument, "number of threads, 1 to 16",
                   count < 1 ? 1 : kMaxThreads, count);
  }
  if (!kHasThreads && count > 1) {
    return Failure(StatusCode::kNoThreads, "threads of this build", 1, count);
  }
  return {};
}

}  // namespace quaver
