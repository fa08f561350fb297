// XNNPACK's operators in place of our kernels: an optional backend, built with QUAVER_XNNPACK and
// chosen with QUAVER_BACKEND=xnnpack. It rounds in float, so its bytes are not those of every other
// machine: docs/porting.md.
//
// An operator of XNNPACK is an object that it creates from weights and sizes, in memory that it
// asks its allocator for. Here that memory is a block of the caller's, and how much it takes is
// found by creating the operator once in a throw-away heap: XNNPACK has no function that says.
//
// Each function template below exists for the Params of QUAVER_XNNPACK_OPERATORS.
#ifndef QUAVER_KERNELS_XNNPACK_XNNPACK_H_
#define QUAVER_KERNELS_XNNPACK_XNNPACK_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"
#include "kernels/registry.h"

namespace quaver::kernels::xnnpack {

/// What a prepared call of the backend holds. Unit of work: the whole operator.
struct OperatorParams {
  void* handle;  ///< xnn_operator_t, in the memory that CreateOperator was given.
};

/// The operators that the backend has.
#define QUAVER_XNNPACK_OPERATORS(X) \
  X(Conv2D)                         \
  X(DepthwiseConv2D)                \
  X(FullyConnected)                 \
  X(AveragePool2D)                  \
  X(MaxPool2D)                      \
  X(Add)                            \
  X(ReduceMean)

template <typename Params>
inline constexpr bool kHasOperator = false;
#define QUAVER_X(op) \
  template <>        \
  inline constexpr bool kHasOperator<op##Params> = true;
QUAVER_XNNPACK_OPERATORS(QUAVER_X)
#undef QUAVER_X

/// Makes the library ready, with our allocator. False where it does not support this CPU.
/// Thread-safe; to be called before the other functions.
bool Initialize();

/// The name and the function of the calls.
template <typename Params>
const Kernel<OperatorParams>& OperatorKernel();

/// Whether XNNPACK can compute an operator of these sizes and parameters. Tensors are not looked
/// at.
template <typename Params>
bool TakesOperator(const Params& params);

/// Bytes that creating needs besides, and that are free again afterwards; a multiple of 64.
template <typename Params>
std::size_t TemporaryBytes(const Params& params);

/// Bytes that the operator takes, a multiple of 64; 0 where XNNPACK fails or there is no heap.
/// Precondition: TakesOperator, as for the next one.
template <typename Params>
std::size_t OperatorBytes(const Params& params);

/// Creates the operator, which reads and writes the tensors of `params`, in the first OperatorBytes
/// of `bytes` at `memory`, and returns their number; 0 where XNNPACK fails. `memory` and
/// `temporary` are aligned to 64. The operator may read up to 16 bytes (XNN_EXTRA_BYTES) behind
/// each input.
template <typename Params>
std::size_t CreateOperator(const Params& params, std::uint8_t* memory, std::size_t bytes,
                           void* temporary, OperatorParams* result);

}  // namespace quaver::kernels::xnnpack

#endif  // QUAVER_KERNELS_XNNPACK_XNNPACK_H_
