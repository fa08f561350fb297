#include "runtime/ops/broadcast.h"

namespace quaver {

extern const OpDefinition kAddDefinition = {&VerifyAddSub, &PrepareAddSub<kernels::AddParams>,
                                            &AddSubInPlace, false, &AddSubTakesTiles};

}  // namespace quaver
