// Loads and stores of several registers at once that move their pointer on: one instruction each,
// which compilers do not make of separate ones. The loads of consecutive registers name them,
// because the instruction does.
#ifndef QUAVER_KERNELS_ARM_MEMORY_H_
#define QUAVER_KERNELS_ARM_MEMORY_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace quaver::kernels {
namespace {

/// An operand that tells the compiler which bytes an assembly statement reads.
template <int kBytes>
[[gnu::always_inline]] inline const std::int8_t (&BytesAt(const std::int8_t* p))[kBytes] {
  return *reinterpret_cast<const std::int8_t(*)[kBytes]>(p);
}

/// The same pointer, of which the compiler does not know that: it would copy registers instead of
/// loading twice two of them.
template <typename T>
const T* Hidden(const T* p) {
  asm("" : "+r"(p));
  return p;
}

/// All that has been written so far is in memory, where LoadAndMove may read it.
inline void Written() { asm volatile("" ::: "memory"); }

#ifdef __aarch64__

/// 32 bytes; then the pointer is moved on by kStep.
template <int kStep>
[[gnu::always_inline]] inline void LoadTwo(const std::int8_t*& p, int8x16_t& a, int8x16_t& b) {
  asm("ldp %q0, %q1, [%2], %3" : "=w"(a), "=w"(b), "+r"(p) : "i"(kStep), "m"(BytesAt<32>(p)));
}

/// 32 bytes from an offset on, in bytes.
template <int kOffset, typename T>
[[gnu::always_inline]] inline void LoadTwoAt(const T* p, int32x4_t& a, int32x4_t& b) {
  asm("ldp %q0, %q1, [%2, %3]"
      : "=w"(a), "=w"(b)
      : "r"(p), "i"(kOffset), "m"(*reinterpret_cast<const std::uint8_t(*)[kOffset + 32]>(p)));
}

/// 64 bytes.
[[gnu::always_inline]] inline void LoadFour(const std::int8_t*& p, int8x16_t (&v)[4]) {
  register int8x16_t a asm("v0");
  register int8x16_t b asm("v1");
  register int8x16_t c asm("v2");
  register int8x16_t d asm("v3");
  asm("ld1 {v0.16b-v3.16b}, [%4], #64"
      : "=w"(a), "=w"(b), "=w"(c), "=w"(d), "+r"(p)
      : "m"(BytesAt<64>(p)));
  v[0] = a, v[1] = b, v[2] = c, v[3] = d;
}

/// Another 64 bytes, while those of LoadFour are in use.
[[gnu::always_inline]] inline void LoadFourMore(const std::int8_t*& p, int8x16_t (&v)[4]) {
  register int8x16_t a asm("v4");
  register int8x16_t b asm("v5");
  register int8x16_t c asm("v6");
  register int8x16_t d asm("v7");
  asm("ld1 {v4.16b-v7.16b}, [%4], #64"
      : "=w"(a), "=w"(b), "=w"(c), "=w"(d), "+r"(p)
      : "m"(BytesAt<64>(p)));
  v[0] = a, v[1] = b, v[2] = c, v[3] = d;
}

/// The same two, with sums that stay where they are: where registers are plenty the compiler would
/// keep sums in those that the loads name, and move them out of the way each time.
[[gnu::always_inline]] inline void LoadFour(const std::int8_t*& p, int8x16_t (&v)[4],
                                            int32x4_t (&sums)[4]) {
  register int8x16_t a asm("v0");
  register int8x16_t b asm("v1");
  register int8x16_t c asm("v2");
  register int8x16_t d asm("v3");
  asm("ld1 {v0.16b-v3.16b}, [%4], #64"
      : "=w"(a), "=w"(b), "=w"(c), "=w"(d), "+r"(p), "+w"(sums[0]), "+w"(sums[1]), "+w"(sums[2]),
        "+w"(sums[3])
      : "m"(BytesAt<64>(p)));
  v[0] = a, v[1] = b, v[2] = c, v[3] = d;
}
[[gnu::always_inline]] inline void LoadFourMore(const std::int8_t*& p, int8x16_t (&v)[4],
                                                int32x4_t (&sums)[4]) {
  register int8x16_t a asm("v4");
  register int8x16_t b asm("v5");
  register int8x16_t c asm("v6");
  register int8x16_t d asm("v7");
  asm("ld1 {v4.16b-v7.16b}, [%4], #64"
      : "=w"(a), "=w"(b), "=w"(c), "=w"(d), "+r"(p), "+w"(sums[0]), "+w"(sums[1]), "+w"(sums[2]),
        "+w"(sums[3])
      : "m"(BytesAt<64>(p)));
  v[0] = a, v[1] = b, v[2] = c, v[3] = d;
}

/// Blocks of 64 bytes.
inline void Copy64Bytes(const std::int8_t* source, std::int8_t* target, std::ptrdiff_t blocks) {
  for (; blocks > 0; --blocks) {
    asm volatile(
        "ld1 {v0.16b-v3.16b}, [%0], #64\n"
        "st1 {v0.16b-v3.16b}, [%1], #64\n"
        : "+r"(source), "+r"(target)
        :
        : "v0", "v1", "v2", "v3", "memory");
  }
}

/// Four pairs of bytes, each pair in all lanes of a register.
[[gnu::always_inline]] inline void SpreadFourPairs(const std::int8_t*& p, int8x16_t (&v)[4]) {
  register int8x16_t a asm("v16");
  register int8x16_t b asm("v17");
  register int8x16_t c asm("v18");
  register int8x16_t d asm("v19");
  asm("ld4r {v16.8h-v19.8h}, [%4], #8"
      : "=w"(a), "=w"(b), "=w"(c), "=w"(d), "+r"(p)
      : "m"(BytesAt<8>(p)));
  v[0] = a, v[1] = b, v[2] = c, v[3] = d;
}

/// Two pairs.
[[gnu::always_inline]] inline void SpreadTwoPairs(const std::int8_t* p, int8x16_t (&v)[2]) {
  const int16x8x2_t pairs = vld2q_dup_s16(reinterpret_cast<const std::int16_t*>(p));
  v[0] = vreinterpretq_s8_s16(pairs.val[0]);
  v[1] = vreinterpretq_s8_s16(pairs.val[1]);
}

/// Where an image is read from, as a number: as a pointer that assembly moves on it might, for all
/// that the compiler knows, point to anything, and it would keep no array in registers. So nothing
/// says which bytes are read: those of a call's input, which nobody writes meanwhile.
using Address = std::uintptr_t;

/// 16 bytes, 8, or 8 and zeros, after which the address is moved on by `step`.
[[gnu::always_inline]] inline int8x16_t LoadAndMove(Address& p, std::ptrdiff_t step) {
  int8x16_t v;
  asm("ld1 {%0.16b}, [%1], %2" : "=w"(v), "+r"(p) : "r"(step));
  return v;
}
[[gnu::always_inline]] inline int8x8_t LoadEightAndMove(Address& p, std::ptrdiff_t step) {
  int8x8_t v;
  asm("ld1 {%0.8b}, [%1], %2" : "=w"(v), "+r"(p) : "r"(step));
  return v;
}
[[gnu::always_inline]] inline int8x16_t LoadHalfAndMove(Address& p, std::ptrdiff_t step) {
  int8x16_t v;
  asm("ld1 {%0.8b}, [%1], %2" : "=w"(v), "+r"(p) : "r"(step));
  return v;
}

/// 32 bytes, after which the pointer is moved on behind them.
[[gnu::always_inline]] inline void StoreTwoAndMove(std::int8_t*& p, int8x16_t a, int8x16_t b) {
  asm("stp %q2, %q3, [%0], #32"
      : "+r"(p), "=m"(*reinterpret_cast<std::int8_t(*)[32]>(p))
      : "w"(a), "w"(b));
}

/// 32 bytes, after which the address is moved on behind them.
[[gnu::always_inline]] inline void LoadTwoAndMove(Address& p, int8x16_t& a, int8x16_t& b) {
  asm("ldp %q0, %q1, [%2], #32" : "=w"(a), "=w"(b), "+r"(p));
}

/// Stores, after which the pointer is moved on by `step`.
[[gnu::always_inline]] inline void StoreAndMove(std::int8_t*& p, std::ptrdiff_t step, int8x16_t v) {
  asm("st1 {%2.16b}, [%0], %3"
      : "+r"(p), "=m"(*reinterpret_cast<std::int8_t(*)[16]>(p))
      : "w"(v), "r"(step));
}
template <int kHalf>
[[gnu::always_inline]] inline void StoreHalfAndMove(std::int8_t*& p, std::ptrdiff_t step,
                                                    int8x16_t v) {
  asm("st1 {%2.d}[%4], [%0], %3"
      : "+r"(p), "=m"(*reinterpret_cast<std::int8_t(*)[8]>(p))
      : "w"(v), "r"(step), "i"(kHalf));
}

#else

template <int kStep>
inline void LoadTwo(const std::int8_t*& p, int8x16_t& a, int8x16_t& b) {
  a = vld1q_s8(p);
  b = vld1q_s8(p + 16);
  p += kStep;
}

inline void LoadFour(const std::int8_t*& p, int8x16_t (&v)[4]) {
  LoadTwo<32>(p, v[0], v[1]);
  LoadTwo<32>(p, v[2], v[3]);
}
inline void LoadFourMore(const std::int8_t*& p, int8x16_t (&v)[4]) { LoadFour(p, v); }

inline void Copy64Bytes(const std::int8_t* source, std::int8_t* target, std::ptrdiff_t blocks) {
  for (std::ptrdiff_t i = 0; i < 64 * blocks; i += 16) vst1q_s8(target + i, vld1q_s8(source + i));
}

inline void SpreadFourPairs(const std::int8_t*& p, int8x8_t (&v)[4]) {
  const int16x4x4_t pairs = vld4_dup_s16(reinterpret_cast<const std::int16_t*>(p));
  for (int i = 0; i < 4; ++i) v[i] = vreinterpret_s8_s16(pairs.val[i]);
  p += 8;
}
inline void SpreadTwoPairs(const std::int8_t* p, int8x8_t (&v)[2]) {
  const int16x4x2_t pairs = vld2_dup_s16(reinterpret_cast<const std::int16_t*>(p));
  for (int i = 0; i < 2; ++i) v[i] = vreinterpret_s8_s16(pairs.val[i]);
}

template <int kOffset, typename T>
void LoadTwoAt(const T* p, int32x4_t& a, int32x4_t& b) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(p) + kOffset;
  a = vreinterpretq_s32_u8(vld1q_u8(bytes));
  b = vreinterpretq_s32_u8(vld1q_u8(bytes + 16));
}

