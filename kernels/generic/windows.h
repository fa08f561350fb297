// The inputs of a convolution's windows as pointers for GemmTile: into the input where they can be
// read there, else to copies.
#ifndef QUAVER_KERNELS_GENERIC_WINDOWS_H_
#define QUAVER_KERNELS_GENERIC_WINDOWS_H_

#include <cstddef>
#include <cstdint>

#include "kernels/generic/window_plan.h"
#include "kernels/params.h"

namespace quaver::kernels {
namespace {

/// D::Element is what the kernel reads. D::CopyRun(source, count, target, overread) copies inputs
/// to elements, D::FillRun(value, count, target) sets them; both may write up to kCopyOverrun bytes
/// too many, and CopyRun reads up to 15 too many if allowed.
template <typename D>
class Windows {
 public:
  using Element = typename D::Element;

  Windows(const Conv2DParams& p, const WindowPlan& plan, std::int8_t* scratch)
      : p_(p),
        plan_(plan),
        group_inputs_(p.input_c / p.groups),
        input_end_(p.input + std::ptrdiff_t{p.batch} * p.input_h * p.input_w * p.input_c),
        pointers_(reinterpret_cast<const std::uint8_t**>(scratch)),
        pad_(reinterpret_cast<Element*>(scratch + plan.pointers_bytes)),
        slots_(scratch + plan.pointers_bytes + plan.pad_bytes) {
    for (std::int32_t i = 0; i < plan.padded_run; ++i) pad_[i] = static_cast<Element>(p.pad_value);
  }

  /// Pointers of `count` pixels from `pixel` (counted over all rows and images) on:
  /// pointers()[run * stride() + i].
  void Prepare(std::int64_t pixel, std::int32_t count, std::int32_t group) {
    auto row = static_cast<std::int32_t>(pixel / p_.output_w);
    auto ox = static_cast<std::int32_t>(pixel % p_.output_w);
    for (std::int32_t i = 0; i < count; ++row, ox = 0) {
      const std::int32_t left = p_.output_w - ox;
      const std::int32_t n = left < count - i ? left : count - i;
      PrepareRow(row, ox, n, group, i);
      i += n;
    }
  }

  [[nodiscard]] const std::uint8_t* const* pointers() const { return pointers_; }
  [[nodiscard]] std::ptrdiff_t stride() const { return plan_.block_pixels; }

 private:
  // Output pixels [ox, ox + count) of a row, as pixels `first`, ... of the block.
  void PrepareRow(std::int32_t row, std::int32_t ox, std::int32_t count, std::int32_t group,
                  std::int32_t first) {
    const std::int8_t* image =
        p_.input + row / p_.output_h * (std::ptrdiff_t{p_.input_h} * p_.input_w * p_.input_c) +
        group * group_inputs_;
    const std::int32_t top = row % p_.output_h * p_.stride_h - p_.pad_top;
    if (plan_.pointwise) {
      const auto* source = reinterpret_cast<const std::uint8_t*>(image) +
                           (std::ptrdiff_t{top} * p_.input_w + ox * p_.stride_w) * p_.input_c;
      const std::ptrdiff_t step = std::ptrdiff_t{p_.stride_w} * p_.input_c;
      for (std::int32_t i = 0; i < count; ++i) pointers_[first + i] = source + i * step;
      return;
    }
    for (std::int32_t ky = 0; ky < p_.kernel_h; ++ky) {
      const std::int32_t y = top + ky * p_.dilation_h;
      const bool inside = y >= 0 && y < p_.input_h;
      const std::int8_t* input_row =
          inside ? image + std::ptrdiff_t{y} * p_.input_w * p_.input_c : nullptr;
      const std::int32_t left = ox * p_.stride_w - p_.pad_left;
      if (plan_.row_runs) {
        PrepareRuns(input_row, ky, left, p_.kernel_w, count, first);
        continue;
      }
      for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
        PrepareRuns(input_row, ky * p_.kernel_w + kx, left + kx * p_.dilation_w, 1, count, first);
      }
    }
  }

