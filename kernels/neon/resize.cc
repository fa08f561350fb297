#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/generic/byte_runs.h"
#include "kernels/generic/resize_bilinear.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

void CopyPixel(const std::uint8_t* source, std::uint8_t* target, std::size_t bytes) {
  if (bytes > 16) {
    for (; bytes > 32; bytes -= 16, source += 16, target += 16) vst1q_u8(target, vld1q_u8(source));
    OverlappingRun<16>{bytes}(target, source);
  } else if (bytes >= 8) {
    OverlappingRun<8>{bytes}(target, source);
  } else if (bytes >= 4) {
    OverlappingRun<4>{bytes}(target, source);
  } else {
    for (std::size_t i = 0; i < bytes; ++i) target[i] = source[i];
  }
}

// One output pixel from its four neighbours.
class Blend {
 public:
  static constexpr std::int32_t kChannels = 8;

  Blend(std::int32_t wy, std::int32_t wx)
      : upper_(vdup_n_s16(static_cast<std::int16_t>(kOne - wy))),
        lower_(vdup_n_s16(static_cast<std::int16_t>(wy))),
        left_(vdupq_n_s32(kOne - wx)),
        right_(vdupq_n_s32(wx)) {}

  // The sums over two rows are at most 2^17, those of all four 2^27.
  void operator()(const std::int8_t* p00, const std::int8_t* p10, const std::int8_t* p01,
                  const std::int8_t* p11, std::int8_t* output) const {
    const int32x4x2_t left = Column(p00, p10);
    const int32x4x2_t right = Column(p01, p11);
    vst1_s8(output, vmovn_s16(vcombine_s16(vmovn_s32(Row(left.val[0], right.val[0])),
                                           vmovn_s32(Row(left.val[1], right.val[1])))));
  }

 private:
  static constexpr std::int32_t kOne = 1 << 10;
  static constexpr int kBits = 20;

  [[nodiscard]] int32x4x2_t Column(const std::int8_t* above, const std::int8_t* below) const {
    const int16x8_t a = vmovl_s8(vld1_s8(above));
    const int16x8_t b = vmovl_s8(vld1_s8(below));
    return {{vmlal_s16(vmull_s16(vget_low_s16(a), upper_), vget_low_s16(b), lower_),
             vmlal_s16(vmull_s16(vget_high_s16(a), upper_), vget_high_s16(b), lower_)}};
  }
  // Halves go up, as SRSHR rounds.
  [[nodiscard]] int32x4_t Row(int32x4_t left, int32x4_t right) const {
    return vrshrq_n_s32(vmlaq_s32(vmulq_s32(left, left_), right, right_), kBits);
  }

  int16x4_t upper_, lower_;
  int32x4_t left_, right_;
};

}  // namespace

void ResizeNearestNeon(const ResizeNearestParams& params, const Work& work) {
  const ResizeNearestParams p = params;  // a copy, which no store to the output can change
  const auto* input = reinterpret_cast<const std::uint8_t*>(p.input);
  const auto channels = static_cast<std::size_t>(p.channels);
  const std::ptrdiff_t output_row_bytes = std::ptrdiff_t{p.output_w} * p.channels;
  std::ptrdiff_t copied_row = 0;  // of the input, that the output row before has
  for (std::int32_t row = work.begin; row < work.end; ++row) {
    const std::ptrdiff_t source_row =
        std::ptrdiff_t{row / p.output_h} * p.input_h + p.source_y[row % p.output_h];
    const std::uint8_t* source = input + source_row * p.input_w * p.channels;
    auto* target = reinterpret_cast<std::uint8_t*>(p.output) + row * output_row_bytes;
    if (row > work.begin && source_row == copied_row) {
      std::memcpy(target, target - output_row_bytes, static_cast<std::size_t>(output_row_bytes));
      continue;
    }
    copied_row = source_row;
    for (std::int32_t x = 0; x < p.output_w; ++x) {
      CopyPixel(source + std::ptrdiff_t{p.source_x[x]} * p.channels, target, channels);
      target += p.channels;
    }
  }
}

void ResizeBilinearNeon(const ResizeBilinearParams& params, const Work& work) {
  RunResizeBilinear<Blend>(params, work);
}

}  // namespace quaver::kernels
