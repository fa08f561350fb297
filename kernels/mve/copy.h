// Runs of bytes of any length, copied and filled; for Helium.
#ifndef QUAVER_KERNELS_MVE_COPY_H_
#define QUAVER_KERNELS_MVE_COPY_H_

#include <arm_mve.h>

#include <cstdint>

namespace quaver::kernels {
namespace {

/// Copies `count` bytes, at least one; returns the end of the copy.
inline std::int8_t* CopySome(const std::int8_t* source, std::int32_t count, std::int8_t* target) {
  std::int8_t* write = target;
  asm volatile(
      "dlstp.8 lr, %[count]\n"
      "1:\n\t"
      "vldrb.8 q0, [%[source]], #16\n\t"
      "vstrb.8 q0, [%[write]], #16\n\t"
      "letp lr, 1b\n"
      : [source] "+r"(source), [write] "+r"(write)
      : [count] "r"(count)
      : "q0", "lr", "memory");
  return target + count;
}

/// Sets `count` bytes, at least one; returns their end.
inline std::int8_t* FillSome(std::int32_t value, std::int32_t count, std::int8_t* target) {
  std::int8_t* write = target;
  asm volatile(
      "dlstp.8 lr, %[count]\n"
      "1:\n\t"
      "vstrb.8 %q[values], [%[write]], #16\n\t"
      "letp lr, 1b\n"
      : [write] "+r"(write)
      : [count] "r"(count), [values] "w"(vdupq_n_s8(static_cast<std::int8_t>(value)))
      : "lr", "memory");
  return target + count;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_MVE_COPY_H_
