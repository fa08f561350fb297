// The arena of a session on this machine or another, known on the host.
#ifndef QUAVER_RUNTIME_ARENA_SIZE_H_
#define QUAVER_RUNTIME_ARENA_SIZE_H_

#include "runtime/arena_layout.h"
#include "runtime/preparer.h"

namespace quaver {

/// Whether every operator could be prepared, as ours always can; false with the reason in `status`.
#if QUAVER_XNNPACK
bool VerifyPrepared(const fb::Model& model, const ArenaLayout& layout, Status* status);
#else
inline bool VerifyPrepared(const fb::Model& /*model*/, const ArenaLayout& /*layout*/,
                           Status* /*status*/) {
  return true;
}
#endif

/// What Session::Create needs for `target`, by its own code. Precondition: the model has loaded.
ArenaLayout MeasureArena(const fb::Model& model, const PrepareTarget& target);

#if QUAVER_FOREIGN_TARGETS
/// The same for a machine with pointers of 4 or 8 bytes whose best instruction set is `isa`, which
/// needs no kernels in this build.
ArenaLayout MeasureForeignArena(const fb::Model& model, Isa isa, int pointer_bytes);

/// Tells `observer` of every operator with weights, as MeasureArena meets them.
void ObserveWeights(const fb::Model& model, const PrepareTarget& target,
                    const WeightsObserver& observer);

/// Tells `observer` of every scratch.
void ObserveScratch(const fb::Model& model, const PrepareTarget& target,
                    const ScratchObserver& observer);
#endif

}  // namespace quaver

#endif  // QUAVER_RUNTIME_ARENA_SIZE_H_
