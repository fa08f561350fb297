#include "compiler/quantize/calibrate.h"

#include <cmath>
#include <string>

#include "compiler/execute/float_executor.h"
#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"

namespace quaver::compiler {
namespace {

void IncludeAll(const std::vector<float>& values, const Graph& graph, TensorId id,
                ValueRange* range) {
  for (float value : values) {
    if (!std::isfinite(value)) {
      throw Error(TensorString(graph, id) + ": takes the value " + std::to_string(value) +
                  " on the representative data; check the model and how the data is scaled");
    }
    range->Include(value);
  }
}

}  // namespace

std::vector<ValueRange> Calibrate(const Graph& graph, const std::vector<Sample>& samples,
                                  const QuantizeOptions& options) {
  if (samples.empty()) {
    throw Error("no representative data: give some typical inputs, a hundred or more");
  }
  std::vector<ValueRange> ranges(graph.tensors.size());
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Tensor& tensor = graph.tensors[t];
    if (!tensor.constant() || tensor.type != DataType::kFloat32) continue;
    IncludeAll(tensor.As<float>(), graph, static_cast<TensorId>(t), &ranges[t]);
  }
  FloatExecutor executor(graph);
  for (std::size_t s = 0; s < samples.size(); ++s) {
    executor.Run(samples[s], [&](TensorId id, const std::vector<float>& values) {
      IncludeAll(values, graph, id, &ranges[static_cast<std::size_t>(id)]);
    });
    if (options.progress) options.progress(s + 1, samples.size());
  }
  return ranges;
}

}  // namespace quaver::compiler
