// Packs weights ahead of time: a .qvr that holds them as the kernels of chosen machines take them.
#ifndef QUAVER_COMPILER_PACK_PACK_H_
#define QUAVER_COMPILER_PACK_PACK_H_

#include <cstdint>
#include <vector>

#include "kernels/isa.h"
#include "quaver/model.h"

namespace quaver::compiler {

/// What packing did for one target.
struct PackedTarget {
  Isa isa;
  std::size_t operators_with_weights = 0;
  /// Those whose kernel reads packed weights; the others read the plain ones in place.
  std::size_t packed_operators = 0;
  std::uint64_t packed_bytes = 0;
  /// Where pointers have 8 bytes, without packed weights in the file, and with them.
  std::uint64_t unpacked_arena_bytes = 0;
  std::uint64_t arena_bytes = 0;
};

struct PackedModel {
  std::vector<std::uint8_t> bytes;
  std::vector<PackedTarget> targets;
  /// What the packed weights add to the file: each layout once, whoever shares it.
  std::uint64_t packed_bytes = 0;
};

/// `model` with the packed weights of exactly these targets beside the plain ones: what was packed
/// before and is not asked for goes. The result loads everywhere that `model` does. Throws Error
/// where no operator's kernel on any of the targets takes packed weights.
PackedModel Pack(const Model& model, const std::vector<Isa>& targets);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PACK_PACK_H_
