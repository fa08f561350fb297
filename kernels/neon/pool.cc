// Average and max pooling, and the mean over dimensions that keeps the last one: sixteen channels
// at a time.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/arm/output_stage.h"
#include "kernels/generic/nd_loop.h"
#include "kernels/generic/pool2d.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

constexpr std::int32_t kBlock = 16;

// Up to kBlock channels of one pixel after the other.
class ChannelBlock {
 public:
  explicit ChannelBlock(std::int32_t channels) : channels_(channels < kBlock ? channels : kBlock) {}

  [[nodiscard]] std::int32_t channels() const { return channels_; }

  // Of which the first channels() count.
  int8x16_t Load(const std::int8_t* pixel) {
    if (channels_ == kBlock) return vld1q_s8(pixel);
    std::memcpy(buffer_, pixel, static_cast<std::size_t>(channels_));
    return vld1q_s8(buffer_);
  }

  void Store(int8x16_t bytes, std::int8_t* output) const {
    if (channels_ == kBlock) {
      vst1q_s8(output, bytes);
    } else {
      std::int8_t all[kBlock];
      vst1q_s8(all, bytes);
      std::memcpy(output, all, static_cast<std::size_t>(channels_));
    }
  }

 private:
  std::int32_t channels_;
  std::int8_t buffer_[kBlock] = {};
};

// Sums of sixteen channels: in 16 bits while they fit (255 * -128 = -32640), then in 32.
class Sums {
 public:
  void Add(int8x16_t q) {
    low_ = vaddw_s8(low_, vget_low_s8(q));
    high_ = vaddw_s8(high_, vget_high_s8(q));
    if (++count_ == 255) Flush();
  }

  // The sums of four channels each.
  const int32x4_t (&Finish())[4] {
    Flush();
    return sums_;
  }

 private:
  void Flush() {
    sums_[0] = vaddw_s16(sums_[0], vget_low_s16(low_));
    sums_[1] = vaddw_s16(sums_[1], vget_high_s16(low_));
    sums_[2] = vaddw_s16(sums_[2], vget_low_s16(high_));
    sums_[3] = vaddw_s16(sums_[3], vget_high_s16(high_));
    low_ = high_ = vdupq_n_s16(0);
    count_ = 0;
  }

  int16x8_t low_ = vdupq_n_s16(0), high_ = vdupq_n_s16(0);
  int32x4_t sums_[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  std::int32_t count_ = 0;
};

// sum / count with halves away from zero, for |sum| <= 128 * count and 1 < count < 2^23.
//
// With n = |sum| + floor(count / 2), k = 31 + ceil(log2 count), M = floor(2^k / count) + 1:
// floor(n / count) = floor(n * M / 2^k). Proof: M * count = 2^k + e with 0 < e <= count, so
// n * M / 2^k = n / count + n * e / (count * 2^k), and the last term is below 1 / count, as
// n * e <= 129 * count^2 < 2^31 * count <= 2^k. 2^31 < M < 2^32, as count < 2^23.
class RoundedDivider {
 public:
  explicit RoundedDivider(std::int32_t count) {
    std::int32_t log = 1;
    while ((std::int64_t{1} << log) < count) ++log;
    const std::uint64_t factor =
        (std::uint64_t{1} << (31 + log)) / static_cast<std::uint32_t>(count) + 1;
    factor_ = vdup_n_u32(static_cast<std::uint32_t>(factor));
    right_ = vdupq_n_s32(1 - log);
    half_ = vdupq_n_s32(count / 2);
  }

  [[nodiscard]] int32x4_t operator()(int32x4_t sum) const {
    const uint32x4_t n = vreinterpretq_u32_s32(vaddq_s32(vabsq_s32(sum), half_));
    const uint32x4_t high = vcombine_u32(vshrn_n_u64(vmull_u32(vget_low_u32(n), factor_), 32),
                                         vshrn_n_u64(vmull_u32(vget_high_u32(n), factor_), 32));
    const int32x4_t quotient = vreinterpretq_s32_u32(vshlq_u32(high, right_));
    const int32x4_t sign = vshrq_n_s32(sum, 31);
    return vsubq_s32(veorq_s32(quotient, sign), sign);
  }

