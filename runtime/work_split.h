// Which calls are worth sharing between threads, and where their work may be divided.
#ifndef QUAVER_RUNTIME_WORK_SPLIT_H_
#define QUAVER_RUNTIME_WORK_SPLIT_H_

#include <cstdint>

#include "kernels/isa.h"
#include "kernels/params.h"

namespace quaver {

/// What a call costs and what its units of work are.
struct Effort {
  /// In multiply-accumulates of a convolution, roughly; 0: never worth sharing.
  std::int64_t macs = 0;
  /// Bytes of the output that one unit writes.
  std::int64_t unit_bytes = 1;
  /// Units that a kernel does best together, a power of two.
  std::int32_t grain = 1;
};

struct WorkSplit {
  std::uint8_t tiles_per_thread;  ///< 0: one thread runs it all.
  std::uint8_t grain_log2;
};

/// For a kernel of `isa`.
WorkSplit SplitWork(const Effort& effort, Isa isa, std::int32_t units, std::int32_t threads);

Effort EffortOf(const kernels::Conv2DParams& params);
Effort EffortOf(const kernels::DepthwiseConv2DParams& params);
Effort EffortOf(const kernels::FullyConnectedParams& params);
Effort EffortOf(const kernels::Pool2DParams& params);
Effort EffortOf(const kernels::BroadcastParams& params);
Effort EffortOf(const kernels::Lut8Params& params);
Effort EffortOf(const kernels::SoftmaxParams& params);
Effort EffortOf(const kernels::ReduceParams& params);
Effort EffortOf(const kernels::StridedCopyParams& params);
Effort EffortOf(const kernels::ResizeNearestParams& params);
Effort EffortOf(const kernels::ResizeBilinearParams& params);
Effort EffortOf(const kernels::Conv2DInt16Params& params);
Effort EffortOf(const kernels::DepthwiseConv2DInt16Params& params);
Effort EffortOf(const kernels::FullyConnectedInt16Params& params);

/// All others: small, or rare. (The conversion makes this the last choice.)
struct AnyParams {
  template <typename Params>
  AnyParams(const Params& /*params*/) {}  // NOLINT: implicit on purpose
};
inline Effort EffortOf(const AnyParams& /*params*/) { return {}; }

}  // namespace quaver

#endif  // QUAVER_RUNTIME_WORK_SPLIT_H_
