// The loops of an element-wise operator of two inputs.
#ifndef QUAVER_KERNELS_GENERIC_BROADCAST_H_
#define QUAVER_KERNELS_GENERIC_BROADCAST_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/nd_loop.h"
#include "kernels/params.h"

namespace quaver::kernels {

/// row(input1, stride1, input2, stride2, output, count) for each run of the last dimension, where
/// output is contiguous.
template <typename Row>
void ForEachBroadcastRow(const BroadcastParams& p, const Work& work, Row row) {
  const std::int32_t last = p.rank - 1;
  const std::int32_t stride1 = p.strides1[last];
  const std::int32_t stride2 = p.strides2[last];
  if (last == 0) {
    row(p.input1 + std::ptrdiff_t{work.begin} * stride1, stride1,
        p.input2 + std::ptrdiff_t{work.begin} * stride2, stride2, p.output + work.begin,
        work.end - work.begin);
    return;
  }
  const std::int32_t length = p.dims[last];
  const std::int64_t rows_per_unit = ElementCount(p.dims, 1, last);
  NdLoop<2> loop(p.dims, last, {p.strides1, p.strides2});
  loop.Seek(work.begin * rows_per_unit);
  std::int8_t* output = p.output + work.begin * rows_per_unit * length;
  for (std::int64_t r = work.begin * rows_per_unit; r < work.end * rows_per_unit; ++r) {
    row(p.input1 + loop.offset(0), stride1, p.input2 + loop.offset(1), stride2, output, length);
    output += length;
    loop.Next();
  }
}

}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_BROADCAST_H_
