#include "runtime/ops/pool2d.h"

namespace quaver {

extern const OpDefinition kMaxPool2DDefinition = {
    &VerifyPool2D, &PreparePool2D<kernels::MaxPool2DParams>, nullptr};

}  // namespace quaver
