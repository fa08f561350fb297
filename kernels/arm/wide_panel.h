// Panels of sixteen channels: the sums that they begin with, and the output stage.
#ifndef QUAVER_KERNELS_ARM_WIDE_PANEL_H_
#define QUAVER_KERNELS_ARM_WIDE_PANEL_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/compat.h"
#include "kernels/arm/memory.h"
#include "kernels/arm/output_stage.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

inline constexpr std::int32_t kWidePanelChannels = 16;
/// Bytes of the bias, the multipliers and the shifts at the head of a panel, and of its weights for
/// four inputs.
inline constexpr std::ptrdiff_t kWideHeaderBytes = std::ptrdiff_t{3} * 4 * kWidePanelChannels;
inline constexpr std::ptrdiff_t kWideGroupBytes = std::ptrdiff_t{4} * kWidePanelChannels;

/// Sums of kRows pixels begin with the bias; vector v of a pixel are channels 4 v to 4 v + 3.
template <int kRows>
[[gnu::always_inline]] inline void LoadWideBias(const std::uint8_t* panel,
                                                int32x4_t (&acc)[kRows][4]) {
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    LoadTwoAt<0>(panel, acc[r][0], acc[r][1]);
    LoadTwoAt<32>(panel, acc[r][2], acc[r][3]);
    panel = Hidden(panel);
  }
}

class WideStage {
 public:
  explicit WideStage(const OutputStage& stage)
      : narrow_(stage),
        relu_(stage.zero_point == -128 && stage.clamp_min == -128 && stage.clamp_max == 127) {}

  /// The bytes of kRows pixels.
  template <int kRows>
  [[gnu::always_inline]] void Finish(const std::uint8_t* panel, int32x4_t (&acc)[kRows][4],
                                     int8x16_t (&bytes)[kRows]) const {
    int32x4_t shift[4];
    LoadTwoAt<kShifts>(panel, shift[0], shift[1]);
    LoadTwoAt<kShifts + 32>(panel, shift[2], shift[3]);
    const int32x4_t most = vmaxq_s32(vmaxq_s32(shift[0], shift[1]), vmaxq_s32(shift[2], shift[3]));
    if (__builtin_expect(AnyNotNegative(most), 0)) {
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) acc[r][v] = Requantizer::ShiftLeft(acc[r][v], shift[v]);
        shift[v] = vminq_s32(shift[v], vdupq_n_s32(-1));
      }
    }
    int32x4_t multiplier[4];
    LoadTwoAt<kMultipliers>(panel, multiplier[0], multiplier[1]);
    LoadTwoAt<kMultipliers + 32>(panel, multiplier[2], multiplier[3]);
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        acc[r][v] = vrshlq_s32(vqdmulhq_s32(acc[r][v], multiplier[v]), shift[v]);
      }
    }
    if (relu_) {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) bytes[r] = NarrowRelu(acc[r]);
    } else {
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        bytes[r] = narrow_(acc[r][0], acc[r][1], acc[r][2], acc[r][3]);
      }
    }
  }

 private:
  static constexpr int kMultipliers = 4 * kWidePanelChannels;
  static constexpr int kShifts = 8 * kWidePanelChannels;

  // With a zero point and a lower clamp of -128 a result below the zero point is that: negative
  // numbers saturate to 0 as they become unsigned, and what is above 255 to 255.
  [[nodiscard]] static int8x16_t NarrowRelu(const int32x4_t (&sums)[4]) {
    const uint8x16_t bytes =
        NarrowUnsigned(NarrowUnsigned(sums[0], sums[1]), NarrowUnsigned(sums[2], sums[3]));
    return vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)));
  }

  Narrower narrow_;
  bool relu_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_WIDE_PANEL_H_
