// Pure movement of bytes as strided copies.
#ifndef QUAVER_COMPILER_LOWER_MOVEMENT_H_
#define QUAVER_COMPILER_LOWER_MOVEMENT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/ir/shapes.h"
#include "compiler/lower/program.h"

namespace quaver::compiler {

/// One dimension of a copy: how many, and how far apart in source and target.
struct CopyDim {
  std::int64_t count = 1;
  std::int64_t source_stride = 0;
  std::int64_t target_stride = 0;
};

/// An N-d copy in elements; `input` is an index into the operator's inputs.
struct Copy {
  std::int32_t input = 0;
  std::int64_t source_offset = 0;
  std::int64_t target_offset = 0;
  std::vector<CopyDim> dims;
};

/// A copy of all of `tensor`.
Copy ContiguousCopy(const Tensor& tensor);

/// Drops dimensions of one element and merges neighbours that are contiguous on both sides (or, in
/// general, where one stride is count times the next); what is left of a copy.
std::vector<CopyDim> MergeDims(const std::vector<CopyDim>& dims);

/// Appends a StridedCopy into program tensor `target`; `fill`, if any, is the byte that lies in it
/// before the copies.
void AppendCopy(const Node& node, const std::vector<Copy>& copies, std::optional<std::uint8_t> fill,
                std::vector<std::int32_t> inputs, std::int32_t target, Program* program);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_LOWER_MOVEMENT_H_
