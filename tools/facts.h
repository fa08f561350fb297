// What `inspect` and the summaries say about a model: counted from its file, and from the runtime
// where it depends on the CPU.
#ifndef QUAVER_TOOLS_FACTS_H_
#define QUAVER_TOOLS_FACTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/model_file.h"

namespace quaver::tools {

struct OperatorFacts {
  std::string kind;  ///< "Conv2D"
  std::string name;  ///< The source model's, or "".
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  /// Multiply-accumulates of weights: one for each weight that each output element sees, padding
  /// included, as frameworks count them.
  std::uint64_t macs = 0;
  std::uint64_t weights_bytes = 0;  ///< Of its constant inputs.
};

struct ModelFacts {
  std::vector<OperatorFacts> operators;
  std::uint64_t macs = 0;
  std::uint64_t weights_bytes = 0;     ///< Constants, used in place: they need no arena.
  std::string isa;                     ///< That the following is for.
  std::uint64_t arena_bytes = 0;       ///< All that Session::Create needs.
  std::uint64_t activation_bytes = 0;  ///< The plan's: inputs, outputs and what lies between.
  std::uint64_t state_bytes = 0;       ///< Kept from run to run by recurrent models.
  std::uint64_t scratch_bytes = 0;     ///< Kernels' working memory.
  std::uint64_t persistent_bytes = 0;  ///< State, prepared operators and packed weights.
  std::uint64_t plan_lower_bound_bytes = 0;
};

/// `isa`: as SessionOptions. Throws Error.
ModelFacts GatherFacts(const LoadedModel& loaded, const char* isa = nullptr);

/// One line: file, size, operators, MACs, arena.
void PrintSummary(const LoadedModel& model);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_FACTS_H_
