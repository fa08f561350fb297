// The structure of a file: that everything in it lies inside it.
#ifndef QUAVER_RUNTIME_STRUCTURE_H_
#define QUAVER_RUNTIME_STRUCTURE_H_

#include <cstdint>

#include "quaver/span.h"

namespace quaver {

/// Whether every table, vector and string that the schema knows of lies inside `bytes`, aligned,
/// with the fields that it requires: then the generated accessors read nothing else. In time and
/// depth bounded by runtime/limits.h. Precondition: 8 to 2^31 - 2 bytes, aligned to
/// kModelAlignment.
bool VerifyStructure(Span<const std::uint8_t> bytes);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_STRUCTURE_H_
