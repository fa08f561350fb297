#include "runtime/arena_size.h"

#include "runtime/ops/op_definition.h"

namespace quaver {

#if QUAVER_XNNPACK
bool VerifyPrepared(const fb::Model& model, const ArenaLayout& layout, Status* status) {
  if (layout.failed_operator < 0) return true;
  Checker checker(model, status);
  checker.SetSubject(StatusCode::kBackendFailed, layout.failed_operator, -1);
  return checker.Fail(OperatorKind(OperatorAt(model, layout.failed_operator)));
}
#endif

ArenaLayout MeasureArena(const fb::Model& model, const PrepareTarget& target) {
  return Preparer(model, target).Measure();
}

#if QUAVER_FOREIGN_TARGETS
ArenaLayout MeasureForeignArena(const fb::Model& model, Isa isa, int pointer_bytes) {
  PrepareTarget target;
  target.isas = IsaWithFallbacks(isa);
  target.pointer_bytes = pointer_bytes;
  target.foreign = true;
  return MeasureArena(model, target);
}

void ObserveWeights(const fb::Model& model, const PrepareTarget& target,
                    const WeightsObserver& observer) {
  Preparer preparer(model, target);
  preparer.Observe(observer);
  preparer.Measure();
}

void ObserveScratch(const fb::Model& model, const PrepareTarget& target,
                    const ScratchObserver& observer) {
  Preparer preparer(model, target);
  preparer.Observe(observer);
  preparer.Measure();
}
#endif

}  // namespace quaver
