// k-means over weights: the values that stand for them with the least squared error.
#ifndef QUAVER_COMPILER_QUANTIZE_CODEBOOK_H_
#define QUAVER_COMPILER_QUANTIZE_CODEBOOK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quaver::compiler {

/// `values` are vectors of `vector` weights each (the last may be shorter), in units in which int8
/// holds them; `importance` is how much the squared error of each counts. Lloyd's iterations from
/// vectors at equal steps of their order, weighted; the same on every machine. The codebook has at
/// most `entries` int8 vectors, one behind the other, in ascending order.
std::vector<std::int8_t> MakeCodebook(const std::vector<double>& values,
                                      const std::vector<double>& importance, std::size_t entries,
                                      std::size_t vector);

/// Every value replaced by that of the nearest entry.
std::vector<std::int8_t> LookUpNearest(const std::vector<double>& values,
                                       const std::vector<double>& importance,
                                       const std::vector<std::int8_t>& codebook,
                                       std::size_t vector);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_CODEBOOK_H_
