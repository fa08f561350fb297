// Which layers of two networks are the same one.
#ifndef QUAVER_COMPILER_COMPARE_MATCH_LAYERS_H_
#define QUAVER_COMPILER_COMPARE_MATCH_LAYERS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/compare/network.h"

namespace quaver::compiler {

/// Why two layers are taken for the same.
enum class MatchReason : std::uint8_t {
  kPosition,     ///< The same input or output of the network.
  kName,         ///< Tensors of one name.
  kSourceIndex,  ///< The same index in the source model, where a tensor has lost its name.
  kOrder,        ///< Of the same size, between two that match.
};
/// "position", "name", "source index", "order".
const char* MatchReasonName(MatchReason reason);

struct LayerMatch {
  std::size_t a, b;  ///< Indices of layers.
  MatchReason reason;
};

/// Pairs of layers with equally many elements, each layer in one pair at most, in the order of `a`.
/// Inputs and outputs belong together by position; then tensors of one name (the last that is
/// written, where several have it); then, where a tensor has no name, those of one index in their
/// source model; the rest by order: of all ways to pair them without crossing a pair, the one that
/// agrees most in kind and shape.
std::vector<LayerMatch> MatchLayers(const std::vector<NetworkLayer>& a,
                                    const std::vector<NetworkLayer>& b);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_COMPARE_MATCH_LAYERS_H_
