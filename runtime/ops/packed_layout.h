// The file's tag of a weight layout as the kernels' type.
#ifndef QUAVER_RUNTIME_OPS_PACKED_LAYOUT_H_
#define QUAVER_RUNTIME_OPS_PACKED_LAYOUT_H_

#include "kernels/packing.h"
#include "runtime/tensor_access.h"

namespace quaver {

inline kernels::WeightLayout ToWeightLayout(const fb::WeightLayout& layout) {
  return {static_cast<kernels::LayoutKind>(layout.kind()), layout.nr(), layout.kr(),
          layout.input_offset()};
}

}  // namespace quaver

#endif  // QUAVER_RUNTIME_OPS_PACKED_LAYOUT_H_
