// How the operators of a model use their weights on one machine: which kernel takes them, in which
// layout, and whether the file has it.
#ifndef QUAVER_COMPILER_PACK_WEIGHTS_H_
#define QUAVER_COMPILER_PACK_WEIGHTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "quaver/model.h"
#include "runtime/preparer.h"

namespace quaver::compiler {

/// Every operator with weights on a machine whose best instruction set is `isa`, chosen by the same
/// code as at run time. Points into the model.
std::vector<WeightsUse> WeightsOn(const Model& model, Isa isa);
/// The same for any machine.
std::vector<WeightsUse> WeightsOn(const Model& model, const PrepareTarget& target);

/// The packed weights in `layout`, as a session would make them.
std::vector<std::uint8_t> PackFor(const Model& model, const WeightsUse& use,
                                  const kernels::WeightLayout& layout);

/// "gemm 16x4 +128": kind, nr x kr, the input's offset. "plain".
std::string LayoutName(const kernels::WeightLayout& layout);

/// Compares every packed weight of the file with what PackFor makes of the plain ones; how many
/// there are. Throws Error where they differ: the operator, the layout, the first byte. The runtime
/// checks on load only what memory safety needs.
std::size_t CheckPackedWeights(const Model& model);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_PACK_WEIGHTS_H_
