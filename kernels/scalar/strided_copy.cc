#include <cstring>

#include "kernels/generic/nd_loop.h"
#include "kernels/inventory.h"

namespace quaver::kernels {

void StridedCopyScalar(const StridedCopyParams& p, const Work& work) {
  const std::int64_t runs_per_unit = ElementCount(p.dims, 1, p.rank);
  NdLoop<2> loop(p.dims, p.rank, {p.source_strides, p.target_strides});
  loop.Seek(work.begin * runs_per_unit);
  for (std::int64_t r = work.begin * runs_per_unit; r < work.end * runs_per_unit; ++r) {
    std::memcpy(p.target + loop.offset(1), p.source + loop.offset(0),
                static_cast<std::size_t>(p.run_bytes));
    loop.Next();
  }
}

}  // namespace quaver::kernels
