// A tensor of the file as the caller sees it.
#ifndef QUAVER_RUNTIME_TENSOR_INFO_H_
#define QUAVER_RUNTIME_TENSOR_INFO_H_

#include "quaver/tensor.h"
#include "runtime/tensor_access.h"

namespace quaver {

TensorInfo DescribeTensor(const fb::Model& model, std::int32_t index);

}  // namespace quaver

#endif  // QUAVER_RUNTIME_TENSOR_INFO_H_
