// Average and max pooling: sixteen channels at a time.
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/arm/channel_blocks.h"
#include "kernels/arm/output_stage.h"
#include "kernels/generic/pool2d.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

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

// The mean of the values of a window.
class AverageOf {
 public:
  explicit AverageOf(const AveragePool2DParams& p) : p_(p), narrow_(0, p.clamp_min, p.clamp_max) {}

  void Pixel(const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
    if (const std::int32_t count = window.Count(); count != count_) {
      count_ = count;
      divide_ = RoundedDivider(count > 1 ? count : 2);
    }
    std::int32_t rows = window.y_end - window.y_begin;
    std::int32_t columns = window.x_end - window.x_begin;
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.input_w} * p_.channels;
    if (columns == p_.input_w) {  // whole rows lie together
      columns *= rows;
      rows = 1;
    }
    const std::int8_t* first =
        image + window.y_begin * row_bytes + std::ptrdiff_t{window.x_begin} * p_.channels;
    ForEachBlock(p_.channels, [&](const auto& block, std::int32_t c) {
      Sums sums;
      for (std::int32_t y = 0; y < rows; ++y) {
        sums.Add(block, first + c + y * row_bytes, p_.channels, columns);
      }
      int32x4_t mean[4];
      for (int v = 0; v < 4; ++v) mean[v] = count_ > 1 ? divide_(sums[v]) : sums[v];
      block.Store(narrow_(mean[0], mean[1], mean[2], mean[3]), output + c);
    });
  }

 private:
  const AveragePool2DParams& p_;
  Narrower narrow_;
  RoundedDivider divide_{2};
  std::int32_t count_ = 0;
};

// The largest value of a window.
class LargestOf {
 public:
  explicit LargestOf(const MaxPool2DParams& p)
      : p_(p),
        low_(vdupq_n_s8(static_cast<std::int8_t>(p.clamp_min))),
        high_(vdupq_n_s8(static_cast<std::int8_t>(p.clamp_max))) {
    if (p.filter_h != 2 || p.filter_w != 2 || p.input_w < 2) return;
    const std::int32_t fit = (p.input_w - 2 + p.pad_left) / p.stride_w + 1;
    end_ = fit < p.output_w ? fit : p.output_w;
    const std::int32_t inside = (p.pad_left + p.stride_w - 1) / p.stride_w;
    begin_ = inside < end_ ? inside : end_;
  }

  void Pixel(const PoolWindow& window, const std::int8_t* image, std::int8_t* output) const {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.input_w} * p_.channels;
    const std::int8_t* first =
        image + window.y_begin * row_bytes + std::ptrdiff_t{window.x_begin} * p_.channels;
    ForEachBlock(p_.channels, [&](const auto& block, std::int32_t c) {
      int8x16_t largest = low_;
      const std::int8_t* row = first + c;
      for (std::int32_t y = window.y_begin; y < window.y_end; ++y, row += row_bytes) {
        const std::int8_t* pixel = row;
        for (std::int32_t x = window.x_begin; x < window.x_end; ++x, pixel += p_.channels) {
          largest = vmaxq_s8(largest, block.Load(pixel));
        }
      }
      block.Store(vminq_s8(largest, high_), output + c);
    });
  }

  // `count` windows of 2 x 2, the first of them at `first`.
  void Row2x2(const std::int8_t* first, std::int32_t count, std::int8_t* output) const {
    if (p_.channels == 8 && p_.stride_w == 2) {
      const std::int32_t pairs = count / 2;
      PairsOfEight(first, pairs, output);
      if (count == 2 * pairs) return;
      first += pairs * 32, output += pairs * 16, count -= 2 * pairs;
    }
    const std::ptrdiff_t step = p_.channels;
    const std::ptrdiff_t row_bytes = p_.input_w * step;
    const std::ptrdiff_t stride_bytes = p_.stride_w * step;
    const int8x16_t low = low_;
    const int8x16_t high = high_;
    ForEachBlock(p_.channels, [&](const auto& block, std::int32_t c) {
      const std::int8_t* pixel = first + c;
      const std::int8_t* below = pixel + row_bytes;
      std::int8_t* target = output + c;
      for (std::int32_t i = 0; i < count; ++i) {
        const int8x16_t top = vmaxq_s8(block.Load(pixel), block.Load(pixel + step));
        const int8x16_t bottom = vmaxq_s8(block.Load(below), block.Load(below + step));
        block.Store(vminq_s8(vmaxq_s8(vmaxq_s8(top, bottom), low), high), target);
        pixel += stride_bytes;
        below += stride_bytes;
        target += step;
      }
    });
  }

  // `pairs` of windows of 2 x 2 beside each other, of eight channels: a register holds two pixels.
  void PairsOfEight(const std::int8_t* first, std::int32_t pairs, std::int8_t* output) const {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p_.input_w} * 8;
    const int8x16_t low = low_;
    const int8x16_t high = high_;
    for (const std::int8_t* end = first + pairs * 32; first < end; first += 32, output += 16) {
      const std::int8_t* below = first + row_bytes;
      const int8x16_t left = vmaxq_s8(vld1q_s8(first), vld1q_s8(below));
      const int8x16_t right = vmaxq_s8(vld1q_s8(first + 16), vld1q_s8(below + 16));
      const int8x16_t largest = vmaxq_s8(vcombine_s8(vget_low_s8(left), vget_low_s8(right)),
                                         vcombine_s8(vget_high_s8(left), vget_high_s8(right)));
      vst1q_s8(output, vminq_s8(vmaxq_s8(largest, low), high));
    }
  }

  // Output row number `row`.
  void Row(std::int32_t row, const std::int8_t* image, std::int8_t* output) const {
    const std::int32_t top = row * p_.stride_h - p_.pad_top;
    const bool inside = begin_ < end_ && top >= 0 && top + 2 <= p_.input_h;
    if (inside) {
      const std::int8_t* first =
          image +
          (std::ptrdiff_t{top} * p_.input_w + begin_ * p_.stride_w - p_.pad_left) * p_.channels;
      Row2x2(first, end_ - begin_, output + std::ptrdiff_t{begin_} * p_.channels);
    }
    for (std::int32_t x = 0; x < p_.output_w; ++x) {
      if (inside && x == begin_) x = end_;
      if (x < p_.output_w) {
        Pixel(WindowAt(p_, row, x), image, output + std::ptrdiff_t{x} * p_.channels);
      }
    }
  }

 private:
  const MaxPool2DParams& p_;
  int8x16_t low_, high_;
  std::int32_t begin_ = 0, end_ = 0;  // columns whose windows are 2 x 2 and inside the image
};

}  // namespace

void AveragePool2DNeon(const AveragePool2DParams& p, const Work& work) {
  AverageOf average(p);
  ForEachPooledPixel(p, work,
                     [&](const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
                       average.Pixel(window, image, output);
                     });
}

void MaxPool2DNeon(const MaxPool2DParams& p, const Work& work) {
  const LargestOf largest(p);
  const std::ptrdiff_t image = std::ptrdiff_t{p.input_h} * p.input_w * p.channels;
  const std::ptrdiff_t output_row = std::ptrdiff_t{p.output_w} * p.channels;
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    largest.Row(row % p.output_h, p.input + row / p.output_h * image, p.output + row * output_row);
  }
}

}  // namespace quaver::kernels
