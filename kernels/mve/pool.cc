// AveragePool2D and MaxPool2D: channels in the lanes.
#include <arm_mve.h>

#include "kernels/generic/pool2d.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// reduce(window, image, channel, output) for each output pixel and block of kLanes channels;
/// `image` is at the first of them.
template <std::int32_t kLanes, typename Reduce>
void PoolBlocks(const Pool2DParams& p, const Work& work, Reduce reduce) {
  ForEachPooledPixel(p, work,
                     [&](const PoolWindow& window, const std::int8_t* image, std::int8_t* output) {
                       for (std::int32_t c = 0; c < p.channels; c += kLanes) {
                         reduce(window, image + c, p.channels - c, output + c);
                       }
                     });
}

/// value = fold(value, address) for each pixel of the window.
template <typename Vector, typename Fold>
Vector FoldWindow(const Pool2DParams& p, const PoolWindow& window, const std::int8_t* image,
                  Vector value, Fold fold) {
  const std::int8_t* row =
      image + (std::ptrdiff_t{window.y_begin} * p.input_w + window.x_begin) * p.channels;
  for (std::int32_t y = window.y_begin; y < window.y_end; ++y) {
    const std::int8_t* pixel = row;
    for (std::int32_t x = window.x_begin; x < window.x_end; ++x) {
      value = fold(value, pixel);
      pixel += p.channels;
    }
    row += std::ptrdiff_t{p.input_w} * p.channels;
  }
  return value;
}

/// sum / count, halves away from zero. Helium has no division.
int32x4_t DivideRoundingHalfAway(int32x4_t sum, std::int32_t count) {
  std::int32_t values[4];
  vstrwq_s32(values, sum);
  for (std::int32_t& value : values) {
    value = (value > 0 ? value + count / 2 : value - count / 2) / count;
  }
  return vldrwq_s32(values);
}

}  // namespace

void AveragePool2DMve(const AveragePool2DParams& p, const Work& work) {
  const int32x4_t low = vdupq_n_s32(p.clamp_min);
  const int32x4_t high = vdupq_n_s32(p.clamp_max);
  PoolBlocks<4>(p, work,
                [&p, low, high](const PoolWindow& window, const std::int8_t* image,
                                std::int32_t channels, std::int8_t* output) {
                  const mve_pred16_t lanes = vctp32q(static_cast<std::uint32_t>(channels));
                  const int32x4_t sum =
                      FoldWindow(p, window, image, vdupq_n_s32(0),
                                 [lanes](int32x4_t value, const std::int8_t* pixel) {
                                   return vaddq_s32(value, vldrbq_z_s32(pixel, lanes));
                                 });
                  const int32x4_t mean = DivideRoundingHalfAway(sum, window.Count());
                  vstrbq_p_s32(output, vminq_s32(vmaxq_s32(mean, low), high), lanes);
                });
}

void MaxPool2DMve(const MaxPool2DParams& p, const Work& work) {
  const int8x16_t low = vdupq_n_s8(static_cast<std::int8_t>(p.clamp_min));
  const int8x16_t high = vdupq_n_s8(static_cast<std::int8_t>(p.clamp_max));
  PoolBlocks<16>(p, work,
                 [&p, low, high](const PoolWindow& window, const std::int8_t* image,
                                 std::int32_t channels, std::int8_t* output) {
                   const mve_pred16_t lanes = vctp8q(static_cast<std::uint32_t>(channels));
                   const int8x16_t largest =
                       FoldWindow(p, window, image, vdupq_n_s8(INT8_MIN),
                                  [lanes](int8x16_t value, const std::int8_t* pixel) {
                                    return vmaxq_s8(value, vldrbq_z_s8(pixel, lanes));
                                  });
                   vstrbq_p_s8(output, vminq_s8(vmaxq_s8(largest, low), high), lanes);
                 });
}

}  // namespace quaver::kernels
