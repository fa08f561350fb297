// What operators with float tensors check of a scale that the file gives.
#ifndef QUAVER_RUNTIME_OPS_FLOAT_BORDER_SCALE_H_
#define QUAVER_RUNTIME_OPS_FLOAT_BORDER_SCALE_H_

#include <cstdint>
#include <cstring>

#include "runtime/ops/op_verifier.h"

namespace quaver {

/// Positive and finite: as bits, above zero and below infinity. `what` says which, for the message.
inline bool VerifyScale(OpVerifier* v, const char* what, float scale) {
  constexpr std::int64_t kLargestFiniteBits = 0x7F7FFFFF;
  std::uint32_t bits = 0;
  std::memcpy(&bits, &scale, sizeof(bits));
  return v->InRange(what, 1, kLargestFiniteBits, bits);
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_FLOAT_BORDER_SCALE_H_
