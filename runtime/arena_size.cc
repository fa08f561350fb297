#include "runtime/arena_size.h"

namespace quaver {

ArenaLayout MeasureArena(const fb::Model& model, const PrepareTarget& target) {
  Preparer preparer(model, target);
  preparer.PrepareModel();
  return preparer.counted();
}

#if QUAVER_FOREIGN_TARGETS
ArenaLayout MeasureForeignArena(const fb::Model& model, Isa isa, int pointer_bytes) {
  PrepareTarget target;
  target.isas = IsaWithFallbacks(isa);
  target.pointer_bytes = pointer_bytes;
  target.foreign = true;
  return MeasureArena(model, target);
}
#endif

}  // namespace quaver
