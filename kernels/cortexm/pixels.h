// Four rows of int8 inputs, widened to 16 bits and interleaved in scratch, and their dot products
// with a row of weights: 13 instructions for 16 products.
// Included only by files of kernels/cortexm; everything has internal linkage.
#ifndef QUAVER_KERNELS_CORTEXM_PIXELS_H_
#define QUAVER_KERNELS_CORTEXM_PIXELS_H_

#include <cstdint>

#include "kernels/cortexm/simd32.h"
#include "kernels/scratch.h"

namespace quaver::kernels {
namespace {

/// Writes the inputs of one pixel: for each four of them, the even bytes to target[0] and the odd
/// ones to target[kWidePixels]. The last group is filled up with zeros.
inline void WidenPixel(const std::int8_t* inputs, std::int32_t depth, Pair* target) {
  for (; depth >= 4; depth -= 4) {
    const Bytes bytes = LoadBytes(inputs);
    inputs += 4;
    target[0] = EvenBytes(bytes);
    target[kWidePixels] = OddBytes(bytes);
    target += 2 * kWidePixels;
  }
  if (depth > 0) {
    const Bytes bytes = LoadFewBytes(inputs, depth);
    target[0] = EvenBytes(bytes);
    target[kWidePixels] = OddBytes(bytes);
  }
}

/// The same for kWidePixels pixels that are `stride` bytes apart. Precondition: depth is a multiple
/// of 4.
inline void WidenPixels(const std::int8_t* inputs, std::int32_t stride, std::int32_t depth,
                        Pair* target) {
  for (const std::int8_t* const end = inputs + depth; inputs != end; inputs += 4) {
    const Bytes pixel0 = LoadBytes(inputs);
    const Bytes pixel1 = LoadBytes(inputs + stride);
    const Bytes pixel2 = LoadBytes(inputs + 2 * stride);
    const Bytes pixel3 = LoadBytes(inputs + 3 * stride);
    target[0] = EvenBytes(pixel0);
    target[1] = EvenBytes(pixel1);
    target[2] = EvenBytes(pixel2);
    target[3] = EvenBytes(pixel3);
    target[4] = OddBytes(pixel0);
    target[5] = OddBytes(pixel1);
    target[6] = OddBytes(pixel2);
    target[7] = OddBytes(pixel3);
    target += 2 * kWidePixels;
  }
}

/// Adds four products for each pixel. With intrinsics, compilers load the eight words one by one.
#define QUAVER_FOUR_INPUTS                  \
  "ldr %[odd], [%[weights]], #4\n\t"        \
  "ldmia %[pixels]!, {r2, r3, r4, r5}\n\t"  \
  "sxtb16 %[even], %[odd]\n\t"              \
  "sxtb16 %[odd], %[odd], ror #8\n\t"       \
  "smlad %[sum0], %[even], r2, %[sum0]\n\t" \
  "smlad %[sum1], %[even], r3, %[sum1]\n\t" \
  "smlad %[sum2], %[even], r4, %[sum2]\n\t" \
  "smlad %[sum3], %[even], r5, %[sum3]\n\t" \
  "ldmia %[pixels]!, {r2, r3, r4, r5}\n\t"  \
  "smlad %[sum0], %[odd], r2, %[sum0]\n\t"  \
  "smlad %[sum1], %[odd], r3, %[sum1]\n\t"  \
  "smlad %[sum2], %[odd], r4, %[sum2]\n\t"  \
  "smlad %[sum3], %[odd], r5, %[sum3]\n\t"

/// One output channel of four pixels.
struct PixelSums {
  std::int32_t sum[kWidePixels];
};

/// The dot product of each pixel with `weights`, and the bias. `depth`, the number of weights, is a
/// multiple of 4; returns the end of the weights.
inline const std::int8_t* DotPixels(const std::int8_t* weights, const Pair* pixels,
                                    std::int32_t depth, std::int32_t bias, PixelSums* sums) {
  std::int32_t sum0 = bias;
  std::int32_t sum1 = bias;
  std::int32_t sum2 = bias;
  std::int32_t sum3 = bias;
  std::int32_t left = depth;
  Pair even;
  Pair odd;
  __asm__(QUAVER_BY_FOURS(QUAVER_FOUR_INPUTS)
          : [sum0] "+r"(sum0), [sum1] "+r"(sum1), [sum2] "+r"(sum2), [sum3] "+r"(sum3),
            [weights] "+r"(weights), [pixels] "+r"(pixels), [left] "+r"(left), [even] "=&r"(even),
            [odd] "=&r"(odd)
          :
          : "r2", "r3", "r4", "r5", "cc", "memory");
  *sums = {{sum0, sum1, sum2, sum3}};
  return weights;
}

/// Adds the products of up to three inputs, filled up with zeros.
inline void AddFewInputs(const std::int8_t* weights, const Pair* pixels, std::int32_t count,
                         PixelSums* sums) {
  const Bytes bytes = LoadFewBytes(weights, count);
  for (int i = 0; i < kWidePixels; ++i) {
    sums->sum[i] = MultiplyAdd(EvenBytes(bytes), pixels[i], sums->sum[i]);
    sums->sum[i] = MultiplyAdd(OddBytes(bytes), pixels[kWidePixels + i], sums->sum[i]);
  }
}

#undef QUAVER_FOUR_INPUTS

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_CORTEXM_PIXELS_H_
