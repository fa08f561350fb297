// The sizes of what a session keeps in its arena, on 32-bit and on 64-bit targets, so that a host
// knows the exact arena of a device. Compiling this file for a target checks its column.
#ifndef QUAVER_RUNTIME_RECORD_BYTES_H_
#define QUAVER_RUNTIME_RECORD_BYTES_H_

#include <cstddef>
#include <cstdint>

#include "runtime/prepared_call.h"
#include "runtime/session_state.h"
#include "runtime/tiled_call.h"
#if QUAVER_XNNPACK
#include "kernels/xnnpack/xnnpack.h"
#endif

namespace quaver {

/// Defined by QUAVER_RECORD_BYTES only: a new record needs a line with its sizes.
template <typename Record>
struct RecordBytes;

/// Type, its bytes where a pointer has 4 bytes, and where it has 8.
#define QUAVER_RECORD_BYTES(type, bytes32, bytes64)                          \
  template <>                                                                \
  struct RecordBytes<type> {                                                 \
    static constexpr std::size_t For(int pointer_bytes) {                    \
      return pointer_bytes == 4 ? bytes32 : bytes64;                         \
    }                                                                        \
  };                                                                         \
  static_assert(sizeof(type) == RecordBytes<type>::For(int{sizeof(void*)})); \
  static_assert(alignof(type) <= sizeof(void*))

QUAVER_RECORD_BYTES(SessionState, 20, 40);
QUAVER_RECORD_BYTES(CallRecord<kernels::Conv2DParams>, 128, 176);
QUAVER_RECORD_BYTES(CallRecord<kernels::DepthwiseConv2DParams>, 124, 168);
QUAVER_RECORD_BYTES(CallRecord<kernels::FullyConnectedParams>, 72, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::AveragePool2DParams>, 84, 104);
QUAVER_RECORD_BYTES(CallRecord<kernels::MaxPool2DParams>, 84, 104);
QUAVER_RECORD_BYTES(CallRecord<kernels::AddParams>, 96, 136);
QUAVER_RECORD_BYTES(CallRecord<kernels::SubParams>, 96, 136);
QUAVER_RECORD_BYTES(TiledCallRecord<kernels::AddParams>, 116, 168);
QUAVER_RECORD_BYTES(TiledCallRecord<kernels::SubParams>, 116, 168);
QUAVER_RECORD_BYTES(CallRecord<kernels::MulParams>, 76, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::Lut8Params>, 36, 64);
QUAVER_RECORD_BYTES(CallRecord<kernels::SoftmaxParams>, 44, 72);
QUAVER_RECORD_BYTES(CallRecord<kernels::ReduceMeanParams>, 84, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::ReduceMaxParams>, 84, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::ReduceMinParams>, 84, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::StridedCopyParams>, 48, 80);
QUAVER_RECORD_BYTES(CallRecord<kernels::ResizeNearestParams>, 60, 88);
QUAVER_RECORD_BYTES(CallRecord<kernels::ResizeBilinearParams>, 76, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::ArgMaxParams>, 48, 72);
QUAVER_RECORD_BYTES(CallRecord<kernels::Conv2DInt16Params>, 128, 176);
QUAVER_RECORD_BYTES(CallRecord<kernels::DepthwiseConv2DInt16Params>, 124, 168);
QUAVER_RECORD_BYTES(CallRecord<kernels::FullyConnectedInt16Params>, 72, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::AveragePool2DInt16Params>, 84, 104);
QUAVER_RECORD_BYTES(CallRecord<kernels::MaxPool2DInt16Params>, 84, 104);
QUAVER_RECORD_BYTES(CallRecord<kernels::AddInt16Params>, 96, 136);
QUAVER_RECORD_BYTES(CallRecord<kernels::SubInt16Params>, 96, 136);
QUAVER_RECORD_BYTES(CallRecord<kernels::MulInt16Params>, 76, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::ReduceMeanInt16Params>, 84, 120);
QUAVER_RECORD_BYTES(CallRecord<kernels::RequantizeParams>, 68, 88);
#if QUAVER_XNNPACK
QUAVER_RECORD_BYTES(CallRecord<kernels::xnnpack::OperatorParams>, 24, 40);
#endif

}  // namespace quaver

#endif  // QUAVER_RUNTIME_RECORD_BYTES_H_
