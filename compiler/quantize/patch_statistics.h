// First and second moments of what a layer's weights are multiplied with: all that is needed to
// know how far another rounding of the weights would move the layer's outputs, on average over the
// data.
#ifndef QUAVER_COMPILER_QUANTIZE_PATCH_STATISTICS_H_
#define QUAVER_COMPILER_QUANTIZE_PATCH_STATISTICS_H_

#include <cstddef>
#include <map>
#include <vector>

#include "compiler/execute/float_executor.h"
#include "compiler/ir/graph.h"
#include "compiler/quantize/layers.h"
#include "compiler/quantize/parallel.h"
#include "compiler/quantize/quantize.h"

namespace quaver::compiler {

/// Of patches x of `depth` values: those that the output channels of one group of a convolution
/// see, or those of one input channel of a depthwise convolution.
struct PatchMoments {
  double count = 0;
  std::vector<double> sum;  ///< of x: [depth]
  std::vector<double>
      products;  ///< of x x^T: [depth, depth], the lower triangle; empty if not asked

  /// Mean of x_k.
  [[nodiscard]] double Mean(std::size_t k) const { return count == 0 ? 0 : sum[k] / count; }
};

/// By node with weights: its groups (one for a fully connected layer), or its input channels.
using PatchStatistics = std::map<std::size_t, std::vector<PatchMoments>>;

/// The entry that output channel c of a layer belongs to.
inline std::size_t BlockOf(std::size_t c, std::size_t channels, std::size_t blocks) {
  return c / (channels / blocks);
}

struct PatchOptions {
  bool products = false;
  /// At most about so many patches of each layer, spread evenly over samples and pixels.
  std::size_t patches = 16384;
  std::size_t threads = 0;  ///< 0: one for each CPU. The result does not depend on it.
  ProgressFunction progress;
};

/// Runs `graph` over the samples. `observer` (may be null) sees and changes tensors first.
PatchStatistics CollectPatches(const Graph& graph, const std::vector<Sample>& samples,
                               const FloatExecutor::Observer& observer,
                               const PatchOptions& options = {});

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_PATCH_STATISTICS_H_
