// Small quantized graphs for tests of the lowerings, and running them through the runtime.
#ifndef QUAVER_TESTS_UNIT_LOWER_TESTING_H_
#define QUAVER_TESTS_UNIT_LOWER_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/graph.h"
#include "quaver_generated.h"

namespace quaver::compiler {

using Shape = std::vector<std::int32_t>;
using Int8s = std::vector<std::int8_t>;
using RawBytes = std::vector<std::uint8_t>;

/// A graph that grows operator by operator.
class TestGraph {
 public:
  /// A quantized activation, int8 unless `type` says otherwise; scale 0: not quantized.
  TensorId Activation(const Shape& shape, float scale, std::int32_t zero_point,
                      DataType type = DataType::kInt8);
  TensorId Input(const Shape& shape, float scale, std::int32_t zero_point,
                 DataType type = DataType::kInt8);
  TensorId Constant(const Shape& shape, const Int8s& values, std::vector<float> scales,
                    int axis = 0);
  TensorId Bias(const std::vector<std::int32_t>& values);
  void Add(Attributes attributes, std::vector<TensorId> inputs, std::vector<TensorId> outputs);
  /// Adds an operator of one new output, which becomes an output of the graph too.
  TensorId AddOutput(Attributes attributes, std::vector<TensorId> inputs, const Shape& shape,
                     float scale, std::int32_t zero_point, DataType type = DataType::kInt8);

  Graph graph;
};

/// Values from a fixed sequence over all of int8.
Int8s RandomInt8(std::size_t count, unsigned seed);
RawBytes ToBytes(const Int8s& values);
Int8s ToInt8(const RawBytes& bytes);

/// Lowers, plans and serializes without the passes, so that the operator under test stays.
fb::ModelT LowerAndPlan(const Graph& graph);

/// Runs the lowered graph with the scalar kernels; raw bytes of inputs and outputs.
std::vector<RawBytes> RunLowered(const Graph& graph, const std::vector<RawBytes>& inputs);
/// The same for one int8 input and output.
Int8s RunInt8(const Graph& graph, const Int8s& input);

/// Expects round(value) + zero_point limited to [low, high]; where `value` is within 1e-6 of a half
/// both neighbours are right, since a multiplier of 31 bits is a little off the real one.
void ExpectRounded(int actual, double value, int zero_point, int low = -128, int high = 127);

/// The message with which Lower refuses the graph; fails if it does not.
std::string RefusalOf(const Graph& graph);

}  // namespace quaver::compiler

#endif  // QUAVER_TESTS_UNIT_LOWER_TESTING_H_
