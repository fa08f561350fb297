// Which kernels there are, and which one to take.
//
// kernels.inc has one line a kernel, for each operator the fastest first; this file turns them
// into one table an operator. Select takes the first whose instruction set is allowed and whose
// precondition holds: chosen while preparing, so that running costs nothing.
//
// QUAVER_FIXED_ISAS: the build is for one core, which has every instruction set of the build. All
// are allowed then, so that Select asks none, and a kernel that another one always goes before is
// not linked into a program.
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
  const char* name;  // "Conv2DAvx2"
  Isa isa;
  void (*run)(const Params&, const Work&);
  /// How the weights must lie; plain for operators without weights.
  WeightLayout layout;
  /// Whether this kernel takes these sizes (pointers are not set yet); null: always.
  bool (*supports)(const Params&);
  /// Scratch for one worker in bytes, a multiple of 64; null: none.
  std::size_t (*scratch_bytes)(const Params&);
};

template <typename Params>
struct KernelList {
  const Kernel<Params>* rows;
  std::size_t count;
};

/// All kernels of one operator in this build, fastest first, scalar last.
template <typename Params>
const KernelList<Params>& KernelsOf();

/// The kernels of every instruction set, built or not, with `run` null: for a compiler that packs
/// weights and sizes the arena for another machine.
template <typename Params>
const KernelList<Params>& KernelsOfAllIsas();

/// The first that is allowed and takes these sizes. Never fails: the last, scalar, takes all.
template <typename Params>
const Kernel<Params>& SelectFrom(const KernelList<Params>& kernels, const Params& params,
                                 IsaSet allowed) {
  for (std::size_t i = 0; i + 1 < kernels.count; ++i) {
    const Kernel<Params>& kernel = kernels.rows[i];
    if (allowed.Has(kernel.isa) && (kernel.supports == nullptr || kernel.supports(params))) {
      return kernel;
    }
  }
  return kernels.rows[kernels.count - 1];
}

/// The kernel to run here. Where QUAVER_FIXED_ISAS, `allowed` is all that the build has.
template <typename Params>
const Kernel<Params>& Select(const Params& params, IsaSet allowed);

/// The kernel that a machine with these instruction sets would run.
template <typename Params>
const Kernel<Params>& SelectForTarget(const Params& params, IsaSet allowed) {
  return SelectFrom(KernelsOfAllIsas<Params>(), params, allowed);
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_REGISTRY_H_
