#include "runtime/ops/pool2d.h"

namespace quaver {

extern const OpDefinition kAveragePool2DDefinition = {
    &VerifyPool2D, &PreparePool2D<kernels::AveragePool2DParams>, nullptr};

}  // namespace quaver
