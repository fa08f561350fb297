#include "runtime/backend_choice.h"

#include "runtime/chosen_name.h"
#include "runtime/failure.h"
#if QUAVER_XNNPACK
#include "kernels/text.h"
#include "kernels/xnnpack/xnnpack.h"
#endif

namespace quaver {
namespace {

#if QUAVER_XNNPACK
constexpr char kBuiltBackends[] =
    "this build has quaver, and xnnpack on CPUs that XNNPACK supports";
bool IsXnnpack(const char* name) {
  return SameText(name, "xnnpack") && kernels::xnnpack::Initialize();
}
#else
constexpr char kBuiltBackends[] = "this build has quaver";
bool IsXnnpack(const char* /*name*/) { return false; }
#endif

}  // namespace

bool ChooseBackend(const char* name, Backend* backend, Status* status) {
  *backend = Backend::kQuaver;
  name = ChosenName(name, "QUAVER_BACKEND", "quaver");
  if (name == nullptr) return true;
  if (IsXnnpack(name)) {
    *backend = Backend::kXnnpack;
    return true;
  }
  return Fail(status, StatusCode::kUnknownBackend, kBuiltBackends);
}

}  // namespace quaver
