#include "kernels/generic/strided_copy.h"

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/compat.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

struct TransposerNeon {
  static void Transpose8x8(const std::uint8_t* source, std::ptrdiff_t source_stride,
                           std::uint8_t* target, std::ptrdiff_t target_stride) {
    // Each step doubles the source rows whose bytes lie together.
    const auto load = [=](int j) {
      return Interleave(vld1_u8(source + j * source_stride),
                        vld1_u8(source + (j + 1) * source_stride));
    };
    const uint16x8x2_t rows0123 =
        vzipq_u16(vreinterpretq_u16_u8(load(0)), vreinterpretq_u16_u8(load(2)));
    const uint16x8x2_t rows4567 =
        vzipq_u16(vreinterpretq_u16_u8(load(4)), vreinterpretq_u16_u8(load(6)));
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      const uint32x4x2_t rows = vzipq_u32(vreinterpretq_u32_u16(rows0123.val[half]),
                                          vreinterpretq_u32_u16(rows4567.val[half]));
#pragma GCC unroll 2
      for (int i = 0; i < 2; ++i) {
        const uint8x16_t two = vreinterpretq_u8_u32(rows.val[i]);
        vst1_u8(target, vget_low_u8(two));
        vst1_u8(target + target_stride, vget_high_u8(two));
        target += 2 * target_stride;
      }
    }
  }
};

}  // namespace

void StridedCopyNeon(const StridedCopyParams& params, const Work& work) {
  RunStridedCopy<TransposerNeon>(params, work);
}

}  // namespace quaver::kernels
