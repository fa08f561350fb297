#include "runtime/arena_size.h"

#include "runtime/ops/op_definition.h"

namespace quaver {

Status VerifyPrepared(const fb::Model& model, const ArenaLayout& layout) {
  Status status;
  if (layout.failed_operator < 0) return status;
  const fb::Operator& op = OperatorAt(model, layout.failed_operator);
  status.code = StatusCode::kBackendFailed;
  status.what = OperatorKind(op);
  status.operator_index = layout.failed_operator;
  status.operator_name = TextOr(op.name(), nullptr);
  return status;
}

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

void ObserveWeights(const fb::Model& model, const PrepareTarget& target,
                    const WeightsObserver& observer) {
  Preparer preparer(model, target);
  preparer.Observe(observer);
  preparer.PrepareModel();
}

void ObserveScratch(const fb::Model& model, const PrepareTarget& target,
                    const ScratchObserver& observer) {
  Preparer preparer(model, target);
  preparer.Observe(observer);
  preparer.PrepareModel();
}
#endif

}  // namespace quaver
