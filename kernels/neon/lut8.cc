#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/byte_table.h"
#include "kernels/inventory.h"

namespace quaver::kernels {

#ifdef __aarch64__

namespace {

// Whether the table adds one number to every byte, modulo 256: from uint8 to int8 and back, say.
bool IsSum(const std::uint8_t* table, std::uint8_t* addend) {
  const uint8x16_t first = vdupq_n_u8(table[0]);
  const std::uint8_t kSteps[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  uint8x16_t sum = vaddq_u8(first, vld1q_u8(kSteps));
  uint8x16_t equal = vdupq_n_u8(255);
  for (int i = 0; i < 256; i += 16) {
    equal = vandq_u8(equal, vceqq_u8(vld1q_u8(table + i), sum));
    sum = vaddq_u8(sum, vdupq_n_u8(16));
  }
  *addend = table[0];
  return vminvq_u8(equal) == 255;
}

// target[i] = f(source[i]), f of kVectors * 16 bytes.
template <int kVectors, typename F>
std::ptrdiff_t Apply(const std::uint8_t* source, std::uint8_t* target, std::ptrdiff_t count, F f) {
  std::ptrdiff_t i = 0;
  for (; i + 16 * kVectors <= count; i += 16 * kVectors) {
    uint8x16_t v[kVectors];
#pragma GCC unroll 4
    for (int k = 0; k < kVectors; ++k) v[k] = vld1q_u8(source + i + 16 * k);
    f(v);
#pragma GCC unroll 4
    for (int k = 0; k < kVectors; ++k) vst1q_u8(target + i + 16 * k, v[k]);
  }
  return i;
}

template <typename F>
void ApplyToAll(const Lut8Params& p, const Work& work, F f) {
  const std::uint8_t* source = p.input + work.begin;
  std::uint8_t* target = p.output + work.begin;
  const std::ptrdiff_t count = work.end - work.begin;
  std::ptrdiff_t i = Apply<4>(source, target, count, f);
  i += Apply<1>(source + i, target + i, count - i, f);
  for (; i < count; ++i) target[i] = p.table[source[i]];
}

}  // namespace

void Lut8Neon(const Lut8Params& p, const Work& work) {
  constexpr std::int32_t kWorthwhile = 256;  // bytes; to look at the whole table takes 50
  std::uint8_t addend;
  if (work.end - work.begin >= kWorthwhile && IsSum(p.table, &addend)) {
    const uint8x16_t addends = vdupq_n_u8(addend);
    return ApplyToAll(
        p, work, [addends](auto& v) __attribute__((always_inline)) {
          for (uint8x16_t& bytes : v) bytes = vaddq_u8(bytes, addends);
        });
  }
  const ByteTable table(p.table);
  ApplyToAll(
      p, work, [&](auto& v) __attribute__((always_inline)) {
#pragma GCC unroll 4
        for (uint8x16_t& bytes : v) bytes = table[bytes];
      });
}

#else

// A table of 256 bytes would take all registers.
void Lut8Neon(const Lut8Params& p, const Work& work) { Lut8Scalar(p, work); }

#endif

}  // namespace quaver::kernels
