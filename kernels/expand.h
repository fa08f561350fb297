// Weights stored in fewer bytes than one each, and how they become int8: lookups, at most one
// multiplication each, no rounding.
#ifndef QUAVER_KERNELS_EXPAND_H_
#define QUAVER_KERNELS_EXPAND_H_

#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {

/// weight = value of its index * multiplier of its group, which is within int8.
struct CompressedWeights {
  /// Of `bits` (1, 2, 4 or 8) each, the first in the lowest bits of a byte.
  const std::uint8_t* indexes;
  /// [2^bits, vector]. Null: the index, of 8 bits, is the value.
  const std::int8_t* values;
  /// A bit for each weight, from the lowest; a weight whose bit is 0 is 0 and has no index. Null:
  /// all have one. With vectors of 1 only.
  const std::uint8_t* present;
  /// [rows, groups of a row]. Null: 1.
  const std::uint8_t* multipliers;
  std::int32_t rows;
  std::int32_t row_weights;
  std::int32_t group_weights;  ///< That share a multiplier; a row's last group may be shorter.
  std::int32_t value_stride;   ///< From a row's values to those of the next: 0, they are the same.
  std::uint8_t bits;
  std::uint8_t vector;  ///< Consecutive weights that one index stands for. 1 with value_stride.
};

struct ExpandWeightsParams {
  CompressedWeights weights;
  std::int8_t* target;  ///< rows * row_weights
};

void ExpandWeights(const ExpandWeightsParams& params);
/// As a call of a session; one unit of work.
void ExpandWeightsScalar(const ExpandWeightsParams& params, const Work& work);

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_EXPAND_H_
