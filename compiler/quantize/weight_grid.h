// The integers that a layer's weights may take.
#ifndef QUAVER_COMPILER_QUANTIZE_WEIGHT_GRID_H_
#define QUAVER_COMPILER_QUANTIZE_WEIGHT_GRID_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quaver::compiler {

/// All of [-127, 127] where nothing else is said.
struct WeightGrid {
  std::vector<std::int8_t> levels;  ///< In ascending order; empty: all.
  /// Of levels, [channels, groups of a channel]; empty: 1.
  std::vector<std::uint8_t> multipliers;
  std::size_t group = 0;     ///< Weights of a channel that share a multiplier.
  std::vector<bool> pruned;  ///< By weight: it is 0. Empty: none is.
  /// Several weights are chosen together: none can be rounded by itself.
  bool vectors = false;

  [[nodiscard]] bool IsPruned(std::size_t index) const { return !pruned.empty() && pruned[index]; }
  [[nodiscard]] std::int32_t Multiplier(std::size_t channel, std::size_t k,
                                        std::size_t depth) const {
    if (multipliers.empty()) return 1;
    return multipliers[channel * ((depth + group - 1) / group) + k / group];
  }
  /// What a real weight in units of its scale becomes that is not pruned.
  [[nodiscard]] std::int8_t Round(double value, std::int32_t multiplier) const;
};

/// The entry of `levels` (in ascending order, not empty) nearest to `value`; of two as near the one
/// further from 0.
std::int8_t NearestLevel(const std::vector<std::int8_t>& levels, double value);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_WEIGHT_GRID_H_
