// A network, float or integer, all of whose intermediate values can be seen as real numbers.
#ifndef QUAVER_COMPILER_COMPARE_NETWORK_H_
#define QUAVER_COMPILER_COMPARE_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"
#include "quaver/model.h"

namespace quaver::compiler {

/// One tensor of real values, and what makes it.
struct NetworkLayer {
  std::string kind;    ///< "Conv2D", "Lut8", ...; "Input".
  std::string name;    ///< Of the operator; may be empty.
  std::string tensor;  ///< May be empty, and need not be the only one of its name.
  std::int32_t source_index = -1;
  std::vector<std::int32_t> shape;
  std::size_t elements = 0;
  DataType type = DataType::kFloat32;
  float scale = 0;  ///< Of an integer tensor; 0: float.
  std::int32_t zero_point = 0;
  bool has_weights = false;
  std::uint64_t constant_bytes = 0;  ///< Weights, biases, tables, ... of the operator.
  std::int32_t output = -1;  ///< The network's output that it is, but for a reshape; -1: none.
};

/// Real values, by layer.
using LayerValues = std::vector<std::vector<float>>;

/// The real values of a layer's weights.
struct LayerWeights {
  std::vector<float> values;
  std::vector<float> scales;  ///< One, or one for each output channel; empty: float.
};

/// A network ready to run on one thread.
class NetworkRunner {
 public:
  NetworkRunner() = default;
  NetworkRunner(const NetworkRunner&) = delete;
  NetworkRunner& operator=(const NetworkRunner&) = delete;
  virtual ~NetworkRunner() = default;
  /// Throws Error if the sample does not fit.
  virtual LayerValues Run(const Sample& sample) = 0;
};

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;
  /// The inputs, then what each operator makes, in execution order. Reshapes, which change no
  /// value, and tensors that stand for no real numbers (indices) are left out.
  [[nodiscard]] virtual const std::vector<NetworkLayer>& layers() const = 0;
  [[nodiscard]] virtual std::unique_ptr<NetworkRunner> MakeRunner() const = 0;
  /// Of layer `index`; empty where it has none, or none that are float or int8.
  [[nodiscard]] virtual LayerWeights Weights(std::size_t index) const = 0;
};

/// Of a float graph, after the passes that fold and fuse: its tensors are those that Quantize
/// keeps.
std::unique_ptr<Network> MakeFloatNetwork(const Graph& graph);

/// Of a compiled model, which need not stay. Tensors that it hands on in parts (transient ones) are
/// planned as whole ones, so that they can be seen; every value is the same.
std::unique_ptr<Network> MakeIntegerNetwork(const Model& model);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_COMPARE_NETWORK_H_
