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
  /// The same with what goes on top.
  std::uint64_t end_bytes = 0;
  /// Largest sum of the blocks that live at one time: no placement can be smaller.
  std::uint64_t lower_bound_bytes = 0;
};

inline constexpr std::uint64_t kPlanAlignment = 16;

/// What scratch is aligned to.
inline constexpr std::uint64_t kScratchAlignment = 64;

/// Places blocks so that no two that live at the same time overlap; near-optimal, deterministic.
/// The blocks of `on_top` (scratch) lie behind all that live at the same time. Least are the end of
/// everything, then that of `blocks`.
Placement PlaceBlocks(const std::vector<Block>& blocks, const std::vector<Block>& on_top = {});

/// Makes the output of a convolution transient whose only reader is the Add or Sub behind it, where
/// that one can write over its other input: then three tensors become two.
void MarkTransients(fb::ModelT* model);

/// Plans the activations of a lowered model: lifetimes, in-place operators, placement; sets
/// Tensor.arena_offset, Operator.scratch_offset and Model.banks[0]. `scratch_bytes`, of each
/// operator, are those to make room for; empty: none.
void PlanMemory(fb::ModelT* model, const std::vector<std::uint64_t>& scratch_bytes = {});

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PLAN_PLAN_H_
