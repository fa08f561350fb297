// Dot products of int8 for Helium: VMLADAVA adds sixteen products into a general register, modulo
// 2^32 (docs/arithmetic.md: the bias may need it). The loops are tail-predicated: nothing beyond
// `depth` is read. In assembly, since GCC 12 makes no such loops of intrinsics.
#ifndef QUAVER_KERNELS_MVE_DOT_H_
#define QUAVER_KERNELS_MVE_DOT_H_

#include <cstddef>
#include <cstdint>

namespace quaver::kernels {
namespace {

/// Channels whose sums are kept before they are requantized, a multiple of 4.
inline constexpr std::int32_t kDotBlock = 64;

/// sums[2 * channel + i] = xi . weights[channel] for two pixels and `channels` channels, an even
/// number >= 2, whose weights are `depth` apart. 9 instructions do 64 multiplications, 15 are
/// around them. (Two pixels by three channels would be 12 for 96, but takes more registers than
/// there are: what is around the loop then costs as much more.)
[[gnu::noinline]] inline void DotsOfTwo(const std::int8_t* x0, const std::int8_t* x1,
                                        const std::int8_t* weights, std::int32_t depth,
                                        std::int32_t channels, std::int32_t* sums) {
  // Vector loads leave addresses at the next multiple of 16 bytes.
  const std::int32_t run = (depth + 15) & ~15;
  const std::int32_t steps[2] = {run, 2 * depth - run};
  const std::int32_t* const end = sums + 2 * channels;
  const std::int8_t* w0 = weights;
  const std::int8_t* w1 = weights + depth;
  std::int32_t s00, s01, s10, s11;
  asm volatile(
      "1:\n\t"
      "mov %[s00], #0\n\t"
      "mov %[s01], #0\n\t"
      "mov %[s10], #0\n\t"
      "mov %[s11], #0\n\t"
      "dlstp.8 lr, %[depth]\n"
      "2:\n\t"
      "vldrb.8 q0, [%[x0]], #16\n\t"
      "vldrb.8 q2, [%[w0]], #16\n\t"
      "vmladava.s8 %[s00], q0, q2\n\t"
      "vldrb.8 q1, [%[x1]], #16\n\t"
      "vmladava.s8 %[s10], q1, q2\n\t"
      "vldrb.8 q3, [%[w1]], #16\n\t"
      "vmladava.s8 %[s01], q0, q3\n\t"
      "vmladava.s8 %[s11], q1, q3\n\t"
      "letp lr, 2b\n\t"
      "strd %[s00], %[s10], [%[sums]], #16\n\t"
      "strd %[s01], %[s11], [%[sums], #-8]\n\t"
      "ldrd %[s00], %[s01], %[steps]\n\t"
      "sub %[x0], %[x0], %[s00]\n\t"
      "sub %[x1], %[x1], %[s00]\n\t"
      "add %[w0], %[w0], %[s01]\n\t"
      "add %[w1], %[w1], %[s01]\n\t"
      "cmp %[sums], %[end]\n\t"
      "bne 1b\n"
      : [s00] "=&Te"(s00), [s01] "=&Te"(s01), [s10] "=&Te"(s10), [s11] "=&Te"(s11), [x0] "+r"(x0),
        [x1] "+r"(x1), [w0] "+r"(w0), [w1] "+r"(w1), [sums] "+r"(sums)
      : [depth] "r"(depth), [end] "r"(end), [steps] "m"(steps[0]), "m"(steps[1])
      : "q0", "q1", "q2", "q3", "lr", "cc", "memory");
}

/// Two pixels, one channel.
inline void Dot2x1(const std::int8_t* x0, const std::int8_t* x1, const std::int8_t* weights,
                   std::int32_t depth, std::int32_t* sums) {
  std::int32_t s0 = 0, s1 = 0;
  asm volatile(
      "dlstp.8 lr, %[depth]\n"
      "1:\n\t"
      "vldrb.8 q0, [%[x0]], #16\n\t"
      "vldrb.8 q2, [%[weights]], #16\n\t"
      "vmladava.s8 %[s0], q0, q2\n\t"
      "vldrb.8 q1, [%[x1]], #16\n\t"
      "vmladava.s8 %[s1], q1, q2\n\t"
      "letp lr, 1b\n"
      : [s0] "+Te"(s0), [s1] "+Te"(s1), [x0] "+r"(x0), [x1] "+r"(x1), [weights] "+r"(weights)
      : [depth] "r"(depth)
      : "q0", "q1", "q2", "lr", "memory");
  sums[0] = s0, sums[1] = s1;
}

/// One pixel, four channels.
inline void Dot1x4(const std::int8_t* x, const std::int8_t* weights, std::int32_t depth,
                   const std::int32_t* bias, std::int32_t* sums) {
  const std::int8_t* w0 = weights;
  const std::int8_t* w1 = w0 + depth;
  const std::int8_t* w2 = w1 + depth;
  const std::int8_t* w3 = w2 + depth;
  std::int32_t s0 = bias[0], s1 = bias[1], s2 = bias[2], s3 = bias[3];
  asm volatile(
      "dlstp.8 lr, %[depth]\n"
      "1:\n\t"
      "vldrb.8 q0, [%[x]], #16\n\t"
      "vldrb.8 q1, [%[w0]], #16\n\t"
      "vmladava.s8 %[s0], q0, q1\n\t"
      "vldrb.8 q2, [%[w1]], #16\n\t"
      "vmladava.s8 %[s1], q0, q2\n\t"
      "vldrb.8 q1, [%[w2]], #16\n\t"
      "vmladava.s8 %[s2], q0, q1\n\t"
      "vldrb.8 q2, [%[w3]], #16\n\t"
      "vmladava.s8 %[s3], q0, q2\n\t"
      "letp lr, 1b\n"
      : [s0] "+Te"(s0), [s1] "+Te"(s1), [s2] "+Te"(s2), [s3] "+Te"(s3), [x] "+r"(x), [w0] "+r"(w0),
        [w1] "+r"(w1), [w2] "+r"(w2), [w3] "+r"(w3)
      : [depth] "r"(depth)
      : "q0", "q1", "q2", "lr", "memory");
  sums[0] = s0, sums[1] = s1, sums[2] = s2, sums[3] = s3;
}

/// One pixel, one channel.
inline void Dot1x1(const std::int8_t* x, const std::int8_t* weights, std::int32_t depth,
                   const std::int32_t* bias, std::int32_t* sums) {
  std::int32_t sum = bias[0];
  asm volatile(
      "dlstp.8 lr, %[depth]\n"
      "1:\n\t"
      "vldrb.8 q0, [%[x]], #16\n\t"
      "vldrb.8 q1, [%[weights]], #16\n\t"
      "vmladava.s8 %[sum], q0, q1\n\t"
      "letp lr, 1b\n"
      : [sum] "+Te"(sum), [x] "+r"(x), [weights] "+r"(weights)
      : [depth] "r"(depth)
      : "q0", "q1", "lr", "memory");
  sums[0] = sum;
}

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_MVE_DOT_H_
