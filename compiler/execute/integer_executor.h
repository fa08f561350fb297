// Runs a compiled model on the host, on real values: what the device will compute.
#ifndef QUAVER_COMPILER_EXECUTE_INTEGER_EXECUTOR_H_
#define QUAVER_COMPILER_EXECUTE_INTEGER_EXECUTOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/emit/checked_model.h"
#include "quaver/model.h"
#include "quaver/session.h"
#include "quaver/span.h"
#include "quaver/tensor.h"

namespace quaver::compiler {

/// A session and the memory it lives in. One runs on one thread at a time; several may share a
/// model, which must outlive them.
class IntegerExecutor {
 public:
  /// Throws Error if the model cannot be prepared.
  explicit IntegerExecutor(const Model& model);

  /// One run: `inputs` as for FloatExecutor; all outputs. Throws Error if an input has the wrong
  /// number of elements or no quantization. `observer`, if set, is told of the inputs before they
  /// are read and of each operator's outputs as they are written: indices into the model's tensors.
  using Observer = std::function<void(const Session&, Span<const std::int32_t>)>;
  std::vector<std::vector<float>> Run(const std::vector<std::vector<float>>& inputs,
                                      const Observer& observer = nullptr);

 private:
  std::size_t output_count_;
  std::vector<std::int32_t> inputs_;
  AlignedBytes arena_;
  Session session_;
};

/// Writes real values into an input of a session: as they are into float32, else quantized to the
/// nearest integer, clamped. Precondition: values.size() is the number of elements. Throws Error if
/// the tensor has no quantization.
void WriteTensor(const TensorView& tensor, const std::vector<float>& values);
/// The real values of a tensor of a session.
std::vector<float> ReadTensor(const TensorView& tensor);

}  // namespace quaver::compiler

#endif  // QUAVER_COMPILER_EXECUTE_INTEGER_EXECUTOR_H_
