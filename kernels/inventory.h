// Reads kernels.inc: which lines are in this build, and the declarations of their kernels.
//
// A line is in the build when its instruction set is: the build system defines QUAVER_ISA_<Isa>
// as 1. QUAVER_IF_BUILT(Isa)(text) gives the text for such a line and nothing for the others:
// QUAVER_PROBE_1 makes two arguments of one, which moves the answer into second place.
#ifndef QUAVER_KERNELS_INVENTORY_H_
#define QUAVER_KERNELS_INVENTORY_H_

#include "kernels/layouts.h"
#include "kernels/params.h"
#include "kernels/scratch.h"

#define QUAVER_PROBE_1 unused, 1
#define QUAVER_SECOND(first, second, ...) second
#define QUAVER_IS_ONE_3(...) QUAVER_SECOND(__VA_ARGS__, 0, unused)
#define QUAVER_IS_ONE_2(value) QUAVER_IS_ONE_3(QUAVER_PROBE_##value)
#define QUAVER_IS_ONE(value) QUAVER_IS_ONE_2(value)

#define QUAVER_KEEP_1(...) __VA_ARGS__
#define QUAVER_KEEP_0(...)
#define QUAVER_KEEP_2(bit) QUAVER_KEEP_##bit
#define QUAVER_KEEP(bit) QUAVER_KEEP_2(bit)

/// 1 or 0.
#define QUAVER_BUILT(isa) QUAVER_IS_ONE(QUAVER_ISA_##isa)
/// QUAVER_IF_BUILT(Avx2)(text)
#define QUAVER_IF_BUILT(isa) QUAVER_KEEP(QUAVER_BUILT(isa))

/// QUAVER_IF_SCALAR(Isa)(text): for the scalar line only, of which each operator has exactly one.
#define QUAVER_SCALAR_Scalar 1
#define QUAVER_IF_SCALAR(isa) QUAVER_KEEP(QUAVER_IS_ONE(QUAVER_SCALAR_##isa))

namespace quaver::kernels {

#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes) \
  QUAVER_IF_BUILT(isa)(void name(const op##Params& params, const Work& work);)
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL

/// Whether some kernel of the build takes packed weights.
constexpr bool TakesPackedWeights() {
  bool packed = false;
#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes) \
  QUAVER_IF_BUILT(isa)(packed = packed || !layout.plain();)
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  return packed;
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_INVENTORY_H_
