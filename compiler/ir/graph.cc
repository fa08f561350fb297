#include "compiler/ir/graph.h"

namespace quaver::compiler {

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (std::int32_t dim : shape) count *= dim;
  return count;
}

}  // namespace quaver::compiler
