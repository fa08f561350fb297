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
  Status status;
  if (count < 1 || count > kMaxThreads) {
    status.code = StatusCode::kInvalidArgument;
    status.what = "number of threads, 1 to 16";
    return WithValues(status, count < 1 ? 1 : kMaxThreads, count);
  }
  static_assert(kMaxThreads == 16, "the message says it");
  if (!kHasThreads && count > 1) {
    status.code = StatusCode::kNoThreads;
    status.what = "threads of this build";
    return WithValues(status, 1, count);
  }
  return status;
}

}  // namespace quaver
