// Which layers lose most when they are quantized.
#ifndef QUAVER_COMPILER_QUANTIZE_SENSITIVITY_H_
#define QUAVER_COMPILER_QUANTIZE_SENSITIVITY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/layers.h"
#include "compiler/quantize/parallel.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {

struct LayerSensitivity {
  std::size_t node;
  std::string name;
  double decibels;  ///< Signal to noise at the network's outputs with this layer alone quantized.
};

/// One layer at a time: its weights, bias, input and output are rounded, all else stays float. The
/// worst first. `graph` is float and has been through RunPasses; `layers` has the nodes to try.
std::vector<LayerSensitivity> AnalyzeSensitivity(const Graph& graph,
                                                 const SharedQuantization& shared,
                                                 const QuantizedLayers& layers,
                                                 const std::vector<Sample>& samples,
                                                 std::size_t threads = 0,
                                                 const ProgressFunction& progress = nullptr);

/// The same for a float graph as it was imported, over at most 64 of the samples, evenly spread.
std::vector<LayerSensitivity> AnalyzeSensitivity(const Graph& graph,
                                                 const std::vector<Sample>& samples,
                                                 const QuantizeOptions& options,
                                                 const ProgressFunction& progress = nullptr);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_SENSITIVITY_H_
