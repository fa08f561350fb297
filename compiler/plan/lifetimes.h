// When the tensors of a lowered model are needed.
#ifndef QUAVER_COMPILER_PLAN_LIFETIMES_H_
#define QUAVER_COMPILER_PLAN_LIFETIMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/plan/plan.h"

namespace quaver::compiler {

/// Of a tensor or an operator, in a vector.
inline std::size_t Index(std::int32_t i) { return static_cast<std::size_t>(i); }

/// Lifetimes of the tensors in the arena; views lend theirs to the tensor that they show. The
/// inputs of an operator whose output is transient live on while the next one writes.
class Lifetimes {
 public:
  explicit Lifetimes(const fb::ModelT& model);

  /// The tensor whose bytes these are; -1 for those that have none in the arena.
  [[nodiscard]] std::int32_t Root(std::int32_t tensor) const;
  [[nodiscard]] const Block& block(std::int32_t root) const {
    return blocks_[static_cast<std::size_t>(root)];
  }

 private:
  void Use(std::int32_t tensor, std::int32_t time);

  const fb::ModelT& model_;
  std::vector<Block> blocks_;
};

/// Whether the operator's output goes to the next one in parts.
bool MakesParts(const fb::ModelT& model, const fb::OperatorT& op);

/// Which inputs an operator's output may lie on, as kernels/params.h allows: element-wise
/// operators read each element before they write it.
std::vector<std::size_t> InPlaceInputs(const fb::OperatorT& op);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PLAN_LIFETIMES_H_
