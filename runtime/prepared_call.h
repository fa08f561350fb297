// What a session runs: a list of calls in the arena, each a kernel with everything that it needs.
#ifndef QUAVER_RUNTIME_PREPARED_CALL_H_
#define QUAVER_RUNTIME_PREPARED_CALL_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/params.h"
#include "kernels/registry.h"
#include "runtime/limits.h"

namespace quaver {

struct PreparedCall;

/// What differs between calls of different Params.
struct CallType {
  void (*run)(const PreparedCall& call, const kernels::Work& work);
  const char* (*kernel_name)(const PreparedCall& call);
  /// As run, but writes where `output` says that the whole output would begin; null for operators
  /// that make no parts.
  void (*run_into)(const PreparedCall& call, const kernels::Work& work, std::int8_t* output);
};

/// Whether the operator can make its output in parts: runs of bytes, in the order of its units.
template <typename Params>
inline constexpr bool kMakesTiles = std::is_base_of_v<kernels::ConvolutionParams, Params>;

/// One kernel call. An operator is one call, or a few (a strided copy: one a piece).
struct PreparedCall {
  const CallType* type;
  const PreparedCall* next;
  std::int32_t units;  ///< Of work, so that threads can share it.
  std::uint16_t operator_index;
  std::uint8_t tiles_per_thread;  ///< 0: one thread runs it all.
  std::uint8_t grain_log2;        ///< Tiles begin at multiples of this power of two, in units.
};
static_assert(kMaxOperators <= UINT16_MAX, "operator_index");

template <typename Params>
struct CallRecord : PreparedCall {
  const kernels::Kernel<Params>* kernel;
  Params params;

  static void Run(const PreparedCall& call, const kernels::Work& work) {
    const auto& record = static_cast<const CallRecord&>(call);
    record.kernel->run(record.params, work);
  }
  static const char* KernelName(const PreparedCall& call) {
    return static_cast<const CallRecord&>(call).kernel->name;
  }
  // NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes through it.
  static void RunInto(const PreparedCall& call, const kernels::Work& work, std::int8_t* output) {
    const auto& record = static_cast<const CallRecord&>(call);
    Params params = record.params;
    params.output = output;
    record.kernel->run(params, work);
  }
  static constexpr CallType MakeType() {
    if constexpr (kMakesTiles<Params>) return {&Run, &KernelName, &RunInto};
    return {&Run, &KernelName, nullptr};
  }
  static constexpr CallType kType = MakeType();
};

}  // namespace quaver

#endif  // QUAVER_RUNTIME_PREPARED_CALL_H_
