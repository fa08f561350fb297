// What the operators' files share: our parameters in XNNPACK's terms, and what differs between the
// versions of its API.
//
// Versions. Creating: newer ones take pointers to one or two caches before the result. Setting up:
// at first one function with sizes and pointers; since the middle of 2023 `reshape` takes the sizes
// and `setup` the pointers. The build looks for the functions in the header (CMakeLists.txt), and
// the templates below take the arguments that the functions have.
#ifndef QUAVER_KERNELS_XNNPACK_OPERATOR_H_
#define QUAVER_KERNELS_XNNPACK_OPERATOR_H_

#include <xnnpack.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/xnnpack/memory.h"
#include "kernels/xnnpack/xnnpack.h"

namespace quaver::kernels::xnnpack {

/// Creates and sets up an operator in Memory::Current(), with TemporaryBytes at `temporary`; null
/// where XNNPACK fails. Specialized in the operators' files.
template <typename Params>
xnn_operator_t Build(const Params& params, void* temporary);

#define QUAVER_X(op)                                    \
  template <>                                           \
  bool TakesOperator(const op##Params& params);         \
  template <>                                           \
  std::size_t TemporaryBytes(const op##Params& params); \
  template <>                                           \
  xnn_operator_t Build(const op##Params& params, void* temporary);
QUAVER_XNNPACK_OPERATORS(QUAVER_X)
#undef QUAVER_X

/// The factor of a fixed-point multiplier, m * 2^(shift - 31), rounded to 24 bits.
inline float ScaleOf(std::int32_t multiplier, std::int32_t shift) {
  return std::ldexp(static_cast<float>(multiplier), shift - 31);
}

inline bool TakesClamp(std::int32_t clamp_min, std::int32_t clamp_max) {
  return clamp_min < clamp_max;
}

/// Rows or columns of padding behind the input. What the runtime has verified is
///   output = floor((input + before + after - extent) / stride) + 1
/// for some `after`; the least one that gives the same output.
inline std::uint32_t PaddingAfter(std::int32_t output, std::int32_t stride, std::int32_t extent,
                                  std::int32_t input, std::int32_t before) {
  const std::int32_t after = (output - 1) * stride + extent - input - before;
  return after > 0 ? static_cast<std::uint32_t>(after) : 0;
}

/// Calls a create function, with null for each cache that it takes before the result.
template <typename Function, typename... Arguments>
xnn_status Create(Function* create, xnn_operator_t* result, Arguments... arguments) {
  using Null = std::nullptr_t;
  if constexpr (std::is_invocable_v<Function*, Arguments..., xnn_operator_t*>) {
    return create(arguments..., result);
  } else if constexpr (std::is_invocable_v<Function*, Arguments..., Null, xnn_operator_t*>) {
    return create(arguments..., nullptr, result);
  } else {
    return create(arguments..., nullptr, nullptr, result);
  }
}

/// A workspace of a size that reshape gave.
inline bool AllocateWorkspace(std::size_t bytes, void** workspace) {
  *workspace = bytes == 0 ? nullptr : Memory::Current()->Allocate(bytes);
  return bytes == 0 || *workspace != nullptr;
}

}  // namespace quaver::kernels::xnnpack

#endif  // QUAVER_KERNELS_XNNPACK_OPERATOR_H_
