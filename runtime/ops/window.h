// One spatial dimension of a convolution or pooling, and its shape equation.
#ifndef QUAVER_RUNTIME_OPS_WINDOW_H_
#define QUAVER_RUNTIME_OPS_WINDOW_H_

#include "runtime/ops/op_verifier.h"

namespace quaver {

struct WindowDimension {
  std::int32_t input, filter, stride, dilation, pad_before, pad_after;
};

/// Output `dimension` (1 height, 2 width) is
///   floor((input + pad_before + pad_after - ((filter - 1) * dilation + 1)) / stride) + 1 >= 1,
/// and every position inside the padded input fits an int32.
bool VerifyWindow(OpVerifier* verifier, std::int32_t dimension, const WindowDimension& window);

/// Every window holds at least one element that is not padding.
bool VerifyWindowsNotEmpty(OpVerifier* verifier, std::int32_t dimension,
                           const WindowDimension& window);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_WINDOW_H_
