// What `inspect` and the summaries say about a model: counted from its file, and from the runtime
// where it depends on the CPU.
#ifndef QUAVER_TOOLS_FACTS_H_
#define QUAVER_TOOLS_FACTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/model_file.h"

namespace quaver::tools {

/// Weights in one layout of kernels/layouts.h.
struct LayoutFacts {
  std::string layout;  ///< "gemm 16x4 +128"
  std::uint64_t bytes = 0;
};

/// How an operator's weights are used on one machine.
struct WeightsFacts {
  std::string kernel;           ///< Empty: the operator has no weights.
  std::string storage;          ///< compiler::StorageText: "int8", "4-bit", ...
  LayoutFacts wanted;           ///< What the kernel takes; "plain" has no bytes of its own.
  bool expands_to_run = false;  ///< Compressed, and plain in scratch while the operator runs.
  /// The file has that; else it is packed, or expanded, when a session is created or runs.
  bool in_place = true;
  std::vector<LayoutFacts> packed;  ///< What the file has beside the plain weights.
};

struct OperatorFacts {
  std::string kind;  ///< "Conv2D"
  std::string name;  ///< The source model's, or "".
  std::vector<std::int32_t> inputs;
  std::vector<std::int32_t> outputs;
  /// Multiply-accumulates of weights: one for each weight that each output element sees, padding
  /// included, as frameworks count them.
  std::uint64_t macs = 0;
  std::uint64_t weights_bytes = 0;  ///< Of its constant inputs, as int8.
  std::uint64_t stored_bytes = 0;   ///< What they take in the file: less where they are compressed.
  WeightsFacts weights;
};

struct ModelFacts {
  std::vector<OperatorFacts> operators;
  std::uint64_t macs = 0;
  std::uint64_t weights_bytes = 0;          ///< Constants as int8: plain, they need no arena.
  std::uint64_t stored_bytes = 0;           ///< The same in the file, compressed or not.
  std::uint64_t packed_bytes = 0;           ///< The same weights packed ahead of time, all layouts.
  std::string isa;                          ///< That the following is for.
  std::uint64_t arena_bytes = 0;            ///< All that Session::Create needs.
  std::uint64_t activation_bytes = 0;       ///< The plan's: inputs, outputs and what lies between.
  std::uint64_t state_bytes = 0;            ///< Kept from run to run by recurrent models.
  std::uint64_t scratch_bytes = 0;          ///< Kernels' working memory behind the activations.
  std::uint64_t persistent_bytes = 0;       ///< State, prepared operators, weights packed at load.
  std::uint64_t packed_at_load_bytes = 0;   ///< Part of the persistent ones.
  std::uint64_t packed_in_place_bytes = 0;  ///< Packed weights that need no arena: in the file.
  std::uint64_t plan_lower_bound_bytes = 0;
};

/// `isa`: as SessionOptions. Throws Error.
ModelFacts GatherFacts(const LoadedModel& loaded, const char* isa = nullptr);

/// One line: file, size, operators, MACs, arena.
void PrintSummary(const LoadedModel& model);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_FACTS_H_
