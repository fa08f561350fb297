// The output stage of depthwise convolutions on Arm: int32 sums of eight channels to bytes, exactly
// as kernels/requantize.h, in as few instructions as the layer allows (docs/arithmetic.md).
#ifndef QUAVER_KERNELS_ARM_DEPTHWISE_STAGE_H_
#define QUAVER_KERNELS_ARM_DEPTHWISE_STAGE_H_

#include <arm_neon.h>

#include <cstdint>

#include "kernels/arm/compat.h"
#include "kernels/arm/gemm_tile.h"
#include "kernels/arm/output_stage.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// Eight numbers of a panel's head.
inline int32x4x2_t LoadEight(const std::uint8_t* p) {
  const uint8x16x2_t bytes = Load32Bytes(p);
  return {{vreinterpretq_s32_u8(bytes.val[0]), vreinterpretq_s32_u8(bytes.val[1])}};
}

/// What all channels of some panels allow.
enum class StageKind {
  kShortRelu,  // kRelu, and shifts in [-10, -3]
  kRelu,       // zero point -128, clamps -128 and 127, no shift to the left
  kRight,      // no shift to the left
  kAny,
};

/// By which kShortRelu shifts as it narrows to 16 bits.
inline constexpr int kReluEarlyShift = 2;

inline bool IsFullRelu(const OutputStage& stage) {
  return stage.zero_point == -128 && stage.clamp_min == -128 && stage.clamp_max == 127;
}

/// Of `panels` panels of eight channels, one after the other.
inline StageKind KindOfStage(const OutputStage& stage, const std::uint8_t* panel,
                             std::ptrdiff_t panel_bytes, int panels) {
  int32x4_t most = vdupq_n_s32(-31);
  int32x4_t least = vdupq_n_s32(30);
  for (int i = 0; i < panels; ++i, panel += panel_bytes) {
    const int32x4_t low = LoadWords(panel + 2 * kHeaderBytes);
    const int32x4_t high = LoadWords(panel + 2 * kHeaderBytes + 16);
    most = vmaxq_s32(most, vmaxq_s32(low, high));
    least = vminq_s32(least, vminq_s32(low, high));
  }
  if (AnyNotNegative(most)) return StageKind::kAny;
  if (!IsFullRelu(stage)) return StageKind::kRight;
  const bool too_short = AnyNotNegative(vaddq_s32(most, vdupq_n_s32(kReluEarlyShift)));
  const bool too_long = AnyNotNegative(vsubq_s32(vdupq_n_s32(-kReluEarlyShift - 9), least));
  return too_short || too_long ? StageKind::kRelu : StageKind::kShortRelu;
}

/// The output stage of kPanels panels of eight channels, one after the other. Multipliers stay in
/// registers for one panel and are read again each time for two, where they would not fit.
template <StageKind kKind, int kPanels>
class DepthwiseStage {
 public:
  DepthwiseStage(const OutputStage& stage, const std::uint8_t* panels, std::ptrdiff_t panel_bytes)
      : panels_(panels),
        panel_bytes_(panel_bytes),
        zero_point_(vdupq_n_s16(static_cast<std::int16_t>(stage.zero_point))),
        low_(vdupq_n_s8(static_cast<std::int8_t>(stage.clamp_min))),
        high_(vdupq_n_s8(static_cast<std::int8_t>(stage.clamp_max))) {
    for (int i = 0; i < kPanels; ++i) {
      multipliers_[i] = Load(1, i);
      shifts_[i] = Load(2, i);
      const int16x8_t words =
          vcombine_s16(vmovn_s32(shifts_[i].val[0]), vmovn_s32(shifts_[i].val[1]));
      short_shift_[i] = vaddq_s16(words, vdupq_n_s16(kReluEarlyShift));
    }
  }

  /// Stores the channels of one pixel, of which `sums` holds four each.
  [[gnu::always_inline]] void Store(const int32x4_t (&sums)[2 * kPanels],
                                    std::int8_t* target) const {
    if constexpr (kPanels == 1) {
      vst1_s8(target, Narrow(Words(sums[0], sums[1], 0)));
    } else {
      vst1q_s8(target, Narrow(Words(sums[0], sums[1], 0), Words(sums[2], sums[3], 1)));
    }
  }

