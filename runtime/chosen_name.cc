#include "runtime/chosen_name.h"

#include "kernels/text.h"
#include "platform/platform.h"

namespace quaver {

const char* ChosenName(const char* name, const char* variable, const char* usual) {
  if (name == nullptr) name = platform::Environment(variable);
  return name == nullptr || *name == '\0' || SameText(name, usual) ? nullptr : name;
}

}  // namespace quaver
