// The machines that a file is made for, and the arena that each needs.
#ifndef QUAVER_COMPILER_EMIT_ARENA_SIZES_H_
#define QUAVER_COMPILER_EMIT_ARENA_SIZES_H_

#include <cstdint>
#include <set>
#include <vector>

#include "kernels/isa.h"
#include "quaver/model.h"
#include "quaver_generated.h"

namespace quaver::compiler {

/// The instruction sets that any kernel is written for, scalar first.
std::set<Isa> IsasWithKernels();

/// Those of them with a kernel that wants its weights packed; the others read plain ones in place.
std::set<Isa> IsasThatPackWeights();

/// The scratch of each operator where memory is scarcest: the most of any microcontroller's
/// kernels.
std::vector<std::uint64_t> ScratchOnMicrocontrollers(const Model& loaded);

/// Writes the arena of `loaded`, which is `model` emitted, on this machine and others: the file is
/// the same on whatever host it is compiled.
void SetArenaSizes(const Model& loaded, fb::ModelT* model);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EMIT_ARENA_SIZES_H_