 private:
  static constexpr bool kIsRelu = kKind == StageKind::kRelu || kKind == StageKind::kShortRelu;
  static constexpr bool kReload = kPanels > 1;

  [[nodiscard]] [[gnu::always_inline]] int16x8_t Words(int32x4_t low, int32x4_t high,
                                                       int panel) const {
    if constexpr (kKind == StageKind::kAny) {
      low = Requantizer::ShiftLeft(low, Shifts(panel).val[0]);
      high = Requantizer::ShiftLeft(high, Shifts(panel).val[1]);
    }
    const int32x4x2_t multiplier = Multipliers(panel);
    low = vqdmulhq_s32(low, multiplier.val[0]);
    high = vqdmulhq_s32(high, multiplier.val[1]);
    // The shift in two parts, the second of which rounds: floors are nested. What saturates to 0
    // was negative, which gives 0 or less. What saturates to 65535 was more, and 65535 shifted by
    // up to 8 is 256 or more: 255 in the end either way.
    if constexpr (kKind == StageKind::kShortRelu) {
      const uint16x8_t words = ShiftRightNarrowUnsigned<kReluEarlyShift>(low, high);
      return vreinterpretq_s16_u16(vrshlq_u16(words, short_shift_[panel]));
    }
    const int32x4x2_t shift = Shifts(panel);
    low = vrshlq_s32(low, Right(shift.val[0]));
    high = vrshlq_s32(high, Right(shift.val[1]));
    if constexpr (kIsRelu) return vreinterpretq_s16_u16(NarrowUnsigned(low, high));
    return vqaddq_s16(Narrow32(low, high), zero_point_);
  }

  // With a zero point and a lower clamp of -128 a result below the zero point is that: negative
  // numbers saturate to 0 as they become unsigned, and what is above 255 to 255.
  [[nodiscard]] [[gnu::always_inline]] int8x8_t Narrow(int16x8_t words) const {
    if constexpr (kIsRelu) {
      const uint8x8_t bytes = vqmovn_u16(vreinterpretq_u16_s16(words));
      return vreinterpret_s8_u8(veor_u8(bytes, vdup_n_u8(128)));
    }
    return vmin_s8(vmax_s8(vqmovn_s16(words), vget_low_s8(low_)), vget_low_s8(high_));
  }
  [[nodiscard]] [[gnu::always_inline]] int8x16_t Narrow(int16x8_t low, int16x8_t high) const {
    if constexpr (kIsRelu) {
      const uint8x16_t bytes =
          NarrowUnsigned(vreinterpretq_u16_s16(low), vreinterpretq_u16_s16(high));
      return vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128)));
    }
    return vminq_s8(vmaxq_s8(Narrow16(low, high), low_), high_);
  }

  // The multipliers (row 1) or shifts (2) of a panel.
  [[nodiscard]] int32x4x2_t Load(int row, int panel) const {
    return LoadEight(panels_ + panel * panel_bytes_ + row * kHeaderBytes);
  }
  [[nodiscard]] int32x4x2_t Multipliers(int panel) const {
    return kReload ? Load(1, panel) : multipliers_[panel];
  }
  [[nodiscard]] int32x4x2_t Shifts(int panel) const {
    return kReload ? Load(2, panel) : shifts_[panel];
  }
  [[nodiscard]] static int32x4_t Right(int32x4_t shift) {
    return kKind == StageKind::kAny ? vminq_s32(shift, vdupq_n_s32(-1)) : shift;
  }

  const std::uint8_t* panels_;
  std::ptrdiff_t panel_bytes_;
  int32x4x2_t multipliers_[kPanels], shifts_[kPanels];
  int16x8_t short_shift_[kPanels], zero_point_;
  int8x16_t low_, high_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_DEPTHWISE_STAGE_H_
