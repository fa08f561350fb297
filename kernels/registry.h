// Which kernels there are, and which one to take.
//
// kernels.inc has one line a kernel, for each operator the fastest first; this file turns them
// into one table an operator. Select takes the first whose instruction set is allowed and whose
// precondition holds: chosen while preparing, so that running costs nothing.
#ifndef QUAVER_KERNELS_REGISTRY_H_
#define QUAVER_KERNELS_REGISTRY_H_

#include <cstddef>
#include <cstdint>

#include "kernels/isa.h"
#include "kernels/packing.h"
#include "kernels/params.h"

namespace quaver::kernels {

template <typename Params>
struct Kernel {
  const char* name;  // "conv2d_avx2"
  Isa isa;
  void (*run)(const Params&, const Work&);
  /// How the weights must lie; plain for operators without weights.
  WeightLayout layout;
  /// Whether this kernel takes these sizes (pointers are not set yet); null: always.
  bool (*supports)(const Params&);
  /// Scratch for one worker in bytes, a multiple of 64; null: none.
  std::size_t (*scratch_bytes)(const Params&);
};

/// All kernels of one operator in this build, fastest first, scalar last. Begin and count.
template <typename Params>
const Kernel<Params>* KernelsOf(std::size_t* count);

/// The kernel to use. Never fails: the scalar kernel takes everything.
template <typename Params>
const Kernel<Params>& Select(const Params& params, IsaSet allowed) {
  std::size_t count = 0;
  const Kernel<Params>* kernels = KernelsOf<Params>(&count);
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const Kernel<Params>& kernel = kernels[i];
    if (allowed.Has(kernel.isa) && (kernel.supports == nullptr || kernel.supports(params))) {
      return kernel;
    }
  }
  return kernels[count - 1];
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_REGISTRY_H_
