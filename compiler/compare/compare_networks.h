// How far a network is from another, layer by layer.
#ifndef QUAVER_COMPILER_COMPARE_COMPARE_NETWORKS_H_
#define QUAVER_COMPILER_COMPARE_COMPARE_NETWORKS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "compiler/compare/match_layers.h"
#include "compiler/compare/network.h"
#include "compiler/quantize/parallel.h"

namespace quaver::compiler {

/// Over all values of a layer in all samples: a those that are expected, b those that were found.
struct LayerError {
  double signal = 0;     ///< sum a^2
  double noise = 0;      ///< sum (b - a)^2
  double product = 0;    ///< sum a b
  double found = 0;      ///< sum b^2
  double max_error = 0;  ///< max |b - a|; infinite where a value is not a number

  /// Precondition: of the same size.
  void Add(const std::vector<float>& expected, const std::vector<float>& actual);
  void Add(const LayerError& other);

  /// The signal-to-quantization-noise ratio, 10 log10(signal / noise); infinite where all values
  /// are equal.
  [[nodiscard]] double Decibels() const;
  /// sum a b / sqrt(sum a^2 sum b^2): 1 where both are zero throughout, 0 where one is.
  [[nodiscard]] double Cosine() const;
};

struct LayerComparison {
  LayerMatch match;
  LayerError error;
};

struct Comparison {
  std::vector<LayerComparison> layers;            ///< In execution order of the first network.
  std::vector<std::size_t> only_in_a, only_in_b;  ///< Layers without a counterpart.
};

/// Runs both on every sample. The result does not depend on `threads` (0: one for each CPU).
/// Throws Error: inputs or outputs that differ in number or size, samples that do not fit.
Comparison CompareNetworks(const Network& a, const Network& b, const std::vector<Sample>& samples,
                           std::size_t threads = 0, const ProgressFunction& progress = nullptr);

/// Indices into comparison.layers, the lowest ratio first.
std::vector<std::size_t> WorstFirst(const Comparison& comparison);

/// What a layer must keep.
struct Tolerance {
  std::optional<double> least_decibels;
  std::optional<double> largest_error;
};

/// The first layer, as an index into comparison.layers, that does not keep it.
std::optional<std::size_t> FirstBeyond(const Comparison& comparison, const Tolerance& tolerance);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_COMPARE_COMPARE_NETWORKS_H_
