#include "compiler/emit/arena_sizes.h"

#include <cstdint>
#include <memory>
#include <utility>

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

}  // namespace

std::set<Isa> IsasWithKernels() {
  return {
#define QUAVER_KERNEL(op, isa, ...) Isa::k##isa,
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  };
}

void SetArenaSizes(const Model& loaded, fb::ModelT* model) {
  model->arena_sizes.clear();
  AddArenaSize(loaded, Isa::kScalar, 4, model);
  for (Isa isa : IsasWithKernels()) AddArenaSize(loaded, isa, 8, model);
}

}  // namespace quaver::compiler
