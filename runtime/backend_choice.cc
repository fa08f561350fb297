#include "runtime/backend_choice.h"

#include "kernels/text.h"
#include "platform/platform.h"
#include "runtime/failure.h"
#if QUAVER_XNNPACK
#include "kernels/xnnpack/xnnpack.h"
#endif

namespace quaver {
namespace {

#if QUAVER_XNNPACK
constexpr char kBuiltBackends[] =
    "this build has quaver, and xnnpack on CPUs that XNNPACK supports";
bool HasXnnpack() { return kernels::xnnpack::Initialize(); }
#else
constexpr char kBuiltBackends[] = "this build has quaver";
bool HasXnnpack() { return false; }
#endif

}  // namespace

bool ChooseBackend(const char* name, Backend* backend, Status* status) {
  if (name == nullptr) name = platform::Environment("QUAVER_BACKEND");
  *backend = Backend::kQuaver;
  if (name == nullptr || *name == '\0' || SameText(name, "quaver")) return true;
  if (SameText(name, "xnnpack") && HasXnnpack()) {
    *backend = Backend::kXnnpack;
    return true;
  }
  return Fail(status, StatusCode::kUnknownBackend, kBuiltBackends);
}

}  // namespace quaver
