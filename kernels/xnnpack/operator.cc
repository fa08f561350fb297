#include "kernels/xnnpack/operator.h"

#include <new>

namespace quaver::kernels::xnnpack {
namespace {

/// Cannot fail for an operator that has been set up: it neither allocates nor checks anything.
void RunOperator(const OperatorParams& params, const Work& /*work*/) {
  static_cast<void>(xnn_run_operator(static_cast<xnn_operator_t>(params.handle), nullptr));
}

}  // namespace

template <typename Params>
std::size_t OperatorBytes(const Params& params) {
  const std::size_t temporary_bytes = TemporaryBytes(params);
  Memory heap;
  void* temporary = heap.Allocate(temporary_bytes);
  if (temporary == nullptr || Build(params, temporary) == nullptr) return 0;
  return heap.used_bytes() - RoundToBlock(temporary_bytes);
}

template <typename Params>
std::size_t CreateOperator(const Params& params, std::uint8_t* memory, std::size_t bytes,
                           void* temporary, OperatorParams* result) {
  const Memory block(memory, bytes);
  result->handle = Build(params, temporary);
  return result->handle == nullptr ? 0 : block.used_bytes();
}

#define QUAVER_X(op)                                                                        \
  template <>                                                                               \
  const Kernel<OperatorParams>& OperatorKernel<op##Params>() {                              \
    static constexpr Kernel<OperatorParams> kKernel = {                                     \
        #op "Xnnpack", Isa::kScalar, &RunOperator, {}, nullptr, nullptr};                   \
    return kKernel;                                                                         \
  }                                                                                         \
  template std::size_t OperatorBytes(const op##Params&);                                    \
  template std::size_t CreateOperator(const op##Params&, std::uint8_t*, std::size_t, void*, \
                                      OperatorParams*);
QUAVER_XNNPACK_OPERATORS(QUAVER_X)
#undef QUAVER_X

}  // namespace quaver::kernels::xnnpack