  // Run number `run`, of `taps` neighbours, for `count` pixels. `row`: null where it is padding.
  void PrepareRuns(const std::int8_t* row, std::int32_t run, std::int32_t left, std::int32_t taps,
                   std::int32_t count, std::int32_t first) {
    const std::uint8_t** target = pointers_ + run * stride() + first;
    std::int8_t* slot =
        slots_ + run * static_cast<std::ptrdiff_t>(plan_.slots_bytes) + first * plan_.slot_bytes;
    for (std::int32_t i = 0; i < count;) {
      const std::int32_t x = left + i * p_.stride_w;
      const std::int32_t inner = plan_.copy_all ? 0 : InPlaceCount(row, x, taps, count - i);
      if (inner > 0) {
        const auto* source =
            reinterpret_cast<const std::uint8_t*>(row) + std::ptrdiff_t{x} * p_.input_c;
        const std::ptrdiff_t step = std::ptrdiff_t{p_.stride_w} * p_.input_c;
        for (std::int32_t n = 0; n < inner; ++n) target[i + n] = source + n * step;
        i += inner;
        continue;
      }
      if (!plan_.copy_all && Outside(row, x, taps)) {
        target[i] = reinterpret_cast<const std::uint8_t*>(pad_);
      } else {
        std::int8_t* copy = slot + i * plan_.slot_bytes;
        Copy(row, x, taps, reinterpret_cast<Element*>(copy));
        target[i] = reinterpret_cast<const std::uint8_t*>(copy);
      }
      ++i;
    }
  }

  [[nodiscard]] bool Outside(const std::int8_t* row, std::int32_t left, std::int32_t taps) const {
    return row == nullptr || left + taps <= 0 || left >= p_.input_w;
  }

  // How many of `count` pixels, from the one at `left` on, can read their run where it lies.
  [[nodiscard]] std::int32_t InPlaceCount(const std::int8_t* row, std::int32_t left,
                                          std::int32_t taps, std::int32_t count) const {
    const std::int32_t room = p_.input_w - taps - left;
    if (row == nullptr || left < 0 || room < 0) return 0;
    const std::int32_t fit = room / p_.stride_w + 1;
    std::int32_t inner = fit < count ? fit : count;
    // Only a run near the end of the tensor would be read beyond that.
    const std::ptrdiff_t last = std::ptrdiff_t{left} + (inner - 1) * p_.stride_w;
    const std::int8_t* end = row + last * p_.input_c + plan_.padded_run;
    while (inner > 0 && end > input_end_) {
      --inner;
      end -= std::ptrdiff_t{p_.stride_w} * p_.input_c;
    }
    return inner;
  }

  // A run with what of it is padding. The copies of a run lie in the order of the pixels, in which
  // they are made: writing beyond the end of one does no harm.
  void Copy(const std::int8_t* row, std::int32_t left, std::int32_t taps, Element* target) const {
    const std::int32_t right = left + taps;
    if (Outside(row, left, taps)) {
      D::FillRun(p_.pad_value, taps * group_inputs_, target);
      return;
    }
    const std::int32_t before = left < 0 ? -left : 0;
    const std::int32_t stop = (right < p_.input_w ? right : p_.input_w) - left;
    if (before > 0) D::FillRun(p_.pad_value, before * group_inputs_, target);
    const std::int8_t* source = row + std::ptrdiff_t{left + before} * p_.input_c;
    const std::int32_t count = (stop - before) * group_inputs_;
    D::CopyRun(source, count, target + before * group_inputs_, input_end_ - source >= count + 15);
    if (stop < taps) {
      D::FillRun(p_.pad_value, (taps - stop) * group_inputs_, target + stop * group_inputs_);
    }
  }

  const Conv2DParams& p_;
  const WindowPlan& plan_;
  std::int32_t group_inputs_;
  const std::int8_t* input_end_;
  const std::uint8_t** pointers_;
  Element* pad_;
  std::int8_t* slots_;
};

}  // namespace
}  // namespace quaver::kernels

#endif  // QUAVER_KERNELS_GENERIC_WINDOWS_H_
