#include "compiler/execute/integer_executor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "compiler/ir/error.h"
#include "quaver_generated.h"

namespace quaver::compiler {
namespace {

[[noreturn]] void ThrowStatus(const Status& status) {
  char text[512];
  status.Format(text, sizeof(text));
  throw Error(text);
}

template <typename T>
void WriteQuantized(const TensorView& tensor, const std::vector<float>& values) {
  const Span<T> out = tensor.As<T>();
  const float low = std::numeric_limits<T>::min();
  const float high = std::numeric_limits<T>::max();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float q = std::round(values[i] / tensor.Scale()) + static_cast<float>(tensor.zero_point);
    out[i] = static_cast<T>(std::min(std::max(q, low), high));
  }
}

template <typename T>
std::vector<float> Dequantize(const TensorView& tensor) {
  std::vector<float> values;
  for (T q : tensor.As<T>()) {
    values.push_back(tensor.Scale() * static_cast<float>(q - tensor.zero_point));
  }
  return values;
}

std::size_t ArenaBytesOf(const Model& model) {
  const Result<std::size_t> bytes = model.ArenaBytes();
  if (!bytes.ok()) ThrowStatus(bytes.status());
  return *bytes;
}

}  // namespace

IntegerExecutor::IntegerExecutor(const Model& model)
    : output_count_(model.OutputCount()),
      inputs_(model.root()->inputs()->begin(), model.root()->inputs()->end()),
      arena_(ArenaBytesOf(model)) {
  const Result<Session> session = Session::Create(model, arena_.span());
  if (!session.ok()) ThrowStatus(session.status());
  session_ = *session;
}

std::vector<std::vector<float>> IntegerExecutor::Run(const std::vector<std::vector<float>>& inputs,
                                                     const Observer& observer) {
  for (std::size_t i = 0; i < inputs.size(); ++i) WriteTensor(session_.Input(i), inputs[i]);
  if (observer) observer(session_, inputs_);
  const auto tell = [](void* context, const Session& session, const OperatorEvent& event) {
    const auto& told = *static_cast<const Observer*>(context);
    if (told) told(session, event.output_indices);
  };
  Observer told = observer;
  const Status status = session_.Run(tell, &told);
  if (!status.ok()) ThrowStatus(status);
  std::vector<std::vector<float>> outputs;
  for (std::size_t i = 0; i < output_count_; ++i) {
    outputs.push_back(ReadTensor(session_.Output(i)));
  }
  return outputs;
}

void WriteTensor(const TensorView& tensor, const std::vector<float>& values) {
  if (tensor.type == DataType::kFloat32) {
    std::copy(values.begin(), values.end(), tensor.As<float>().begin());
    return;
  }
  if (tensor.scale_bits == 0) {
    throw Error(std::string("tensor '") + tensor.name +
                "' has no quantization: real values cannot "
                "be written to it");
  }
  switch (tensor.type) {
    case DataType::kInt8:
      return WriteQuantized<std::int8_t>(tensor, values);
    case DataType::kUInt8:
      return WriteQuantized<std::uint8_t>(tensor, values);
    case DataType::kInt16:
      return WriteQuantized<std::int16_t>(tensor, values);
    default:
      throw Error(std::string("tensor '") + tensor.name + "' is " + DataTypeName(tensor.type) +
                  ", expected float32, int8, uint8 or int16");
  }
}

std::vector<float> ReadTensor(const TensorView& tensor) {
  switch (tensor.type) {
    case DataType::kFloat32: {
      const Span<float> values = tensor.As<float>();
      return {values.begin(), values.end()};
    }
    case DataType::kInt8:
      return Dequantize<std::int8_t>(tensor);
    case DataType::kUInt8:
      return Dequantize<std::uint8_t>(tensor);
    case DataType::kInt16:
      return Dequantize<std::int16_t>(tensor);
    default:
      throw Error(std::string("tensor '") + tensor.name + "' is " + DataTypeName(tensor.type) +
                  ", expected float32, int8, uint8 or int16");
  }
}

}  // namespace quaver::compiler
