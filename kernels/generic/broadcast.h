// The loops of an element-wise operator of two inputs.
#ifndef QUAVER_KERNELS_GENERIC_BROADCAST_H_
#define QUAVER_KERNELS_GENERIC_BROADCAST_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/nd_loop.h"
#include "kernels/params.h"

namespace quaver::kernels {
// Internal linkage: each instruction set's kernels compile their own copy with their own flags.
namespace {

/// How many of the last dimensions are one for both inputs: an element's offset in each is its
/// number times the last stride.
template <typename T>
std::int32_t MergedDims(const BroadcastParamsOf<T>& p) {
  std::int32_t first = p.rank - 1;
  while (first > 0 && p.strides1[first - 1] == p.strides1[first] * p.dims[first] &&
         p.strides2[first - 1] == p.strides2[first] * p.dims[first]) {
    --first;
  }
  return p.rank - first;
}

/// row(input1, stride1, input2, stride2, output, count) for each run of the last dimensions that
/// have one stride in each input; output is contiguous.
template <typename T, typename Row>
void ForEachBroadcastRow(const BroadcastParamsOf<T>& p, const Work& work, Row row) {
  const std::int32_t stride1 = p.strides1[p.rank - 1];
  const std::int32_t stride2 = p.strides2[p.rank - 1];
  const std::int32_t last = p.rank - MergedDims(p);
  const auto length = static_cast<std::int32_t>(ElementCount(p.dims, last, p.rank));
  if (last == 0) {
    const std::ptrdiff_t unit = length / p.dims[0];
    row(p.input1 + work.begin * unit * stride1, stride1, p.input2 + work.begin * unit * stride2,
        stride2, p.output + work.begin * unit,
        static_cast<std::int32_t>((work.end - work.begin) * unit));
    return;
  }
  const std::int64_t rows_per_unit = ElementCount(p.dims, 1, last);
  NdLoop<2> loop(p.dims, last, {p.strides1, p.strides2});
  loop.Seek(work.begin * rows_per_unit);
  T* output = p.output + work.begin * rows_per_unit * length;
  for (std::int64_t r = work.begin * rows_per_unit; r < work.end * rows_per_unit; ++r) {
    row(p.input1 + loop.offset(0), stride1, p.input2 + loop.offset(1), stride2, output, length);
    output += length;
    loop.Next();
  }
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_BROADCAST_H_
