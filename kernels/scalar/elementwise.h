// output[i] = op(input1[i], input2[i]), broadcast.
#ifndef QUAVER_KERNELS_SCALAR_ELEMENTWISE_H_
#define QUAVER_KERNELS_SCALAR_ELEMENTWISE_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/broadcast.h"

namespace quaver::kernels {

template <typename T, typename Op>
void Elementwise(const BroadcastParamsOf<T>& params, const Work& work, Op op) {
  ForEachBroadcastRow(params, work,
                      [op](const T* input1, std::ptrdiff_t stride1, const T* input2,
                           std::ptrdiff_t stride2, T* output, std::int32_t count) {
                        for (std::int32_t i = 0; i < count; ++i) {
                          output[i] = static_cast<T>(op(input1[i * stride1], input2[i * stride2]));
                        }
                      });
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_SCALAR_ELEMENTWISE_H_
