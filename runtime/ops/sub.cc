#include "runtime/ops/broadcast.h"

namespace quaver {

extern const OpDefinition kSubDefinition = {&VerifyAddSub, &PrepareAddSub<kernels::SubParams>,
                                            &AddSubInPlace, false, &AddSubTakesTiles};

}  // namespace quaver
