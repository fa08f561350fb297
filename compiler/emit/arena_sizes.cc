#include "compiler/emit/arena_sizes.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/layouts.h"
#include "runtime/arena_size.h"

namespace quaver::compiler {
namespace {

void AddArenaSize(const Model& loaded, Isa isa, int pointer_bytes, fb::ModelT* model) {
  auto size = std::make_unique<fb::ArenaSizeT>();
  size->isa = IsaName(isa);
  size->pointer_bytes = static_cast<std::uint8_t>(pointer_bytes);
  size->bytes = static_cast<std::uint32_t>(
      MeasureForeignArena(*loaded.root(), isa, pointer_bytes).total_bytes());
  model->arena_sizes.push_back(std::move(size));
}

/// Whether machines with this instruction set have pointers of 4, of 8 bytes; some have either.
bool Has32Bits(Isa isa) {
  return isa == Isa::kScalar || isa == Isa::kCortexM || isa == Isa::kMve || isa == Isa::kNeon;
}
bool Has64Bits(Isa isa) { return isa != Isa::kCortexM && isa != Isa::kMve; }

}  // namespace

std::set<Isa> IsasWithKernels() {
  return {
#define QUAVER_KERNEL(op, isa, ...) Isa::k##isa,
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  };
}

std::set<Isa> IsasThatPackWeights() {
  std::set<Isa> isas;
#define QUAVER_KERNEL(op, isa, name, layout, ...) \
  if (!kernels::layout.plain()) isas.insert(Isa::k##isa);
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  return isas;
}

std::vector<std::uint64_t> ScratchOnMicrocontrollers(const Model& loaded) {
  std::vector<std::uint64_t> most(loaded.OperatorCount(), 0);
  const auto observe = [](void* context, std::int32_t op, std::uint64_t bytes) {
    auto& entry =
        (*static_cast<std::vector<std::uint64_t>*>(context))[static_cast<std::size_t>(op)];
    entry = std::max(entry, bytes);
  };
  for (Isa isa : {Isa::kScalar, Isa::kCortexM, Isa::kMve}) {
    PrepareTarget target;
    target.isas = IsaWithFallbacks(isa);
    target.pointer_bytes = 4;
    target.foreign = true;
    ObserveScratch(*loaded.root(), target, {observe, &most});
  }
  return most;
}

void SetArenaSizes(const Model& loaded, fb::ModelT* model) {
  model->arena_sizes.clear();
  for (Isa isa : IsasWithKernels()) {
    if (Has32Bits(isa)) AddArenaSize(loaded, isa, 4, model);
  }
  for (Isa isa : IsasWithKernels()) {
    if (Has64Bits(isa)) AddArenaSize(loaded, isa, 8, model);
  }
}

}  // namespace quaver::compiler
