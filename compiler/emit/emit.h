// The results: .qvr bytes, and C++ sources with an embedded model.
#ifndef QUAVER_COMPILER_EMIT_EMIT_H_
#define QUAVER_COMPILER_EMIT_EMIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "quaver/span.h"
#include "quaver_generated.h"

namespace quaver::compiler {

/// Serializes, buffers aligned to 64 bytes from the file's start.
std::vector<std::uint8_t> Emit(const fb::ModelT& model);

struct EmbeddedModel {
  std::string
      header;  ///< <name>.h: declaration, arena size, input and output shapes, for C and C++.
  std::string source;     ///< <name>.c: the aligned array.
  std::string operators;  ///< Names of the operators it needs, for QUAVER_OPERATORS; ';' between.
};
/// `name` becomes part of identifiers. Precondition: `model` loads.
EmbeddedModel Embed(Span<const std::uint8_t> model, const std::string& name);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EMIT_EMIT_H_
