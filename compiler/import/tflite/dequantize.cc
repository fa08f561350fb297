// Constants that are stored in fewer bits than they are computed with: dynamic-range models keep
// int8 weights beside float activations, float16 ones pass theirs through DEQUANTIZE.
#include <algorithm>

#include "compiler/import/half_float.h"
#include "compiler/import/tflite/importer.h"

namespace quaver::compiler::tflite {
namespace {

/// scale * (q - zero_point), with the scale of each element's index along the axis.
template <typename T>
std::vector<float> Dequantized(const Tensor& tensor) {
  const Quantization& quantization = tensor.quantization;
  std::int64_t inner = 1;
  for (auto d = static_cast<std::size_t>(quantization.axis) + 1; d < tensor.shape.size(); ++d) {
    inner *= tensor.shape[d];
  }
  const auto channels = static_cast<std::int64_t>(quantization.scale.size());
  std::vector<float> result;
  for (T q : tensor.As<T>()) {
    const auto i = static_cast<std::int64_t>(result.size());
    const auto channel = static_cast<std::size_t>(channels > 1 ? i / inner % channels : 0);
    result.push_back(quantization.scale[channel] *
                     static_cast<float>(std::int32_t{q} - quantization.zero_point[channel]));
  }
  return result;
}

bool IsQuantized(const Tensor& tensor) {
  return (tensor.type == DataType::kInt8 || tensor.type == DataType::kUInt8) &&
         !tensor.quantization.empty();
}

/// Precondition: constant and IsQuantized.
Bytes FloatData(const OperatorContext& op, const Tensor& tensor) {
  const Quantization& quantization = tensor.quantization;
  const auto axis = static_cast<std::size_t>(std::max(quantization.axis, 0));
  if (quantization.per_channel() &&
      (quantization.axis < 0 || axis >= tensor.shape.size() ||
       static_cast<std::size_t>(tensor.shape[axis]) != quantization.scale.size())) {
    op.Fail("'" + tensor.name + "' has " + std::to_string(quantization.scale.size()) +
            " scales along dimension " + std::to_string(quantization.axis) + " of " +
            ShapeString(tensor.shape) + "; the file is damaged");
  }
  return MakeBytes(tensor.type == DataType::kInt8 ? Dequantized<std::int8_t>(tensor)
                                                  : Dequantized<std::uint8_t>(tensor));
}

}  // namespace

TensorId OperatorContext::FloatConstant(std::size_t input) {
  const TensorId id = Input(input);
  const Tensor stored = Of(id);
  if (!stored.constant() || !IsQuantized(stored)) return id;
  Tensor tensor;
  tensor.name = stored.name;
  tensor.shape = stored.shape;
  tensor.source_index = stored.source_index;
  tensor.data = FloatData(*this, stored);
  return graph_.AddTensor(std::move(tensor));
}

void ImportDequantize(OperatorContext& op) {
  op.Expect(1);
  const Tensor input = op.Of(op.Input(0));
  if (!input.constant()) return op.Emit(DequantizeOp{});
  // float16 is float32 from its import on.
  if (input.type == DataType::kFloat32) return op.SetConstantOutput(input.data);
  if (!IsQuantized(input)) {
    op.Fail(op.Named(0) + " is a constant of " + DataTypeName(input.type) +
            ": expected float16, or int8 or uint8 with scales");
  }
  op.SetConstantOutput(FloatData(op, input));
}

}  // namespace quaver::compiler::tflite