 private:
  uint32x2_t factor_;
  int32x4_t right_, half_;
};

}  // namespace

void AveragePool2DNeon(const AveragePool2DParams& p, const Work& work) {
  const Narrower narrow(0, p.clamp_min, p.clamp_max);
  const auto pool = [&](const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
    const std::int32_t count = window.Count();
    const RoundedDivider divide(count > 1 ? count : 2);
    for (std::int32_t c = 0; c < p.channels; c += kBlock) {
      ChannelBlock block(p.channels - c);
      Sums sums;
      ForEachInput(p, window, image,
                   [&](const std::int8_t* pixel) { sums.Add(block.Load(pixel + c)); });
      const int32x4_t(&total)[4] = sums.Finish();
      int32x4_t mean[4];
      for (int v = 0; v < 4; ++v) mean[v] = count > 1 ? divide(total[v]) : total[v];
      block.Store(narrow(mean[0], mean[1], mean[2], mean[3]), output + c);
    }
  };
  ForEachPooledPixel(p, work, pool);
}

void MaxPool2DNeon(const MaxPool2DParams& p, const Work& work) {
  const int8x16_t low = vdupq_n_s8(static_cast<std::int8_t>(p.clamp_min));
  const int8x16_t high = vdupq_n_s8(static_cast<std::int8_t>(p.clamp_max));
  const auto pool = [&](const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
    for (std::int32_t c = 0; c < p.channels; c += kBlock) {
      ChannelBlock block(p.channels - c);
      int8x16_t largest = low;
      ForEachInput(p, window, image, [&](const std::int8_t* pixel) {
        largest = vmaxq_s8(largest, block.Load(pixel + c));
      });
      block.Store(vminq_s8(largest, high), output + c);
    }
  };
  ForEachPooledPixel(p, work, pool);
}

void ReduceMeanNeon(const ReduceMeanParams& p, const Work& work) {
  if (p.kept_rank == 0 || p.kept_strides[p.kept_rank - 1] != 1) return ReduceMeanScalar(p, work);
  const Requantizer requantize(vdupq_n_s32(p.output_multiplier), vdupq_n_s32(p.output_shift));
  const Narrower narrow(p.output_zero_point, p.clamp_min, p.clamp_max);
  const std::uint32_t zero_points =
      static_cast<std::uint32_t>(p.input_zero_point) * static_cast<std::uint32_t>(p.reduced_count);
  const int32x4_t bias = vdupq_n_s32(static_cast<std::int32_t>(zero_points));
  const std::int32_t length = p.kept_dims[p.kept_rank - 1];
  NdLoop<1> kept(p.kept_dims, p.kept_rank, {p.kept_strides});
  for (std::int32_t i = work.begin; i < work.end;) {
    kept.Seek(i);
    const std::int32_t row_left = length - i % length;
    ChannelBlock block(work.end - i < row_left ? work.end - i : row_left);
    Sums sums;
    NdLoop<1> reduced(p.reduced_dims, p.reduced_rank, {p.reduced_strides});
    reduced.Seek(0);
    for (std::int32_t r = 0; r < p.reduced_count; ++r) {
      sums.Add(block.Load(p.input + kept.offset(0) + reduced.offset(0)));
      reduced.Next();
    }
    const int32x4_t(&total)[4] = sums.Finish();
    int32x4_t mean[4];
    for (int v = 0; v < 4; ++v) mean[v] = requantize(vsubq_s32(total[v], bias));
    block.Store(narrow(mean[0], mean[1], mean[2], mean[3]), p.output + i);
    i += block.channels();
  }
}

}  // namespace quaver::kernels
