// Where every tensor lies in the arena, and when.
#ifndef QUAVER_COMPILER_PLAN_PLAN_H_
#define QUAVER_COMPILER_PLAN_PLAN_H_

#include <cstdint>
#include <vector>

#include "quaver_generated.h"

namespace quaver::compiler {

/// One block of memory, needed from operator `first` to operator `last`, both included; -1 is
/// before the first operator (inputs), the number of operators is after the last (outputs).
struct Block {
  std::int32_t first = 0;
  std::int32_t last = 0;
  std::uint64_t bytes = 0;
};

struct Placement {
  std::vector<std::uint64_t> offsets;  ///< Per block; multiples of kPlanAlignment.
  std::uint64_t total_bytes = 0;
  /// Largest sum of the blocks that live at one time: no placement can be smaller.
  std::uint64_t lower_bound_bytes = 0;
};

inline constexpr std::uint64_t kPlanAlignment = 16;

/// Places blocks so that no two that live at the same time overlap; near-optimal, deterministic.
Placement PlaceBlocks(const std::vector<Block>& blocks);

/// Plans the activations of a lowered model: lifetimes, in-place operators, placement; sets
/// Tensor.arena_offset and Model.banks[0].
void PlanMemory(fb::ModelT* model);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PLAN_PLAN_H_
