// The layers of a graph that have weights, as the quantizer sees them.
#ifndef QUAVER_COMPILER_QUANTIZE_LAYERS_H_
#define QUAVER_COMPILER_QUANTIZE_LAYERS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/scheme.h"
#include "compiler/quantize/sharing.h"

namespace quaver::compiler {

/// Where the output channels of a node's weights are; nothing for nodes without weights.
std::optional<ChannelAxis> WeightsAxis(const Node& node);

/// The float constants of a layer.
struct FloatLayer {
  std::vector<float> weights;
  std::vector<float> bias;  ///< Empty where the layer has none.
  std::size_t channels;     ///< Of the output.
  ChannelAxis axis;

  /// Weights of one channel.
  [[nodiscard]] std::size_t depth() const { return weights.size() / channels; }
  /// Index of weight k of channel c.
  [[nodiscard]] std::size_t Index(std::size_t c, std::size_t k) const {
    return axis == ChannelAxis::kFirst ? c * depth() + k : k * channels + c;
  }
};

/// Precondition: WeightsAxis(graph.nodes[node]). Throws Error if weights or bias are computed by
/// the graph.
FloatLayer FloatLayerOf(const Graph& graph, std::size_t node);

/// By node.
using QuantizedLayers = std::map<std::size_t, QuantizedLayer>;

/// QuantizeLayer for every node with weights, then ApplyWeightForm where `weights` says so. Throws
/// Error as FloatLayerOf and SelectLayers do.
QuantizedLayers QuantizeLayers(const Graph& graph, const SharedQuantization& shared,
                               const SchemeOptions& scheme, const WeightOptions& weights = {});

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_LAYERS_H_
