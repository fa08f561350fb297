// What the depthwise kernels for windows of 3 x 3 share: the columns of an image from left to
// right, each with up to four input rows at one x.
#ifndef QUAVER_KERNELS_X86_DEPTHWISE_COLUMNS_H_
#define QUAVER_KERNELS_X86_DEPTHWISE_COLUMNS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/params.h"

namespace quaver::kernels {
namespace {

inline constexpr int kTaps3x3 = 3;
inline constexpr int kRowsOfColumn = 4;

/// I: makes an I::Column of the addresses of I::kRows rows at one pixel; PadColumn is one of
/// padding. Where rows are outside the image they stay at one pixel of padding.
template <typename I>
class Columns {
 public:
  using Column = typename I::Column;

  /// Of output row y. `input` is the first pixel's first channel, `padding` a pixel of padding.
  [[gnu::always_inline]] Columns(const DepthwiseConv2DParams& p, std::int32_t y,
                                 const std::int8_t* input, const std::int8_t* padding)
      : x_(-p.pad_left), width_(p.input_w), pad_(I::PadColumn(p.pad_value)) {
    const std::ptrdiff_t row_bytes = std::ptrdiff_t{p.input_w} * p.input_c;
    const std::int32_t top = y * p.stride_h - p.pad_top;
#pragma GCC unroll 4
    for (std::int32_t r = 0; r < I::kRows; ++r) {
      const bool inside = top + r >= 0 && top + r < p.input_h;
      rows_[r] = inside ? input + (top + r) * row_bytes : padding;
      steps_[r] = inside ? p.input_c : 0;
    }
  }

  [[gnu::always_inline]] Column Next() {
    const auto x = static_cast<std::uint32_t>(x_++);
    if (x >= static_cast<std::uint32_t>(width_)) return pad_;
    const Column column = interleave_(rows_);
#pragma GCC unroll 4
    for (int r = 0; r < I::kRows; ++r) rows_[r] += steps_[r];
    return column;
  }

 private:
  std::int32_t x_, width_;
  const Column pad_;
  const I interleave_{};
  const std::int8_t* rows_[I::kRows];
  std::ptrdiff_t steps_[I::kRows];
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_X86_DEPTHWISE_COLUMNS_H_
