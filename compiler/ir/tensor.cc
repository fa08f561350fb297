#include <cstring>

#include "compiler/ir/graph.h"

namespace quaver::compiler {

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (std::int32_t dim : shape) count *= dim;
  return count;
}

std::int64_t Tensor::bytes() const {
  return elements() * static_cast<std::int64_t>(DataTypeBytes(type));
}

template <typename T>
std::vector<T> Tensor::As() const {
  std::vector<T> values(data->size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), data->data(), values.size() * sizeof(T));
  return values;
}

template <typename T>
Bytes MakeBytes(const std::vector<T>& values) {
  auto bytes = std::make_shared<std::vector<std::uint8_t>>(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes->data(), values.data(), bytes->size());
  return bytes;
}

#define QUAVER_ELEMENT(T)                        \
  template std::vector<T> Tensor::As<T>() const; \
  template Bytes MakeBytes(const std::vector<T>& values);
QUAVER_ELEMENT(std::int8_t)
QUAVER_ELEMENT(std::uint8_t)
QUAVER_ELEMENT(std::int16_t)
QUAVER_ELEMENT(std::int32_t)
QUAVER_ELEMENT(std::int64_t)
QUAVER_ELEMENT(float)
#undef QUAVER_ELEMENT

}  // namespace quaver::compiler
