// Top-1 accuracy of float graphs and compiled models, and how their values meet.
#ifndef QUAVER_COMPILER_QUANTIZE_EVALUATE_H_
#define QUAVER_COMPILER_QUANTIZE_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/ir/graph.h"
#include "compiler/quantize/quantize.h"
#include "quaver/span.h"
#include "quaver/tensor.h"

namespace quaver::compiler {

struct Accuracy {
  std::size_t right = 0;
  std::size_t total = 0;
};

struct EvaluateOptions {
  std::size_t threads = 2;
  /// Told now and then, from one thread at a time: done, total.
  std::function<void(std::size_t, std::size_t)> progress;
};

/// How often the largest element of output 0 (the first of equals) is the label. The second takes
/// a .qvr, aligned as Model::Load needs it. Throw Error: fewer labels than samples, a model that
/// does not load.
Accuracy EvaluateFloat(const Graph& graph, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels,
                       const EvaluateOptions& options = {});
Accuracy EvaluateModel(Span<const std::uint8_t> model, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels,
                       const EvaluateOptions& options = {});

/// Writes real values into an input of a session: as they are into float32, else quantized to the
/// nearest integer, clamped. Precondition: values.size() is the number of elements. Throws Error if
/// the tensor has no quantization.
void WriteTensor(const TensorView& tensor, const std::vector<float>& values);
/// The real values of a tensor of a session.
std::vector<float> ReadTensor(const TensorView& tensor);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_QUANTIZE_EVALUATE_H_
