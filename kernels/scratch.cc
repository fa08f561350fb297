#include "kernels/scratch.h"

namespace quaver::kernels {
namespace {

constexpr std::size_t RoundUp(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

bool ReadsInputInPlace(const Conv2DParams& p) {
  return p.kernel_h == 1 && p.kernel_w == 1 && p.pad_top == 0 && p.pad_left == 0 &&
         (p.output_h - 1) * p.stride_h < p.input_h && (p.output_w - 1) * p.stride_w < p.input_w;
}

std::size_t WindowStride(const Conv2DParams& p) {
  return RoundUp(static_cast<std::size_t>(p.kernel_h * p.kernel_w * (p.input_c / p.groups)), 16);
}

std::size_t Conv2DTiledScratch(const Conv2DParams& p) {
  return ReadsInputInPlace(p) ? 0 : RoundUp(kConvBlockPixels * WindowStride(p), 64);
}

std::size_t PaddingPixelBytes(const DepthwiseConv2DParams& p) {
  return RoundUp(static_cast<std::size_t>(p.input_c), 64);
}

std::size_t DepthwiseConv2DTiledScratch(const DepthwiseConv2DParams& p) {
  return PaddingPixelBytes(p) + RoundUp(static_cast<std::size_t>(p.kernel_h * p.kernel_w) * 8, 64);
}

}  // namespace quaver::kernels
