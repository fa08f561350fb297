// From a quantized graph to the bytes of a .qvr file.
#ifndef QUAVER_COMPILER_COMPILE_H_
#define QUAVER_COMPILER_COMPILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

/// How the file holds weights: compress/compress.h. Compressed ones become int8 once, when a
/// session is created, or, with kernels that take plain weights, each time that their operator
/// runs.
enum class WeightStorage : std::uint8_t { kPlain, kExpandAtLoad, kExpandAtRun };

struct CompileOptions {
  /// Adds a test vector (generated input, digests of every operator), for Session::SelfTest.
  bool test_vector = true;
  /// Drops names of tensors and operators: smaller files, messages by index only.
  bool strip_names = false;
  WeightStorage weights = WeightStorage::kPlain;
};

/// What the planner found; also what `quaver inspect` prints.
struct PlanReport {
  std::uint64_t activation_bytes = 0;
  std::uint64_t lower_bound_bytes = 0;
};

/// Passes, lowering, planning, packing into the file. The result loads with Model::Load (this is
/// checked). Throws Error: an operator or a type that the runtime does not have, float left
/// inside, an accumulator that could overflow.
std::vector<std::uint8_t> Compile(const Graph& graph, const CompileOptions& options = {},
                                  PlanReport* report = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_COMPILE_H_
