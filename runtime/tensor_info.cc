#include "runtime/tensor_info.h"

#include <cstring>

namespace quaver {

std::int32_t ElementCount(const fb::Tensor& tensor) {
  std::int32_t count = 1;
  for (std::int32_t i = 0; i < Rank(tensor); ++i) count *= Dim(tensor, i);
  return count;
}

std::size_t TensorBytes(const fb::Tensor& tensor) {
  return static_cast<std::size_t>(ElementCount(tensor)) * ElementBytes(tensor);
}

const std::uint8_t* BufferData(const fb::Model& model, std::uint32_t index) {
  return model.buffers()->Get(index)->data()->Data();
}

std::uint32_t BankBytes(const fb::Model& model) { return At(*model.banks(), 0)->bytes(); }

TensorInfo DescribeTensor(const fb::Model& model, std::int32_t index) {
  const fb::Tensor& tensor = TensorAt(model, index);
  TensorInfo info;
  info.name = TextOr(tensor.name(), "");
  info.type = static_cast<DataType>(tensor.type());
  info.rank = Rank(tensor);
  for (std::int32_t i = 0; i < info.rank; ++i) info.shape[i] = Dim(tensor, i);
  info.bytes = TensorBytes(tensor);
  const fb::Quantization* quantization = tensor.quantization();
  if (quantization == nullptr || Count(quantization->scale()) != 1) return info;
  std::memcpy(&info.scale_bits, quantization->scale()->Data(), sizeof(info.scale_bits));
  if (Count(quantization->zero_point()) == 1) info.zero_point = At(*quantization->zero_point(), 0);
  return info;
}

}  // namespace quaver
