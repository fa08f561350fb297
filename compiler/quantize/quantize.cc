#include "compiler/quantize/quantize.h"

#include <cstddef>
#include <set>

#include "compiler/ir/error.h"
#include "compiler/ir/shapes.h"
#include "compiler/passes/passes.h"
#include "compiler/quantize/materialize.h"
#include "compiler/quantize/mixed_precision.h"
#include "compiler/quantize/optimize.h"
#include "compiler/quantize/weight_form.h"

namespace quaver::compiler {
namespace {

void CheckFloat(const Graph& graph) {
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Tensor& tensor = graph.tensors[t];
    if (!tensor.quantization.empty() || tensor.type == DataType::kInt8) {
      throw Error(TensorString(graph, static_cast<TensorId>(t)) +
                  ": is quantized already; the quantizer takes float models. A quantized .tflite "
                  "needs only: quaver convert");
    }
  }
}

}  // namespace

Graph Quantize(const Graph& graph, const std::vector<Sample>& samples,
               const QuantizeOptions& options, std::vector<OptimizeStep>* steps,
               std::vector<WeightSummary>* weights, PrecisionReport* precision) {
  CheckFloat(graph);
  Graph prepared = graph;
  RunPasses(&prepared);
  std::set<std::size_t> int16 = LayersNamed(prepared, options.int16_layers);
  if (options.target_drop) {
    PrecisionReport report;
    int16 = ChooseInt16Layers(prepared, samples, options, int16,
                              precision == nullptr ? &report : precision);
  }
  const QuantizationPlan plan = options.optimize
                                    ? OptimizeQuantization(prepared, samples, options, steps)
                                    : PlanQuantization(prepared, samples, options);
  if (weights != nullptr) *weights = DescribeWeights(plan.graph, plan.layers);
  return Materialize(plan, PrecisionFor(plan.graph, int16), options.float_io);
}

}  // namespace quaver::compiler
