// Packed weights of a file: who reads them, and their tag as the kernels' type.
#ifndef QUAVER_RUNTIME_OPS_PACKED_LAYOUT_H_
#define QUAVER_RUNTIME_OPS_PACKED_LAYOUT_H_

#include "kernels/inventory.h"
#include "kernels/packing.h"
#include "runtime/tensor_access.h"

namespace quaver {

/// Whether this build reads packed weights: its kernels take them, or its compiler does. Else the
/// file's are never looked at.
#if QUAVER_FOREIGN_TARGETS
inline constexpr bool kReadsPackedWeights = true;
#else
inline constexpr bool kReadsPackedWeights = kernels::TakesPackedWeights();
#endif

inline kernels::WeightLayout ToWeightLayout(const fb::WeightLayout& layout) {
  return {static_cast<kernels::LayoutKind>(layout.kind()), layout.nr(), layout.kr(),
          layout.input_offset()};
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_PACKED_LAYOUT_H_