using Address = std::uintptr_t;

inline int8x16_t LoadAndMove(Address& p, std::ptrdiff_t step) {
  const int8x16_t v = vld1q_s8(reinterpret_cast<const std::int8_t*>(p));
  p += static_cast<Address>(step);
  return v;
}
inline int8x8_t LoadEightAndMove(Address& p, std::ptrdiff_t step) {
  const int8x8_t v = vld1_s8(reinterpret_cast<const std::int8_t*>(p));
  p += static_cast<Address>(step);
  return v;
}

inline void LoadTwoAndMove(Address& p, int8x16_t& a, int8x16_t& b) {
  a = LoadAndMove(p, 16);
  b = LoadAndMove(p, 16);
}

inline void StoreTwoAndMove(std::int8_t*& p, int8x16_t a, int8x16_t b) {
  vst1q_s8(p, a);
  vst1q_s8(p + 16, b);
  p += 32;
}

inline void StoreAndMove(std::int8_t*& p, std::ptrdiff_t step, int8x16_t v) {
  vst1q_s8(p, v);
  p += step;
}
template <int kHalf>
inline void StoreHalfAndMove(std::int8_t*& p, std::ptrdiff_t step, int8x16_t v) {
  vst1_s8(p, kHalf == 0 ? vget_low_s8(v) : vget_high_s8(v));
  p += step;
}

#endif

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_MEMORY_H_
