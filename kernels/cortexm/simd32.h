// The DSP extension's instructions on pairs of 16-bit values in a 32-bit register, "SIMD32" in the
// Arm C Language Extensions: all Cortex-M with __ARM_FEATURE_DSP, and every ARMv6 and later A core.
// Included only by files of kernels/cortexm; everything has internal linkage.
#ifndef QUAVER_KERNELS_CORTEXM_SIMD32_H_
#define QUAVER_KERNELS_CORTEXM_SIMD32_H_

#include <arm_acle.h>

#include <cstdint>
#include <cstring>

namespace quaver::kernels {
namespace {

/// Four int8, the first in the lowest byte.
using Bytes = std::uint32_t;
/// Two int16, the first in the lower half.
using Pair = std::int32_t;

inline Bytes LoadBytes(const std::int8_t* source) {
  Bytes bytes;
  std::memcpy(&bytes, source, sizeof bytes);
  return bytes;
}

/// The first `count` (0 to 3) of four bytes, zeros behind them; reads no more.
inline Bytes LoadFewBytes(const std::int8_t* source, std::int32_t count) {
  Bytes bytes = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    bytes |= Bytes{static_cast<std::uint8_t>(source[i])} << (8 * i);
  }
  return bytes;
}

/// (byte 0, byte 2)
inline Pair EvenBytes(Bytes bytes) { return __sxtb16(static_cast<Pair>(bytes)); }

/// (byte 1, byte 3). No intrinsic has the instruction's rotation.
inline Pair OddBytes(Bytes bytes) {
  Pair pair;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(bytes));
  return pair;
}

/// (a[0], b[0]). Compilers do not find the instruction.
inline Pair PackLow(Pair a, Pair b) {
  Pair pair;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(a), "r"(b));
  return pair;
}

/// (a[1], b[1])
inline Pair PackHigh(Pair a, Pair b) {
  Pair pair;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair) : "r"(b), "r"(a));
  return pair;
}

/// sum + a[0] * b[0] + a[1] * b[1], modulo 2^32.
inline std::int32_t MultiplyAdd(Pair a, Pair b, std::int32_t sum) { return __smlad(a, b, sum); }

/// sum + a * b, modulo 2^32, of two int8.
inline std::int32_t MultiplyAddOne(std::int8_t a, std::int8_t b, std::int32_t sum) {
  return __smlabb(a, b, sum);
}

/// sum + a[0] * b[1]
inline std::int32_t MultiplyAddLowHigh(Pair a, Pair b, std::int32_t sum) {
  return __smlabt(a, b, sum);
}

/// sum + a[1] * b[0]
inline std::int32_t MultiplyAddHighLow(Pair a, Pair b, std::int32_t sum) {
  return __smlatb(a, b, sum);
}

/// A loop in assembler: `four` for each four of %[left], which is a multiple of 4. Unrolled where
/// size is not all that counts.
#ifdef __OPTIMIZE_SIZE__
#define QUAVER_BY_FOURS(four) \
  "subs %[left], #4\n\t"      \
  "bmi 2f\n\t"                \
  "1:\n\t" four               \
  "subs %[left], #4\n\t"      \
  "bpl 1b\n\t"                \
  "2:"
#else
#define QUAVER_BY_FOURS(four)  \
  "subs %[left], #16\n\t"      \
  "bmi 2f\n\t"                 \
  "1:\n\t" four four four four \
  "subs %[left], #16\n\t"      \
  "bpl 1b\n\t"                 \
  "2:\n\t"                     \
  "adds %[left], #12\n\t"      \
  "bmi 4f\n\t"                 \
  "3:\n\t" four                \
  "subs %[left], #4\n\t"       \
  "bpl 3b\n\t"                 \
  "4:"
#endif

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_SIMD32_H_
