// Channels of pixels, sixteen at a time, and their sums.
#ifndef QUAVER_KERNELS_ARM_CHANNEL_BLOCKS_H_
#define QUAVER_KERNELS_ARM_CHANNEL_BLOCKS_H_

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace quaver::kernels {
namespace {

/// Sixteen channels of one pixel after the other.
struct Block16 {
  [[nodiscard]] static int8x16_t Load(const std::int8_t* pixel) { return vld1q_s8(pixel); }
  static void Store(int8x16_t bytes, std::int8_t* output) { vst1q_s8(output, bytes); }
};

/// Eight, in the lower half.
struct Block8 {
  [[nodiscard]] static int8x16_t Load(const std::int8_t* pixel) {
    return vcombine_s8(vld1_s8(pixel), vdup_n_s8(0));
  }
  static void Store(int8x16_t bytes, std::int8_t* output) { vst1_s8(output, vget_low_s8(bytes)); }
};

/// Fewer than sixteen.
class BlockPart {
 public:
  explicit BlockPart(std::int32_t channels) : channels_(static_cast<std::size_t>(channels)) {}

  [[nodiscard]] int8x16_t Load(const std::int8_t* pixel) const {
    std::int8_t bytes[16] = {};
    std::memcpy(bytes, pixel, channels_);
    return vld1q_s8(bytes);
  }
  void Store(int8x16_t bytes, std::int8_t* output) const {
    std::int8_t all[16];
    vst1q_s8(all, bytes);
    std::memcpy(output, all, channels_);
  }

 private:
  std::size_t channels_;
};

/// f(block, its first channel) for blocks that cover all channels, the last one together with some
/// of those before it.
template <typename F>
void ForEachBlock(std::int32_t channels, F f) {
  if (channels < 8) return f(BlockPart(channels), 0);
  if (channels < 16) {
    f(Block8{}, 0);
    if (channels > 8) f(Block8{}, channels - 8);
    return;
  }
  for (std::int32_t c = 0; c < channels; c += 16) {
    f(Block16{}, c + 16 <= channels ? c : channels - 16);
  }
}

/// Sums of sixteen channels.
class Sums {
 public:
  // `count` pixels, `stride` bytes apart: in 16 bits while they fit (255 * -128 = -32640), then in
  // 32.
  template <typename Block>
  void Add(const Block& block, const std::int8_t* pixel, std::ptrdiff_t stride,
           std::int32_t count) {
    constexpr std::int32_t kMost = 255;
    while (count > 0) {
      const std::int32_t part = count < kMost ? count : kMost;
      int16x8_t low = vdupq_n_s16(0);
      int16x8_t high = vdupq_n_s16(0);
#pragma GCC unroll 4
      for (std::int32_t i = 0; i < part; ++i) {
        const int8x16_t q = block.Load(pixel);
        low = vaddw_s8(low, vget_low_s8(q));
        high = vaddw_s8(high, vget_high_s8(q));
        pixel += stride;
      }
      sums_[0] = vaddw_s16(sums_[0], vget_low_s16(low));
      sums_[1] = vaddw_s16(sums_[1], vget_high_s16(low));
      sums_[2] = vaddw_s16(sums_[2], vget_low_s16(high));
      sums_[3] = vaddw_s16(sums_[3], vget_high_s16(high));
      count -= part;
    }
  }

  // Of four channels each.
  [[nodiscard]] int32x4_t operator[](int v) const { return sums_[v]; }

 private:
  int32x4_t sums_[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_ARM_CHANNEL_BLOCKS_H_
